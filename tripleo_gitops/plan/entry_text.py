"""The text of a file that lists named things, such as roles: an entry that stays keeps every byte that it had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from tripleo_gitops.documents.outline import Node, read_outline
from tripleo_gitops.plan.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NAME = "name"
_UNBROKEN = 1000


@dataclass(frozen=True, slots=True)
class EntriesText:
    """A file cut into what stands before its entries, each entry's own text, and what stands after."""

    head: str
    entries: dict[str, str]
    tail: str


def cut_entries(content: bytes, names: Sequence[str], *, source: str) -> EntriesText:
    """Return a block list cut at its entries, which are called `names` in their order; raises InvalidDocument.

    Comments above an entry are that entry's.
    """
    text = content.decode("utf-8")
    root = read_outline(text.encode("utf-8"), source=source)
    if root is None or not root.children:
        return EntriesText(text if root is None else text[: root.start], {}, "" if root is None else text[root.end :])
    if root.is_flow:
        raise Document(content, source=source).error(
            (), "entries in brackets cannot be chosen from; write a block list"
        )
    starts = [_start_of(text, root.children[0])]
    starts += [_line_after(text, item) for item in root.children[:-1]]
    end = _line_after(text, root.children[-1])
    bounds = [*starts, end]
    chunks = {name: text[bounds[index] : bounds[index + 1]] for index, name in enumerate(names)}
    return EntriesText(text[: starts[0]], chunks, text[end:])


def join_entries(text: EntriesText, chunks: Sequence[str], *, newline: str = "\n") -> bytes:
    """Return the file with other entries, given by their texts."""
    whole = [chunk if chunk.endswith("\n") else chunk + newline for chunk in chunks[:-1]] + list(chunks[-1:])
    return (text.head + ("".join(whole) or f"[]{newline}") + text.tail).encode("utf-8")


def write_entries(
    content: bytes, current: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]], *, source: str
) -> bytes:
    """Return a file that lists `current` with the entries `wanted`; those that are as they were keep their text."""
    before = {one[NAME]: one for one in current}
    if [dict(one) for one in wanted] == [dict(one) for one in current]:
        return content
    text = cut_entries(content, list(before), source=source)
    return join_entries(
        text,
        [
            text.entries[one[NAME]] if before.get(one[NAME]) == one else _written(one, text.entries.get(one[NAME], ""))
            for one in wanted
        ],
    )


def merge_entries(
    current: Iterable[Mapping[str, Any]], given: Iterable[Mapping[str, Any]]
) -> tuple[dict[str, Any], ...]:
    """Return entries merged by their names: the last definition wins, at the place of the first."""
    return tuple({one[NAME]: dict(one) for one in (*current, *given)}.values())


def are_named(entries: Any) -> bool:
    """Return whether this is a list of mappings that have a name each."""
    return isinstance(entries, list) and all(
        isinstance(one, dict) and isinstance(one.get(NAME), str) for one in entries
    )


def _written(entry: Mapping[str, Any], before: str) -> str:
    """Return an entry's new text, below the comments and the empty lines that stood above it."""
    kept = ""
    for line in before.splitlines(keepends=True):
        if line.strip() and not line.startswith("#"):
            break
        kept += line
    return kept + yaml.safe_dump([dict(entry)], sort_keys=False, allow_unicode=True, width=_UNBROKEN)


def _start_of(text: str, item: Node) -> int:
    """Return where the comments begin that stand right above the first entry."""
    begin = text.rfind("\n", 0, item.start) + 1
    while begin > 0:
        previous = text.rfind("\n", 0, begin - 1) + 1
        if not text[previous:begin].startswith("#"):
            break
        begin = previous
    return begin


def _line_after(text: str, item: Node) -> int:
    last = item
    while last.children and not last.is_flow:
        last = last.children[-1]
    end = last.start + len(text[last.start : last.end].rstrip())
    found = text.find("\n", end)
    return found + 1 if found >= 0 else len(text)
