"""What somebody changed on a stack by other means: last applied, live and wanted beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tripleo_gitops.heat.diff import diff_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.heat.changes import ParameterDiff
    from tripleo_gitops.heat.side import Side


class Fate(StrEnum):
    """What a deploy does to a change that was made by hand."""

    UNDONE = "undone"
    KEPT = "kept"
    OVERRULED = "overruled"
    SURVIVES = "survives"

    @property
    def words(self) -> str:
        """The same for people."""
        return _WORDS[self]


_WORDS = {
    Fate.UNDONE: "the deploy puts it back",
    Fate.KEPT: "the plan says the same now",
    Fate.OVERRULED: "the plan changed it, too, and wins",
    Fate.SURVIVES: "PATCH leaves it as it is",
}


@dataclass(frozen=True, slots=True)
class HandChange:
    """One thing of a stack that is not as it was last applied: `what` is parameter, registry, file, output, section."""

    what: str
    name: str
    kind: str
    fate: Fate

    def to_document(self) -> dict[str, str]:
        """Return this as plain data."""
        return {"what": self.what, "name": self.name, "kind": self.kind, "fate": self.fate.value}


@dataclass(frozen=True, slots=True)
class ThreeSides:
    """A stack as it was last applied, as it is, and as it is wanted; the last two are compared already.

    `was_merged` says that the last update was a PATCH: what it left of older ones is nobody's change. `merges` says
    that the next one is.
    """

    applied: Side
    live: Side
    wanted: Side
    was_merged: bool = False
    merges: bool = False


def changed_by_hand(sides: ThreeSides, *, pending: ParameterDiff) -> tuple[HandChange, ...]:
    """Return what differs between last applied and live; `pending` is the diff from live to wanted.

    Hidden values are not in it: Heat does not tell them.
    """
    drift = _named(diff_parameters(sides.applied, sides.live))
    if sides.was_merged:
        drift = {key: kind for key, kind in drift.items() if kind != "added"}
    if not drift:
        return ()
    differing = _named(pending)
    moved = _named(diff_parameters(sides.applied, sides.wanted))
    surviving = {("parameter", one.name) for one in pending.parameters if sides.merges and one.survives_patch}
    return tuple(
        HandChange(*key, kind, _fate(key, differing=differing, moved=moved, surviving=surviving))
        for key, kind in sorted(drift.items())
    )


Key = tuple[str, str]


def _fate(key: Key, *, differing: dict[Key, str], moved: dict[Key, str], surviving: set[Key]) -> Fate:
    if key not in differing:
        return Fate.KEPT
    if key in surviving:
        return Fate.SURVIVES
    return Fate.OVERRULED if key in moved else Fate.UNDONE


def _named(diff: ParameterDiff) -> dict[Key, str]:
    return dict(_entries(diff))


def _entries(diff: ParameterDiff) -> Iterator[tuple[Key, str]]:
    for parameter in diff.parameters:
        if not parameter.is_hidden:
            yield ("parameter", parameter.name), parameter.kind
    for entry in diff.registry:
        if entry.name in {entry.old, entry.new}:  # Heat's own note of a file that a template names as a type
            continue
        yield ("registry", entry.name), entry.kind
    for what, found in (("file", diff.files), ("output", diff.outputs), ("section", diff.sections)):
        for content in found:
            yield (what, content.name), content.kind
