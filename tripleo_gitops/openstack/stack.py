"""What a Heat stack is to us: its state, its resources, what it was given and what it is asked to become."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Phase(StrEnum):
    """Where a stack's last action stands."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack as Heat shows it: `status` is action and phase (`UPDATE_COMPLETE`), times are Heat's own text.

    `updated` is when it was last created, updated, checked or rolled back.
    """

    name: str
    id: str
    status: str
    reason: str
    updated: str
    tags: tuple[str, ...]
    outputs: Mapping[str, Any]

    @property
    def action(self) -> str:
        """CREATE, UPDATE, DELETE, ROLLBACK, …"""
        return self.status.split("_", 1)[0]

    @property
    def phase(self) -> Phase:
        """Whether the last action is under way, done or failed."""
        return Phase(self.status.split("_", 1)[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResource:
    """One resource of a stack or of a stack nested in it; `path` is names joined by `/`, outermost first."""

    path: str
    type: str
    status: str
    reason: str
    is_nested: bool
    physical_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEvent:
    """One thing that Heat noted of a resource, or of a stack itself: then `name` is the stack's.

    `stack_id` says which stack of the tree it is in, `time` is Heat's own text.
    """

    id: str
    time: str
    stack_id: str
    name: str
    status: str
    reason: str
    physical_id: str

    @property
    def is_of_stack(self) -> bool:
        """Whether it is about the stack, and not about a resource in it."""
        return self.physical_id == self.stack_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentOutput:
    """What a software deployment on a server gave back; the exit code is None where it gave none."""

    exit_code: int | None
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class PreviewedResource:
    """What Heat would do with one resource: `action` is added, deleted, replaced, updated or unchanged.

    Heat says of every resource that holds a stack that it would be updated: it looks into the stack only then.
    """

    path: str
    type: str
    action: str
    holds_stack: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StackContent:
    """What Heat was given for a stack when it was last created or updated."""

    template: Mapping[str, Any]
    environment: Mapping[str, Any]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRequest:
    """All that Heat needs to make a stack what it should be; `timeout` in minutes.

    With `rollback`, Heat brings the stack back to what it was where its action fails (a new one: deletes what it made).
    """

    template: Mapping[str, Any]
    environment: Mapping[str, Any]
    files: Mapping[str, str]
    timeout: int
    tags: tuple[str, ...]
    rollback: bool = False

    def body(self) -> dict[str, Any]:
        """Return the request as the Orchestration API spells it."""
        return {
            "template": dict(self.template),
            "environment": dict(self.environment),
            "files": dict(self.files),
            "timeout_mins": self.timeout,
            "tags": ",".join(self.tags),
            "disable_rollback": not self.rollback,
        }
