"""All that is registered in Mistral, as its language has it, with a digest that tells one release from the next."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import yaml

from tripleo_gitops.runs.composing_workflows import COMPOSING_WORKFLOWS
from tripleo_gitops.runs.deployment_workflows import DEPLOYMENT_WORKFLOWS
from tripleo_gitops.runs.machine_workflows import MACHINE_WORKFLOWS
from tripleo_gitops.runs.run_workflows import SERVED, ServedWorkflow
from tripleo_gitops.runs.short_workflows import SHORT_WORKFLOWS, ShortWorkflow
from tripleo_gitops.runs.stack_workflows import STACK_WORKFLOWS, RemovingWorkflow, WaitingWorkflow
from tripleo_gitops.runs.workbook_messages import messaging_workbook

DIGITS = 16


@dataclass(frozen=True, slots=True)
class Workbook:
    """One workbook: its name, the names of its workflows, and its text."""

    name: str
    workflows: tuple[str, ...]
    text: str


class _WithoutAliases(yaml.SafeDumper):
    """Writes what stands twice twice: Mistral cuts a text into workflows, and its anchors with it."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # PyYAML's name
        return True


def workbooks() -> tuple[Workbook, ...]:
    """Return every workbook, sorted by name; the text ends with its own digest, as a comment."""
    documents: dict[str, dict[str, Any]] = {"tripleo.messaging.v1": messaging_workbook()}
    every: tuple[ShortWorkflow | ServedWorkflow | WaitingWorkflow | RemovingWorkflow, ...] = (
        *SHORT_WORKFLOWS,
        *COMPOSING_WORKFLOWS,
        *DEPLOYMENT_WORKFLOWS,
        *MACHINE_WORKFLOWS,
        *STACK_WORKFLOWS,
        *SERVED,
    )
    for one in every:
        document = documents.setdefault(one.workbook, {"version": "2.0", "name": one.workbook, "workflows": {}})
        document["workflows"][one.name] = one.to_workflow()
    return tuple(
        Workbook(name, tuple(f"{name}.{workflow}" for workflow in document["workflows"]), _text(document))
        for name, document in sorted(documents.items())
    )


def _text(document: dict[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:DIGITS]
    text = yaml.dump(document, Dumper=_WithoutAliases, sort_keys=False, width=1000)
    return f"{text}# tripleo-gitops {digest}\n"
