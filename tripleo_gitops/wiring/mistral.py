"""Mistral of the configured cloud, and what this release has for it."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from tripleo_gitops.openstack.connection import connect
from tripleo_gitops.openstack.workflow_service import WorkflowService
from tripleo_gitops.runs.workbooks import workbooks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.wiring.config import Config

GROUP, PACKAGE = "mistral.actions", "tripleo_gitops"


def open_mistral(config: Config) -> WorkflowService:
    """Return Mistral of the configured cloud; nothing is asked of it yet."""
    return WorkflowService(connect(config.cloud, clouds_file=config.clouds_file, trace_id=config.trace_id))


def workbook_texts() -> Mapping[str, str]:
    """Return the workbooks of this release by name."""
    return {one.name: one.text for one in workbooks()}


def action_names() -> tuple[str, ...]:
    """Return the actions that this release brings, as its entry points name them."""
    return tuple(point.name for point in entry_points(group=GROUP) if point.value.startswith(f"{PACKAGE}."))
