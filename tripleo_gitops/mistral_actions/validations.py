"""`tripleo.validations.*`: which validations a plan has, one of them run; and what each found, and how to stop some."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import Refused
from tripleo_gitops.mistral_actions.server import server_config
from tripleo_gitops.mistral_actions.steps import step
from tripleo_gitops.operations.playbooks.validation_jobs import find_validations
from tripleo_gitops.operations.playbooks.validation_results import ResultQuery
from tripleo_gitops.operations.playbooks.validation_stopping import stop_validations
from tripleo_gitops.plan.settings import read_settings
from tripleo_gitops.runs.workflows import WORKFLOWS
from tripleo_gitops.wiring.ansible import open_results, shipped_validations
from tripleo_gitops.wiring.runs_settings import read_runs_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.mistral_actions.row import Call
    from tripleo_gitops.operations.plan_service import PlanService
    from tripleo_gitops.validations.catalogue import Catalogue

WORKFLOW = "validation"
MOST = 1000


def list_validations(service: PlanService, *, plan: str, groups: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Validations that a plan has, its own before the shipped ones; those of some groups, or all."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "groups": list(one.groups),
            "description": one.description,
            "parameters": dict(one.parameters),
        }
        for one in _catalogue(service, plan).select(groups=groups or ())
    ]


def list_groups(service: PlanService, *, plan: str) -> list[str]:
    """Groups that validations of a plan are in."""
    return sorted({name for one in _catalogue(service, plan).validations for name in one.groups})


def is_enabled(service: PlanService) -> dict[str, str]:
    """Whether this machine runs validations at all; refused where its operator lets it play nothing."""
    service.caller.check_may(write=False)
    if not read_runs_settings(server_config(os.environ), os.environ).plays:
        raise Refused("validations are disabled: `plays` of [runs] in the server's settings names no plan")
    return {"stdout": "Validations are enabled", "stderr": ""}


def run_validation(
    service: PlanService, *, call: Call, validation: str, plan: str, inputs: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """Run one validation of the plan's newest revision, and what it said; an error when it did not pass."""
    _check_inputs(inputs)
    with service.open(plan) as repository:
        revision = str(repository.resolve())
    known = next(one for one in WORKFLOWS if one.name == WORKFLOW)
    done = step(
        service,
        call=call,
        container=plan,
        revision=revision,
        workflow=WORKFLOW,
        version=known.version,
        step=known.steps[0].name,
        values={"validations": [validation]},
    )
    return {"stdout": "\n".join(done["log"]), "stderr": ""}


def results(service: PlanService, *, container: str, execution: str | None = None, limit: int = 50) -> list[Any]:
    """What the newest validations of a plan found, or those of one execution; the newest first."""
    with service.open(container):
        pass  # whose plan it is was asked
    with open_results(server_config(os.environ), os.environ) as kept:
        found = kept.find(ResultQuery(plan=container, run=execution, limit=max(1, min(int(limit), MOST))))
    return [one.to_document() for one in found]


def stop(
    service: PlanService, *, container: str, validations: Sequence[str] = (), execution: str | None = None
) -> list[str]:
    """Stop validations of a plan that are running: those named, those of one execution, or all; the ids of records."""
    service.caller.check_may(write=True)
    with service.open(container):
        pass  # whose plan it is was asked
    actor = service.caller.signature(time=0).who
    with open_results(server_config(os.environ), os.environ) as kept:
        stopped = stop_validations(kept, plan=container, ids=tuple(validations), run=execution, actor=actor)
    return [one.id for one in stopped]


def _catalogue(service: PlanService, plan: str) -> Catalogue:
    with service.tree(plan) as tree:
        return find_validations(tree, read_settings(tree).validations, shipped_validations(os.environ))


def _check_inputs(inputs: Mapping[str, Any] | None) -> None:
    if inputs:
        raise Refused(
            "values of validations are the plan's: write them into [validations.parameters] of tripleo-plan.toml, "
            "so that what was found is of a revision"
        )
