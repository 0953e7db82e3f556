"""A selection written into plan-environment.yaml: entries come, go and move; every other byte stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.documents.edit import insert_item, move_item, remove_item
from tripleo_gitops.plan.plan_environment import (
    PLAN_ENVIRONMENT_FILE,
    EnvironmentFile,
    parse_plan_environment,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_LIST = ("environments",)


def plan_selection_edit(content: bytes, selected: Sequence[str], *, source: str = PLAN_ENVIRONMENT_FILE) -> bytes:
    """Return the plan environment with `selected` as its files, in that order; inline environments stay.

    As few entries as possible move, and one that moves takes the comment on its line along. Raises
    InvalidDocument, and UneditableDocument where the list cannot be changed alone.
    """
    content = _without_unselected(content, selected, source)
    staying = _longest_in_order([path for path in _entries(content, source) if path is not None], selected)
    for position, path in enumerate(selected):
        if path in staying:
            continue
        entries = _entries(content, source)
        target = entries.index(selected[position - 1]) + 1 if position else 0
        if path in entries:
            origin = entries.index(path)
            to = target - 1 if origin < target else target
            content = move_item(content, _LIST, origin, to, source=source)
        else:
            content = insert_item(content, _LIST, target, {"path": path}, source=source)
    return content


def _entries(content: bytes, source: str) -> list[str | None]:
    """Return the paths in the list of environments, None for each inline one."""
    entries = parse_plan_environment(content, source=source).environments
    return [entry.path if isinstance(entry, EnvironmentFile) else None for entry in entries]


def _without_unselected(content: bytes, selected: Sequence[str], source: str) -> bytes:
    """Return the content without the files that are not selected, and without second mentions."""
    entries = _entries(content, source)
    for index in reversed(range(len(entries))):
        path = entries[index]
        if path is not None and (path not in selected or path in entries[:index]):
            content = remove_item(content, _LIST, index, source=source)
    return content


def _longest_in_order(current: Sequence[str], wanted: Sequence[str]) -> frozenset[str]:
    """Return the largest part of `current` that stands in the order of `wanted` already."""
    longest: dict[str, list[str]] = {}
    for path in current:
        before = [chain for last, chain in longest.items() if wanted.index(last) < wanted.index(path)]
        chain: list[str] = max(before, key=len, default=[])
        longest[path] = [*chain, path]
    best: list[str] = max(longest.values(), key=len, default=[])
    return frozenset(best)
