"""Stacks that are looked at without their outputs, which cost Heat time and, while it works, may cost it its memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.operations.stacks.deploy_preparation import DeployableStacks

if TYPE_CHECKING:
    from tripleo_gitops.openstack.stack import PreviewedResource, Stack, StackContent, StackRequest, StackResource


class LookedAtStacks(DeployableStacks, Protocol):
    """Stacks of which `look` is `find` without outputs."""

    def look(self, name: str) -> Stack | None: ...


class QuietStacks:
    """The same stacks; nothing that is asked of them makes Heat resolve outputs (see HeatStacks.look)."""

    def __init__(self, stacks: LookedAtStacks) -> None:
        self._stacks = stacks

    def find(self, name: str) -> Stack | None:
        return self._stacks.look(name)

    def create(self, name: str, request: StackRequest) -> None:
        self._stacks.create(name, request)

    def replace(self, stack: Stack, request: StackRequest) -> None:
        self._stacks.replace(stack, request)

    def patch(self, stack: Stack, request: StackRequest) -> None:
        self._stacks.patch(stack, request)

    def resources(self, stack: Stack) -> tuple[StackResource, ...]:
        return self._stacks.resources(stack)

    def content(self, stack: Stack) -> StackContent:
        return self._stacks.content(stack)

    def preview(self, stack: Stack, request: StackRequest) -> tuple[PreviewedResource, ...]:
        return self._stacks.preview(stack, request)
