"""`tripleo.deployment.*`: what went wrong in a deployment, and where the cloud's people log in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.operations.comparison.hidden_values import masker_of
from tripleo_gitops.operations.resolution import Reader, resolve_opened
from tripleo_gitops.operations.stacks.endpoints import horizon_address
from tripleo_gitops.operations.stacks.failures import failure_tree, failures_by_member
from tripleo_gitops.operations.stacks.tags import deployed_revision
from tripleo_gitops.plan.names import parse_plan_name

if TYPE_CHECKING:
    from tripleo_gitops.operations.plan_service import PlanService


def failures(
    service: PlanService,
    *,
    plan: str,
    work_dir: str | None = None,  # noqa: ARG001  # TripleO's input
    ansible_errors_file: str | None = None,  # noqa: ARG001  # TripleO's input
) -> dict[str, Any]:
    """What failed in a plan's stack, by the member of a role that it failed on; secrets are masked.

    No file of the server is read, whatever the other two inputs say.
    """
    stacks = service.cloud.stacks
    with service.open(plan) as repository:
        stack = stacks.find(parse_plan_name(plan))
        if stack is None:
            return {"failures": {}, "message": f"there is no stack {plan}"}
        revision = deployed_revision(stack)
        tree = repository.tree(repository.resolve(str(revision.commit) if revision else "HEAD"))
        mask = masker_of(resolve_opened(tree, service.keeper.vault, reader=Reader(service.cache)))
    found = failures_by_member(failure_tree(stacks.resources(stack), stacks, mask=mask))
    return {"failures": found, "message": "" if found else f"stack {plan} is {stack.status}: nothing in it failed"}


def horizon_url(service: PlanService, *, stack: str) -> str:
    """Where people log in to a deployed cloud, as its stack tells."""
    service.caller.check_may(write=False)
    return horizon_address(service.cloud.stacks.find(stack), stack)
