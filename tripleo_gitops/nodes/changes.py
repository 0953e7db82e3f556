"""Changes of nodes: what of a node is made, changed or removed, field by field, with both sides."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tripleo_gitops.nodes.secret import MASK, Secret, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.nodes.desired import DesiredNode, DesiredPort
    from tripleo_gitops.nodes.registered import RegisteredNode, RegisteredPort


class ChangeKind(StrEnum):
    """What happens to a node."""

    CREATE = "create"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a node that differs; `path` is a JSON pointer of Ironic's, None is absent."""

    path: str
    old: Any
    new: Any

    @property
    def shown(self) -> tuple[Any, Any]:
        """Both sides for people and programs, secrets masked."""
        if is_secret_name(self.path):
            return tuple(None if side is None else MASK for side in (self.old, self.new))  # type: ignore[return-value]
        return self.old, self.new

    def operation(self) -> dict[str, Any]:
        """Return what to tell Ironic; `add` replaces what is there."""
        if self.new is None:
            return {"op": "remove", "path": self.path}
        value = self.new.value if isinstance(self.new, Secret) else self.new
        return {"op": "add", "path": self.path, "value": value}


@dataclass(frozen=True, slots=True)
class PortChange:
    """One port that is made (`old` is None), changed, or taken away (`new` is None)."""

    old: RegisteredPort | None
    new: DesiredPort | None

    @property
    def address(self) -> str:
        """The MAC address."""
        if self.new is not None:
            return self.new.address
        assert self.old is not None, "a change has a side"
        return self.old.address

    @property
    def kind(self) -> ChangeKind:
        """What happens to the port."""
        if self.old is None:
            return ChangeKind.CREATE
        return ChangeKind.REMOVE if self.new is None else ChangeKind.CHANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeChange:
    """One node that is not as the plan says; its kind follows from the sides, so it cannot lie.

    `traits` are all that the node is to have, None where they are right as they are.
    """

    desired: DesiredNode | None
    registered: RegisteredNode | None
    fields: tuple[FieldChange, ...] = ()
    ports: tuple[PortChange, ...] = ()
    traits: tuple[str, ...] | None = None

    @property
    def kind(self) -> ChangeKind:
        if self.registered is None:
            return ChangeKind.CREATE
        return ChangeKind.REMOVE if self.desired is None else ChangeKind.CHANGE

    @property
    def label(self) -> str:
        side = self.desired or self.registered
        assert side is not None, "a change has a side"
        return side.label

    @property
    def resets_interfaces(self) -> bool:
        """Whether the driver changes, and with it every interface that the plan does not name."""
        return any(change.path == "/driver" for change in self.fields)


@dataclass(frozen=True, slots=True)
class NodeConflict:
    """A machine of the plan that cannot be matched, and why; the others go on."""

    label: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeDiff:
    """What turns Ironic's nodes into the plan's.

    `matched` leads from each machine's label to the node that it is already; `foreign` are the registered nodes
    that are not of this plan, by name: they are left alone.
    """

    changes: tuple[NodeChange, ...] = ()
    conflicts: tuple[NodeConflict, ...] = ()
    unchanged: int = 0
    foreign: tuple[str, ...] = ()
    matched: Mapping[str, RegisteredNode] = field(default_factory=lambda: MappingProxyType({}))

    def of_kind(self, kind: ChangeKind) -> tuple[NodeChange, ...]:
        """Return the changes of one kind."""
        return tuple(change for change in self.changes if change.kind is kind)

    @property
    def is_empty(self) -> bool:
        """Whether everything is as the plan says."""
        return not self.changes and not self.conflicts
