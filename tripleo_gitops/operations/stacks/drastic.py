"""What a deploy destroys, in figures; beyond the ordinary it needs a second yes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Refused
from tripleo_gitops.heat.changes import Replacement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tripleo_gitops.heat.changes import ResourceChange

DELETE_SHARE_LIMIT = 0.3
SHOWN = 3
_SERVER = re.compile(r"OS::(Nova::Server|Heat::DeployedServer|TripleO::(\w*)Server)")


class Drastic(StrEnum):
    """What needs a second yes; the values are those of `--allow-…`."""

    REPLACE = "replace"
    DELETE = "delete"


class NeedsSecondYes(Refused):
    """A deploy that replaces nodes, or deletes a large share of the stack, without somebody having said so."""

    reason = "NeedsSecondYes"

    def __init__(self, what: tuple[Drastic, ...], *, figures: str) -> None:
        flags = " ".join(f"--allow-{one}" for one in what)
        super().__init__(f"{figures}; look at the diff, then say so with {flags}")
        self.what, self.figures = what, figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Destruction:
    """Which nodes a deploy makes anew, or may, and how many of the stack's resources it deletes."""

    replaced: tuple[str, ...]
    maybe: tuple[str, ...]
    deleted: int
    existing: int

    @property
    def needs(self) -> tuple[Drastic, ...]:
        """What a second yes is needed for, if anything."""
        found = [Drastic.REPLACE] if self.replaced or self.maybe else []
        if self.existing and self.deleted > DELETE_SHARE_LIMIT * self.existing:
            found.append(Drastic.DELETE)
        return tuple(found)

    @property
    def words(self) -> str:
        """The figures in one line."""
        parts = []
        for paths, verb in ((self.replaced, "replaces"), (self.maybe, "may replace")):
            if paths:
                some = ", ".join(paths[:SHOWN]) + (", …" if len(paths) > SHOWN else "")
                parts.append(f"{verb} {len(paths)} node{'s' if len(paths) > 1 else ''} ({some})")
        if Drastic.DELETE in self.needs:
            share = self.deleted / self.existing
            parts.append(
                f"deletes {self.deleted} of {self.existing} resources ({share:.0%}, limit {DELETE_SHARE_LIMIT:.0%})"
            )
        return f"the deploy {' and '.join(parts)}" if parts else ""


def measure_destruction(
    changes: Iterable[ResourceChange], existing: Collection[str], *, roles: Collection[str]
) -> Destruction:
    """Return what changes do to the stack's resources; `existing` are their paths, `roles` the plan's.

    A node is a member of a role's group (`Controller/0`); whatever is inside it goes with it, and it is made anew when
    its server is. A replaced group replaces all its members.
    """
    nodes = [path for path in existing if _is_node(path, roles)]
    replaced: set[str] = set()
    maybe: set[str] = set()
    deleted: set[str] = set()
    for change in changes:
        place = change.path.strip("/")
        for gone in _gone(place, change):
            deleted.update(path for path in existing if _is_within(path, gone))
        if change.replacement is not Replacement.NO and change.old is not None and change.new is not None:
            found = {node for node in nodes if _goes_with(node, place, change)}
            (replaced if change.replacement is Replacement.YES else maybe).update(found)
    return Destruction(
        replaced=tuple(sorted(replaced)),
        maybe=tuple(sorted(maybe - replaced)),
        deleted=len(deleted),
        existing=len(existing),
    )


def check_destruction(found: Destruction, *, allowed: Collection[str]) -> None:
    """Raise NeedsSecondYes with the figures, unless everything that needs it is `allowed`."""
    lacking = tuple(one for one in found.needs if one.value not in allowed)
    if lacking:
        raise NeedsSecondYes(lacking, figures=found.words)


def _is_node(path: str, roles: Collection[str]) -> bool:
    parts = path.split("/")
    return len(parts) == 2 and parts[0] in roles


def _gone(place: str, change: ResourceChange) -> tuple[str, ...]:
    """Return the paths below which everything goes: the resource itself, or members of its group."""
    if change.new is None:
        return (place,)
    return tuple(f"{place}/{member}" for member in change.members.removed) if change.members else ()


def _goes_with(node: str, place: str, change: ResourceChange) -> bool:
    if _is_within(node, place):
        return True
    return _is_within(place, node) and _SERVER.fullmatch(change.old or "") is not None


def _is_within(path: str, outer: str) -> bool:
    return path == outer or path.startswith(f"{outer}/")
