"""The parameter diff as a value: every change holds both sides, and its kind follows from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.absent import ABSENT
from tripleo_gitops.heat.masking import Masked, to_plain

if TYPE_CHECKING:
    from tripleo_gitops.heat.inside import InsideChange

KeyPath = tuple[str | int, ...]
Locate = Callable[[str, KeyPath], int | None]


def kind_of(old: object, new: object) -> str:
    """Return `added`, `removed` or `changed` for two sides of which None means not there."""
    if old is None:
        return "added"
    return "removed" if new is None else "changed"


class Source(Enum):
    """Who says what a parameter is: a template's default, an environment, or a template's properties."""

    TEMPLATE = "template"
    ENVIRONMENT = "environment"
    PROPERTIES = "properties"


@dataclass(frozen=True, slots=True)
class Origin:
    """The place that a value comes from; the line is looked up when it is asked for."""

    file: str
    path: KeyPath
    locate: Locate | None = field(default=None, repr=False, compare=False)

    @property
    def line(self) -> int | None:
        """The line, counted from 1, or None where it cannot be known."""
        return self.locate(self.file, self.path) if self.locate else None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def to_document(self) -> dict[str, Any]:
        """Return the origin as plain data."""
        return {"file": self.file, "path": list(self.path), "line": self.line}


@dataclass(frozen=True, slots=True)
class State:
    """What a parameter is on one side; the value is Masked if it is hidden, ABSENT if there is none."""

    value: Any
    source: Source
    origin: Origin
    type: str = "String"

    def to_document(self) -> dict[str, Any]:
        """Return the state as plain data; without a value the key is left out."""
        document: dict[str, Any] = {"source": self.source.value, "type": self.type, "origin": self.origin.to_document()}
        return document if self.value is ABSENT else {"value": to_plain(self.value), **document}


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """One parameter that differs: its states, the stacks (paths of resource names) that have it, what differs inside.

    A parameter that no template declares has no places: it is set, and changes nothing.
    """

    name: str
    old: State | None
    new: State | None
    places: tuple[str, ...] = ()
    inside: tuple[InsideChange, ...] = ()
    schema: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        return kind_of(self.old, self.new)

    @property
    def is_hidden(self) -> bool:
        """Whether the value must not be seen."""
        return any(state is not None and isinstance(state.value, Masked) for state in (self.old, self.new))

    @property
    def is_used(self) -> bool:
        """Whether any template declares it."""
        return bool(self.places)

    @property
    def survives_patch(self) -> bool:
        """Whether an update that patches keeps the old value, since the environment no longer says anything."""
        was_set = self.old is not None and self.old.source is Source.ENVIRONMENT
        return was_set and (self.new is None or self.new.source is not Source.ENVIRONMENT)

    def to_document(self) -> dict[str, Any]:
        """Return the change as plain data."""
        return {
            "name": self.name,
            "kind": self.kind,
            "hidden": self.is_hidden,
            "used": self.is_used,
            "old": self.old.to_document() if self.old else None,
            "new": self.new.to_document() if self.new else None,
            "places": list(self.places),
            "inside": [inside_document(one) for one in self.inside],
            "schema": list(self.schema),
            "survives_patch": self.survives_patch,
        }


def inside_document(change: InsideChange) -> dict[str, Any]:
    """Return a change inside a structured value as plain data."""
    sides = {"old": change.old, "new": change.new}
    return {
        "path": list(change.path),
        "kind": change.kind,
        **{side: value for side, value in sides.items() if value is not ABSENT},
    }


@dataclass(frozen=True, slots=True)
class DerivedChange:
    """A parameter of a nested stack whose value the stack above computes, and computes differently now."""

    place: str
    name: str
    old: Any
    new: Any

    def to_document(self) -> dict[str, Any]:
        """Return the change as plain data."""
        sides = {"old": self.old, "new": self.new}
        shown = {side: to_plain(value) for side, value in sides.items() if value is not ABSENT}
        return {"place": self.place, "name": self.name, **shown}


@dataclass(frozen=True, slots=True)
class EntryChange:
    """One entry of the resource registry that differs: what a type leads to."""

    path: tuple[str, ...]
    old: Any
    new: Any
    old_origin: Origin | None = None
    new_origin: Origin | None = None

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        return kind_of(self.old, self.new)

    @property
    def name(self) -> str:
        """The type, after the resources that the entry is for."""
        return " ".join(key for key in self.path if key != "resources")

    def to_document(self) -> dict[str, Any]:
        """Return the change as plain data."""
        origins = {"old_origin": self.old_origin, "new_origin": self.new_origin}
        return {
            "path": list(self.path),
            "kind": self.kind,
            "old": self.old,
            "new": self.new,
            **{side: origin.to_document() if origin else None for side, origin in origins.items()},
        }


@dataclass(frozen=True, slots=True)
class ContentChange:
    """One file that Heat gets, one output or one section of the environment that differs; sides are hashes of it."""

    name: str
    old: str | None
    new: str | None

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        return kind_of(self.old, self.new)

    def to_document(self) -> dict[str, Any]:
        """Return the change as plain data."""
        return {"name": self.name, "kind": self.kind}


class Replacement(Enum):
    """Whether an update makes a resource anew."""

    NO = "no"
    YES = "yes"
    MAYBE = "maybe"


class Cause(Enum):
    """Why a resource is touched: it gets something else, something in its stack does, or others' attributes may."""

    DEFINITION = "definition"
    NESTED = "nested"
    ATTRIBUTES = "attributes"


@dataclass(frozen=True, slots=True)
class MemberChange:
    """The members of a group that are on one side only, by their names (numbers, in Heat's order)."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """Return the change as plain data."""
        return {"added": list(self.added), "removed": list(self.removed)}


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """One resource of the tree of stacks that an update touches; sides are its types."""

    path: str
    old: str | None
    new: str | None
    properties: tuple[str, ...] = ()
    replacement: Replacement = Replacement.NO
    cause: Cause = Cause.DEFINITION
    members: MemberChange | None = None

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        return kind_of(self.old, self.new)

    def to_document(self) -> dict[str, Any]:
        """Return the change as plain data."""
        return {
            "path": self.path,
            "kind": self.kind,
            "members": self.members.to_document() if self.members else None,
            "old_type": self.old,
            "new_type": self.new,
            "properties": list(self.properties),
            "replacement": self.replacement.value,
            "cause": self.cause.value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterDiff:
    """Everything that a change of a plan means to Heat."""

    parameters: tuple[ParameterChange, ...] = ()
    derived: tuple[DerivedChange, ...] = ()
    registry: tuple[EntryChange, ...] = ()
    files: tuple[ContentChange, ...] = ()
    outputs: tuple[ContentChange, ...] = ()
    sections: tuple[ContentChange, ...] = ()
    resources: tuple[ResourceChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether Heat would get exactly what it has."""
        return not any(
            (self.parameters, self.derived, self.registry, self.files, self.outputs, self.sections, self.resources)
        )

    def to_document(self) -> dict[str, Any]:
        """Return the diff as plain data, for JSON and YAML."""
        return {
            "parameters": [one.to_document() for one in self.parameters],
            "derived": [one.to_document() for one in self.derived],
            "registry": [one.to_document() for one in self.registry],
            "files": [one.to_document() for one in self.files],
            "outputs": [one.to_document() for one in self.outputs],
            "sections": [one.to_document() for one in self.sections],
            "resources": [one.to_document() for one in self.resources],
        }
