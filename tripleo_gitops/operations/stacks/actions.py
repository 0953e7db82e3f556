"""Stop what Heat does with a plan's stack, or delete it: decided first, refused with the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.errors import NotFound, Refused
from tripleo_gitops.openstack.stack import Phase
from tripleo_gitops.operations.stacks.drastic import Drastic, NeedsSecondYes

if TYPE_CHECKING:
    from tripleo_gitops.openstack.stack import Stack, StackResource


class CancellableStacks(Protocol):
    """Stacks that can be looked at and stopped."""

    def find(self, name: str) -> Stack | None: ...
    def resources(self, stack: Stack) -> tuple[StackResource, ...]: ...
    def cancel(self, stack: Stack, *, rollback: bool) -> None: ...


class NothingToCancel(Refused):
    """A stack with which Heat does nothing that can be stopped."""

    reason = "NothingToCancel"


@dataclass(frozen=True, slots=True)
class UndeployPlan:
    """The stack that would be deleted, and how many resources are in it."""

    stack: Stack
    resources: int

    @property
    def question(self) -> str:
        """What a person is asked."""
        return f"delete stack {self.stack.name} ({self.stack.status}) and the {self.resources} resources in it?"

    def check(self, *, allowed: bool) -> None:
        """Raise NeedsSecondYes unless somebody said that everything may go."""
        if not allowed:
            figures = f"undeploying {self.stack.name} deletes all of its {self.resources} resources"
            raise NeedsSecondYes((Drastic.DELETE,), figures=figures)


def plan_undeploy(stacks: CancellableStacks, name: str) -> UndeployPlan:
    """Return what undeploying a plan deletes; raises NotFound where there is no stack."""
    stack = _stack(stacks, name)
    return UndeployPlan(stack, len(stacks.resources(stack)))


def plan_cancel(stacks: CancellableStacks, name: str, *, rollback: bool) -> Stack:
    """Return the stack whose action would be stopped; raises NotFound, NothingToCancel.

    Heat stops updates, and creates without rollback: there is nothing that a new stack could go back to.
    """
    stack = _stack(stacks, name)
    if stack.phase is not Phase.IN_PROGRESS or stack.action not in {"CREATE", "UPDATE"}:
        raise NothingToCancel(f"stack {name} is {stack.status}; Heat stops nothing but a create or an update under way")
    if rollback and stack.action == "CREATE":
        raise NothingToCancel(
            f"stack {name} is {stack.status}; a new stack has nothing to go back to: `tripleo-plan cancel` without "
            "--rollback stops it, `tripleo-plan undeploy` deletes it"
        )
    return stack


def apply_cancel(stacks: CancellableStacks, stack: Stack, *, rollback: bool) -> None:
    """Stop what Heat does with a stack."""
    stacks.cancel(stack, rollback=rollback)


def _stack(stacks: CancellableStacks, name: str) -> Stack:
    stack = stacks.find(name)
    if stack is None:
        raise NotFound(f"there is no stack {name} in this project")
    return stack
