"""`tripleo.git.choose_removed`: what a deploy has to be given so that chosen nodes go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.operations.editing import set_parameters
from tripleo_gitops.operations.resolution import Reader, resolve_plan
from tripleo_gitops.operations.stacks.scale_down import find_removed
from tripleo_gitops.plan.names import parse_plan_name
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE

if TYPE_CHECKING:
    from tripleo_gitops.operations.plan_service import PlanService


def choose_removed(service: PlanService, *, container: str, nodes: list[str]) -> dict[str, Any]:
    """Lower the counts of roles by a commit; the revision and the values with which a deploy removes these nodes."""
    name = parse_plan_name(container)
    with service.tree(container) as tree:
        resolved = resolve_plan(tree, reader=Reader(service.cache))
        planned = find_removed(service.cloud.stacks, name, nodes, resolved=resolved)
    edited = service.edit(
        container,
        lambda tree: {PLAN_ENVIRONMENT_FILE: set_parameters(tree, planned.counts)},
        subject=planned.message,
    )
    return {"revision": str(edited.revision), "values": dict(planned.values)}
