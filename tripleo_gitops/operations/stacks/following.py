"""Follow what Heat does with a stack that a run asked for, through outages, until it is done or has failed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from tripleo_gitops.errors import GitopsError, Refused, Unavailable
from tripleo_gitops.openstack.connection import RequestRejected
from tripleo_gitops.openstack.stack import Phase
from tripleo_gitops.operations.stacks.deploy import StackFailed, StackVanished
from tripleo_gitops.operations.stacks.events import Watch, estimate, happening_line, tally_line
from tripleo_gitops.operations.stacks.failures import failure_lines, failure_tree
from tripleo_gitops.operations.stacks.tags import asked_by, is_request_of
from tripleo_gitops.operations.steps import Level, RunCancelled, StepTimedOut

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tripleo_gitops.openstack.stack import Stack, StackResource
    from tripleo_gitops.operations.comparison.hidden_values import Masker
    from tripleo_gitops.operations.stacks.deploy_work import RunStacks
    from tripleo_gitops.operations.steps import StepContext

T = TypeVar("T")

FIRST_LOOK_SECONDS, LONGEST_LOOK_SECONDS = 1.0, 10.0
TALLY_SECONDS = 30.0


class StackRolledBack(GitopsError):
    """An update failed, and Heat brought the stack back to what it was before."""

    reason = "StackRolledBack"


class StackTakenOver(Refused):
    """Somebody else asked Heat for another update of the stack while a run followed its own."""

    reason = "StackTakenOver"


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What following one stack takes: the run's context, the stacks, what masks secrets, and how long others took.

    The rest is as in DeployServices.
    """

    context: StepContext
    stacks: RunStacks
    name: str
    mask: Masker
    earlier: Sequence[float] = ()
    outage_pause: float = 5.0
    in_flight: float = 20.0

    def patiently(self, ask: Callable[[], T]) -> T:
        """Return an answer of the cloud; while there is none, say so and wait within the step's time limit."""
        is_said = False
        while True:
            try:
                answer = ask()
            except StepTimedOut:
                raise
            except Unavailable as exc:
                if not is_said:
                    self.context.log(f"{exc}; waiting for it", level=Level.WARNING)
                is_said = True
                self.context.pause(self.outage_pause)
                continue
            if is_said:
                self.context.log("the cloud answers again")
            return answer


def follow_request(following: Following, watch: Watch, request_id: str) -> tuple[Stack, float]:
    """Log what happens to a stack until the action that a request began is over; return it, and the seconds waited.

    Raises StackFailed with the tree of failures on the log, StackRolledBack, StackTakenOver, StackVanished, and what
    the context raises where the run is cancelled or out of time: Heat then goes on.
    """
    context = following.context
    begun = told = context.clock.monotonic()
    while True:
        stack = following.patiently(lambda: following.stacks.look(following.name))
        if stack is None:
            raise StackVanished(f"stack {following.name} is gone while it was being followed; somebody deleted it")
        for happening in following.patiently(lambda current=stack: watch.look(current)):  # type: ignore[misc]
            context.log(happening_line(happening, mask=following.mask))
        passed = context.clock.monotonic() - begun
        if not is_request_of(stack, request_id):
            raise StackTakenOver(_taken_over(stack))
        if stack.phase is not Phase.IN_PROGRESS:
            _check_end(following, watch, stack)
            return stack, passed
        if context.clock.monotonic() - told >= TALLY_SECONDS:
            told = context.clock.monotonic()
            context.log(tally_line(watch.tally, passed=passed, left=estimate(following.earlier, passed=passed)))
        _wait(context, stack, passed=passed)


def log_failures(following: Following, resources: Sequence[StackResource]) -> None:
    """Put the tree of what failed on the run's log."""
    nodes = following.patiently(lambda: failure_tree(resources, following.stacks, mask=following.mask))
    for line in failure_lines(nodes):
        following.context.log(line, level=Level.ERROR)


def _wait(context: StepContext, stack: Stack, *, passed: float) -> None:
    """Pause, the longer the longer it takes already; say what becomes of the stack where the run ends here."""
    try:
        context.pause(min(LONGEST_LOOK_SECONDS, max(FIRST_LOOK_SECONDS, passed / 60)))
    except (RunCancelled, StepTimedOut):
        context.log(
            f"stack {stack.name} is {stack.status}, and Heat goes on with it; `tripleo-plan cancel` stops that, too",
            level=Level.WARNING,
        )
        raise


def _check_end(following: Following, watch: Watch, stack: Stack) -> None:
    if stack.phase is Phase.COMPLETE and stack.action != "ROLLBACK":
        return
    failed = _failures(following, watch, stack)
    log_failures(following, tuple(failed.values()))
    reason = following.mask(stack.reason)
    if stack.phase is Phase.COMPLETE:
        deepest = max(failed.values(), key=lambda one: one.path.count("/"), default=None)
        why = f": {following.mask(deepest.reason)}" if deepest else "; no resource failed, so that somebody stopped it"
        raise StackRolledBack(f"the update of stack {stack.name} failed, and Heat rolled it back{why}")
    raise StackFailed(replace(stack, reason=reason), ())


def _failures(following: Following, watch: Watch, stack: Stack) -> dict[str, StackResource]:
    """Return the resources that failed by their paths: as they are, and those that only events tell of.

    What was rolled back is whole again, and what Heat does not list is not seen at all.
    """
    try:
        listed = following.patiently(lambda: following.stacks.resources(stack))
    except RequestRejected as exc:
        following.context.log(str(exc), level=Level.WARNING)
        listed = ()
    types = {one.path: one.type for one in listed}
    now = {one.path: one for one in listed if one.status.endswith("_FAILED")}
    told = {
        path: replace(one, type=one.type or types.get(path, ""))
        for path, one in watch.failures.items()
        if stack.action == "ROLLBACK" or path not in types
    }
    return {**told, **now}


def _taken_over(stack: Stack) -> str:
    who = asked_by(stack)
    whose = f"run {who.rpartition('.')[0]}" if who else "somebody who is no run of this tool"
    return f"stack {stack.name} is {stack.status}, last asked for by {whose}: the request of this run was replaced"
