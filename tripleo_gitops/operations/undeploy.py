"""Delete a plan's stack and wait until it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.openstack.stack import Phase
from tripleo_gitops.operations.deploy import POLL_SECONDS, DeployTimeout, StackFailed, failed_resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.openstack.stack import Stack, StackResource
    from tripleo_gitops.operations.clock import Clock


class DeletableStacks(Protocol):
    """Stacks that can be deleted and looked at."""

    def find(self, name: str) -> Stack | None: ...
    def delete(self, stack: Stack) -> None: ...
    def resources(self, stack: Stack) -> tuple[StackResource, ...]: ...


def delete_stack(stacks: DeletableStacks, stack: Stack, *, timeout: float, clock: Clock) -> Iterator[int]:
    """Delete a stack; yield how many of its resources are left until it is gone. `timeout` in seconds.

    A stack that is being deleted already is followed. Raises StackFailed, DeployTimeout.
    """
    if (stack.action, stack.phase) != ("DELETE", Phase.IN_PROGRESS):
        stacks.delete(stack)
    begun = clock.monotonic()
    while (now := stacks.find(stack.name)) is not None and now.id == stack.id:
        resources = stacks.resources(now)
        if now.status == "DELETE_FAILED" and stack.status != "DELETE_FAILED":
            raise StackFailed(now, failed_resources(resources))
        yield len(resources)
        if clock.monotonic() - begun > timeout:
            raise DeployTimeout(f"stack {stack.name} is still {now.status} after {timeout / 60:.0f} minutes")
        clock.sleep(POLL_SECONDS)
