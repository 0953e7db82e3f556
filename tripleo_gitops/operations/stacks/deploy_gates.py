"""What a deploy waits for, or is refused by: what was shown, second yeses, approvals, windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.operations.stacks.approvals import Ballot, authors_between, counted, missing
from tripleo_gitops.operations.stacks.deploy import StackBusy
from tripleo_gitops.operations.stacks.deploy_work import DeployServices, allowed, opened, prepare
from tripleo_gitops.operations.stacks.drastic import check_destruction
from tripleo_gitops.operations.stacks.staleness import Bound, StalePlan, check_fresh
from tripleo_gitops.operations.stacks.tags import deployed_revision
from tripleo_gitops.operations.stacks.windows import look_at_windows
from tripleo_gitops.operations.steps import Level, NotYet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.operations.stacks.deploy_preparation import PreparedDeploy
    from tripleo_gitops.operations.steps import StepContext

LONGEST_PAUSE_SECONDS = 300.0
BUSY_PAUSE_SECONDS = 15.0


def approve_deploy(services: DeployServices, context: StepContext) -> Mapping[str, Any]:
    """Wait until the deploy may go on: still what was shown, approved by enough people, in an open window."""
    with opened(services, context) as (repository, plan):
        prepared = prepare_idle(services, context)
        check_shown(context, prepared)
        seen = prepared.planned.seen
        deployed = deployed_revision(seen.stack if seen else None)
        authors = authors_between(repository, deployed, plan.found.revision)
    ballot = Ballot(workflow="deploy", plan=context.plan, authors=authors, digest=context.shown)
    approved = _check_approvals(services, context, ballot)
    check_window(services, context)
    return {"approved_by": list(approved)}


def approve_undeploy(services: DeployServices, context: StepContext) -> Mapping[str, Any]:
    """Wait until the stack may be deleted: approved by enough people, in an open window."""
    ballot = Ballot(workflow="undeploy", plan=context.plan, authors=frozenset(), digest=context.shown)
    approved = _check_approvals(services, context, ballot)
    check_window(services, context)
    return {"approved_by": list(approved)}


def prepare_idle(services: DeployServices, context: StepContext) -> PreparedDeploy:
    """Return the run's deploy for the stack as it is now; raise NotYet while somebody else's action is under way."""
    try:
        with opened(services, context) as (repository, plan):
            return prepare(services, context, repository, plan)
    except StackBusy as busy:
        if not busy.is_passing:
            raise
        raise NotYet(str(busy), retry_after=BUSY_PAUSE_SECONDS) from busy


def check_shown(context: StepContext, prepared: PreparedDeploy, *, is_again: bool = False) -> None:
    """Raise StalePlan, with the new diff on the run's log, or NeedsSecondYes with the figures.

    `is_again` says that the stack was changed by this very run: then it may be another one than was shown.
    """
    shown = context.inputs.get("bound")
    if shown is not None:
        try:
            check_fresh(Bound.of(shown), prepared.planned, is_again=is_again)
        except StalePlan:
            context.log(f"what would be deployed now:\n{prepared.text}", level=Level.WARNING)
            raise
    check_destruction(prepared.destruction, allowed=allowed(context))


def check_window(services: DeployServices, context: StepContext) -> None:
    """Raise NotYet, with when to ask again, while the plan must not be deployed."""
    now = services.now()
    answer = look_at_windows(services.windows, context.plan, now=now)
    if not answer.is_open:
        until = (answer.opens - now).total_seconds() if answer.opens else LONGEST_PAUSE_SECONDS
        raise NotYet(answer.words(now), retry_after=min(LONGEST_PAUSE_SECONDS, max(1.0, until)))


def _check_approvals(services: DeployServices, context: StepContext, ballot: Ballot) -> tuple[str, ...]:
    """Return who approved; raise NotYet while a rule still lacks somebody."""
    approved: dict[str, None] = {}
    for rules in services.approvals:
        lacking = missing(rules, ballot, context.approvals)
        found = counted(rules, ballot, context.approvals)
        if lacking:
            raise NotYet(
                f"{lacking} of {rules.required} approvals are missing; one of {', '.join(sorted(rules.approvers))}, "
                f"who wrote nothing of it, says `tripleo-plan run approve {context.run_id}`"
            )
        approved |= dict.fromkeys(found)
    return tuple(approved)
