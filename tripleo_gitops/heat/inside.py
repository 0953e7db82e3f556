"""What differs inside two structured values, by path."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.absent import ABSENT
from tripleo_gitops.heat.errors import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class InsideChange:
    """One path inside a mapping or list that differs; ABSENT on the side that does not have it."""

    path: Path
    old: Any
    new: Any

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        if self.old is ABSENT:
            return "added"
        return "removed" if self.new is ABSENT else "changed"

    @property
    def name(self) -> str:
        """The path as one word."""
        return dotted(self.path)


def diff_inside(old: Any, new: Any) -> tuple[InsideChange, ...]:
    """Return the paths that differ inside two mappings or two lists, in order; nothing for scalars."""
    if not (isinstance(old, dict | list) and type(old) is type(new)):
        return ()
    return tuple(sorted(_changes(old, new, ()), key=lambda change: [str(key) for key in change.path]))


def _changes(old: Any, new: Any, path: Path) -> Iterator[InsideChange]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old.keys() | new.keys():
            here = (*path, key)
            if key not in old or key not in new:
                yield InsideChange(here, old.get(key, ABSENT), new.get(key, ABSENT))
            else:
                yield from _changes(old[key], new[key], here)
    elif isinstance(old, list) and isinstance(new, list) and old != new:
        yield from _list_changes(old, new, path)
    elif old != new or type(old) is not type(new):
        yield InsideChange(path, old, new)


def _list_changes(old: list[Any], new: list[Any], path: Path) -> Iterator[InsideChange]:
    """Align the items of two lists, so that one item put in front is one change."""
    if all(map(_is_scalar, (*old, *new))):
        yield from _scalar_changes(old, new, path)
    else:
        yield from _deep_changes(old, new, path)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _scalar_changes(old: list[Any], new: list[Any], path: Path) -> Iterator[InsideChange]:
    typed = [[(type(item), item) for item in side] for side in (old, new)]
    for _, i, j, k, m in SequenceMatcher(None, typed[0], typed[1], autojunk=False).get_opcodes():
        if typed[0][i:j] == typed[1][k:m]:
            continue
        for before, after in zip_longest(range(i, j), range(k, m)):
            here = (*path, before if after is None else after)
            yield InsideChange(here, ABSENT if before is None else old[before], ABSENT if after is None else new[after])


def _deep_changes(old: list[Any], new: list[Any], path: Path) -> Iterator[InsideChange]:
    # deepdiff takes half a second to import, which only a plan whose lists of mappings differ has to wait for.
    from deepdiff import DeepDiff  # noqa: PLC0415

    found = DeepDiff(old, new, view="tree", verbose_level=2, ignore_type_in_groups=[])
    for kind, levels in found.items():
        for level in levels:
            here = (*path, *level.path(output_format="list"))
            before = ABSENT if kind.endswith("_added") else level.t1
            after = ABSENT if kind.endswith("_removed") else level.t2
            yield InsideChange(here, before, after)
