"""Stacks that follow a script: what a real Heat cannot be made to do on demand.

What they answer is held to what the real thing answers by test_stacks_contract.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tripleo_gitops.openstack.stack import Stack, StackResource

if TYPE_CHECKING:
    from tripleo_gitops.openstack.stack import StackContent, StackRequest


def stack(status: str, *, updated: str = "1", tags: tuple[str, ...] = ()) -> Stack:
    return Stack(name="site1", id="1", status=status, reason="because", updated=updated, tags=tags, outputs={})


def resource(path: str, status: str) -> StackResource:
    return StackResource(path=path, type="OS::Heat::Value", status=status, reason="", is_nested=False)


@dataclass
class ScriptedStacks:
    """Stacks that show one moment after the other; the last one stays. What is asked of them is kept."""

    moments: list[tuple[Stack | None, tuple[StackResource, ...]]]
    asked: list[str] = field(default_factory=list)
    looks: int = 0

    def find(self, _name: str) -> Stack | None:
        self.looks += 1
        return self.moments[min(self.looks, len(self.moments)) - 1][0]

    def resources(self, _stack: Stack) -> tuple[StackResource, ...]:
        return self.moments[min(self.looks, len(self.moments)) - 1][1]

    def create(self, name: str, _request: StackRequest) -> None:
        self.asked.append(f"create {name}")

    def replace(self, found: Stack, _request: StackRequest) -> None:
        self.asked.append(f"put {found.name}")

    def patch(self, found: Stack, _request: StackRequest) -> None:
        self.asked.append(f"patch {found.name}")

    def delete(self, found: Stack) -> None:
        self.asked.append(f"delete {found.name}")

    def content(self, _stack: Stack) -> StackContent:
        raise AssertionError("nothing here asks for it")
