"""Deploy a revision: decide between create and update, ask Heat for it, and follow the stack until it is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.errors import GitopsError, Refused, Unavailable
from tripleo_gitops.heat.outputs import MASK, hidden_outputs
from tripleo_gitops.openstack.stack import Phase, Stack, StackContent, StackRequest, StackResource
from tripleo_gitops.operations.stacks.state import NOTHING_TO_SAY, Judgement, Standing, judge_stack
from tripleo_gitops.operations.stacks.tags import deployed_revision, request_tags

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.resolution import ResolvedPlan
    from tripleo_gitops.operations.revisions import PlanAtRevision
    from tripleo_gitops.plan.revision import Revision

POLL_SECONDS = 1.0
UNSEEN_LIMIT_SECONDS = 60.0
NOT_BEGUN = "INIT_COMPLETE"


class StackStore(Protocol):
    """The stacks of one project."""

    def find(self, name: str) -> Stack | None: ...
    def create(self, name: str, request: StackRequest) -> None: ...
    def replace(self, stack: Stack, request: StackRequest) -> None: ...
    def patch(self, stack: Stack, request: StackRequest) -> None: ...
    def resources(self, stack: Stack) -> tuple[StackResource, ...]: ...
    def content(self, stack: Stack) -> StackContent: ...


class DeployMethod(StrEnum):
    """How Heat is asked: a new stack, an update that replaces (PUT), or one that merges (PATCH)."""

    CREATE = "create"
    PUT = "put"
    PATCH = "patch"


class StackBusy(Refused):
    """The plan's stack is in the middle of something."""

    reason = "StackBusy"

    def __init__(self, stack: Stack, judgement: Judgement) -> None:
        if stack.status == "DELETE_FAILED":
            way_out = "`tripleo-plan undeploy` tries again"
        elif judgement.standing is Standing.SUSPENDED:
            way_out = f"`openstack stack resume {stack.name}`, then deploy again"
        else:
            way_out = "wait until it ends, then deploy again"
        super().__init__(f"{judgement.words}; {way_out}")
        self.stack, self.judgement = stack, judgement

    @property
    def is_passing(self) -> bool:
        """Whether waiting helps: something is under way."""
        return self.stack.phase is Phase.IN_PROGRESS


class StackFailed(GitopsError):
    """The stack's action ended in failure; holds the resources that failed, the deepest first."""

    reason = "StackFailed"

    def __init__(self, stack: Stack, failed: tuple[StackResource, ...]) -> None:
        super().__init__(f"stack {stack.name} is {stack.status}: {stack.reason}")
        self.stack, self.failed = stack, failed


class StackVanished(GitopsError):
    """A stack that was being followed is gone."""

    reason = "StackVanished"


class DeployTimeout(Unavailable):
    """The stack did not end in time; Heat goes on with it."""

    reason = "DeployTimeout"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A stack and its resources as they were at one moment."""

    stack: Stack
    resources: tuple[StackResource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployPlan:
    """What a deploy would ask of Heat, decided against the stack as it was seen.

    `values` are those that the deploy gives and the plan does not.
    """

    name: str
    revision: Revision
    method: DeployMethod
    seen: Snapshot | None
    request: StackRequest
    hidden_outputs: frozenset[str]
    values: Mapping[str, Any] = field(default_factory=dict)
    judgement: Judgement = NOTHING_TO_SAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A moment of a stack's action: resources done and known so far, and those that changed since last time."""

    stack: Stack
    done: int
    known: int
    changed: tuple[StackResource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployOptions:
    """How a deploy is asked for: `timeout` in minutes; an update replaces (PUT), or with `merge` merges (PATCH).

    `values` are given to Heat and not written into the plan. `request_id` names who asks, on the stack: the same
    request is then known when it is met again.
    """

    timeout: int
    merge: bool = False
    rollback: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    request_id: str | None = None


def plan_deploy(
    stacks: StackStore, found: PlanAtRevision, resolved: ResolvedPlan, options: DeployOptions
) -> DeployPlan:
    """Return what to ask of Heat so that the plan's stack becomes a revision; raises StackBusy.

    `resolved` has the values that the options give in it already.
    """
    stack = stacks.find(found.name)
    check_idle(stack)
    update = DeployMethod.PATCH if options.merge else DeployMethod.PUT
    method = DeployMethod.CREATE if stack is None else update
    bundle = resolved.bundle
    return DeployPlan(
        name=found.name,
        revision=found.revision,
        method=method,
        seen=Snapshot(stack, stacks.resources(stack)) if stack else None,
        request=StackRequest(
            template=bundle.template,
            environment=bundle.environment,
            files=bundle.files,
            timeout=options.timeout,
            tags=request_tags(
                found.revision, before=deployed_revision(stack), method=method.value, request_id=options.request_id
            ),
            rollback=options.rollback,
        ),
        hidden_outputs=hidden_outputs(bundle, resolved.parameters),
        values=options.values,
        judgement=judge_stack(stack),
    )


def shown_outputs(stack: Stack, *, hidden: Collection[str]) -> dict[str, Any]:
    """Return a stack's outputs as they may be printed: the `hidden` ones, that say a secret, are masked."""
    return {name: MASK if name in hidden else value for name, value in stack.outputs.items()}


def check_idle(stack: Stack | None) -> None:
    """Raise StackBusy when a stack's action is under way, when it is being deleted, or when it is suspended."""
    judgement = judge_stack(stack)
    if stack is not None and not judgement.can_update:
        raise StackBusy(stack, judgement)


def apply_deploy(stacks: StackStore, plan: DeployPlan) -> None:
    """Ask Heat for what was decided; refuse when the stack is no longer the one that was seen."""
    now = stacks.find(plan.name)
    check_idle(now)
    seen = plan.seen.stack if plan.seen else None
    if (now and (now.id, now.updated)) != (seen and (seen.id, seen.updated)):
        raise Refused(f"stack {plan.name} was changed by someone else since it was looked at; deploy again")
    if now is None:
        stacks.create(plan.name, plan.request)
    elif plan.method is DeployMethod.PATCH:
        stacks.patch(now, plan.request)
    else:
        stacks.replace(now, plan.request)


def follow_stack(
    stacks: StackStore, name: str, *, timeout: float, clock: Clock, since: Snapshot | None = None
) -> Iterator[Progress]:
    """Yield the progress of a stack's action until it ends; `timeout` in seconds.

    `since` is the stack as it was before the action: until Heat shows another state, it has not begun.
    Raises StackFailed, StackVanished, or DeployTimeout.
    """
    begun = clock.monotonic()
    states = {found.path: found.status for found in since.resources} if since else {}
    while True:
        stack = stacks.find(name)
        if stack is None:
            raise StackVanished(f"stack {name} is gone while it was being followed; somebody deleted it")
        resources = stacks.resources(stack)
        changed = tuple(found for found in resources if found.status not in {states.get(found.path), NOT_BEGUN})
        states = {found.path: found.status for found in resources}
        done = sum(found.status.endswith("_COMPLETE") and found.status != NOT_BEGUN for found in resources)
        yield Progress(stack=stack, done=done, known=len(resources), changed=changed)
        if _has_ended(stack, since):
            if stack.phase is Phase.FAILED:
                raise StackFailed(stack, failed_resources(resources))
            return
        _check_time(stack, since, waited=clock.monotonic() - begun, timeout=timeout)
        clock.sleep(POLL_SECONDS)


def _has_ended(stack: Stack, since: Snapshot | None) -> bool:
    return stack.phase is not Phase.IN_PROGRESS and not _is_untouched(stack, since)


def _check_time(stack: Stack, since: Snapshot | None, *, waited: float, timeout: float) -> None:
    if _is_untouched(stack, since) and waited > UNSEEN_LIMIT_SECONDS:
        raise DeployTimeout(
            f"stack {stack.name} still shows {stack.status} {waited:.0f} s after it was asked to change"
        )
    if waited > timeout:
        raise DeployTimeout(
            f"stack {stack.name} is still {stack.status} after {waited / 60:.0f} minutes; Heat goes on, "
            "`tripleo-plan status` shows how it stands"
        )


def _is_untouched(stack: Stack, since: Snapshot | None) -> bool:
    if since is None:
        return False
    before = since.stack
    return (stack.id, stack.updated, stack.status) == (before.id, before.updated, before.status)


def failed_resources(resources: tuple[StackResource, ...]) -> tuple[StackResource, ...]:
    """Return the failed resources, the deepest first: an outer one only repeats what is inside it."""
    failed = (found for found in resources if found.status.endswith("_FAILED"))
    return tuple(sorted(failed, key=lambda found: (-found.path.count("/"), found.path)))
