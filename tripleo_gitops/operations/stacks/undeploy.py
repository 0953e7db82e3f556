"""Delete a plan's stack and wait until it is gone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.errors import InvalidInput, Refused
from tripleo_gitops.openstack.stack import Phase
from tripleo_gitops.operations.stacks.deploy import (
    POLL_SECONDS,
    UNSEEN_LIMIT_SECONDS,
    DeployTimeout,
    StackFailed,
    failed_resources,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.openstack.stack import Stack, StackResource
    from tripleo_gitops.operations.clock import Clock


DELETE_FAILED = "DELETE_FAILED"


class StackReplaced(Refused):
    """A stack of the plan's name that is another one than the run is about."""

    reason = "StackReplaced"


class DeletableStacks(Protocol):
    """Stacks that can be deleted and looked at."""

    def find(self, name: str) -> Stack | None: ...
    def delete(self, stack: Stack) -> None: ...
    def resources(self, stack: Stack) -> tuple[StackResource, ...]: ...


def check_same_stack(stack: Stack, expected: str | None) -> None:
    """Raise StackReplaced where a stack is not the one with the id `expected`, as far as one is expected."""
    if expected is not None and stack.id != expected:
        raise StackReplaced(
            f"stack {stack.name} is not the one that was shown ({stack.id}, not {expected}); look again"
        )


def deletion_seconds(minutes: Any, *, most: float) -> float:
    """Return for how many seconds a deletion is followed: as many `minutes` as were given, and never more than `most`.

    Raises InvalidInput for what is no time.
    """
    if minutes is None:
        return most
    try:
        seconds = float(minutes) * 60
    except (TypeError, ValueError):
        seconds = 0.0
    if not math.isfinite(seconds) or seconds <= 0:
        raise InvalidInput(f"a timeout of {minutes!r} minutes is no time to delete a stack in")
    return min(seconds, most)


def delete_stack(stacks: DeletableStacks, stack: Stack, *, timeout: float, clock: Clock) -> Iterator[int]:
    """Delete a stack; yield how many of its resources are left until it is gone. `timeout` in seconds.

    A stack that is being deleted already is followed. Raises StackFailed, DeployTimeout.
    """
    if (stack.action, stack.phase) != ("DELETE", Phase.IN_PROGRESS):
        stacks.delete(stack)
    begun, failed_before = clock.monotonic(), stack.status == DELETE_FAILED
    while (now := stacks.find(stack.name)) is not None and now.id == stack.id:
        resources, waited = stacks.resources(now), clock.monotonic() - begun
        failed_before = failed_before and now.status == DELETE_FAILED and waited < UNSEEN_LIMIT_SECONDS
        if now.status == DELETE_FAILED and not failed_before:
            raise StackFailed(now, failed_resources(resources))
        yield len(resources)
        if waited > timeout:
            raise DeployTimeout(
                f"stack {stack.name} is still {now.status} after {timeout / 60:.3g} minutes; Heat goes on with it"
            )
        clock.sleep(POLL_SECONDS)
