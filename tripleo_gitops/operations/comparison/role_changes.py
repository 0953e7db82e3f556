"""Which roles and networks of a plan change, and how many nodes are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.heat.changes import inside_document, kind_of
from tripleo_gitops.heat.inside import InsideChange, diff_inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tripleo_gitops.heat.bundle import Bundle
    from tripleo_gitops.plan.plan import Plan


class ModelSide(Protocol):
    """A plan, and what Heat gets or got of it."""

    @property
    def plan(self) -> Plan: ...
    @property
    def bundle(self) -> Bundle: ...


@dataclass(frozen=True, slots=True)
class ModelState:
    """A role or a network on one side: what its file says, and for a role how many nodes are asked for."""

    fields: Mapping[str, Any]
    count: Any = None


@dataclass(frozen=True, slots=True)
class ModelChange:
    """A role or a network that differs; None on the side that does not have it."""

    what: str
    name: str
    old: ModelState | None
    new: ModelState | None

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        return kind_of(self.old, self.new)

    @property
    def counts(self) -> tuple[Any, Any] | None:
        """How many nodes before and after, where that differs; None is nothing asked for."""
        counts = tuple(state.count if state else None for state in (self.old, self.new))
        return (counts[0], counts[1]) if counts[0] != counts[1] else None

    @property
    def inside(self) -> tuple[InsideChange, ...]:
        """What differs in the data of a role or network that both sides have."""
        return diff_inside(dict(self.old.fields), dict(self.new.fields)) if self.old and self.new else ()

    def to_document(self) -> dict[str, Any]:
        """Return the change as plain data."""
        counts = self.counts
        return {
            "what": self.what,
            "name": self.name,
            "kind": self.kind,
            "old_count": counts[0] if counts else None,
            "new_count": counts[1] if counts else None,
            "inside": [inside_document(one) for one in self.inside],
        }


def diff_models(old: ModelSide | None, new: ModelSide | None) -> tuple[ModelChange, ...]:
    """Return the roles and then the networks that differ, in the order of the newer side."""
    found = [
        *_changes("role", _roles(old), _roles(new)),
        *_changes("network", _networks(old), _networks(new)),
    ]
    return tuple(found)


def _changes(what: str, old: Mapping[str, ModelState], new: Mapping[str, ModelState]) -> Iterator[ModelChange]:
    for name in dict.fromkeys((*new, *old)):
        before, after = old.get(name), new.get(name)
        if before != after:
            yield ModelChange(what, name, before, after)


def _roles(side: ModelSide | None) -> dict[str, ModelState]:
    if side is None:
        return {}
    return {role.name: ModelState(role.fields, _count(side, role.name, role.count_default)) for role in side.plan.roles}


def _networks(side: ModelSide | None) -> dict[str, ModelState]:
    return {network.name: ModelState(network.fields) for network in side.plan.networks} if side else {}


def _count(side: ModelSide, role: str, count_default: int) -> Any:
    """Return how many nodes of a role Heat is asked for: as set, as the template's default, as the role's own."""
    name = f"{role}Count"
    for section in ("parameters", "parameter_defaults"):
        values = side.bundle.environment.get(section) or {}
        if name in values:
            return values[name]
    declared = (side.bundle.template.get("parameters") or {}).get(name) or {}
    return declared.get("default", count_default)
