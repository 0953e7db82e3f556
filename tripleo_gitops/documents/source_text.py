"""The text of a YAML document with its outline: finds nodes, ends and lines, and splices one place."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.documents.events import BYTE_ORDER_MARK
from tripleo_gitops.documents.outline import Node, find_entries, read_outline

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCK_SCALARS = ("|", ">")
_DASH = re.compile(r"(?:[^#\n]*?(?P<dash>-))?[ \t]*(?:#[^\n]*)?\r?$")
"""A line, or the beginning of one, that ends in a dash, in a dash and a comment, or that is blank."""


class Uneditable(ValueError):
    """A place that cannot be changed alone; `line` counts from 1."""

    def __init__(self, problem: str, node: Node | None = None) -> None:
        super().__init__(problem)
        self.line = node.line + 1 if node is not None else None


@dataclass(frozen=True, slots=True)
class Place:
    """A node with what leads to it: the collection that it is in and, in a mapping, its key."""

    node: Node
    parent: Node | None = None
    key: Node | None = None


@dataclass(frozen=True, slots=True)
class SourceText:
    """Decoded text without its byte order mark, and the outline of the document in it."""

    text: str
    root: Node | None
    newline: str
    is_json: bool
    has_mark: bool

    @classmethod
    def of(cls, content: bytes, *, source: str) -> SourceText:
        """Return the text of bytes that are known to parse."""
        has_mark = content.startswith(BYTE_ORDER_MARK)
        text = content.removeprefix(BYTE_ORDER_MARK).decode("utf-8")
        first_break = text.find("\n")
        newline = "\r\n" if first_break > 0 and text[first_break - 1] == "\r" else "\n"
        root = read_outline(text.encode("utf-8"), source=source)
        return cls(text, root, newline, _is_json(text, root, source), has_mark)

    def encode(self, text: str) -> bytes:
        """Return the bytes of an edited text."""
        return (BYTE_ORDER_MARK if self.has_mark else b"") + text.encode("utf-8")

    def splice(self, start: int, end: int, replacement: str) -> str:
        """Return the text with one span replaced."""
        return self.text[:start] + replacement + self.text[end:]

    def insert_lines(self, position: int, lines: Sequence[str], *, column: int) -> str:
        """Return the text with whole lines before `position`, which begins a line or ends the text."""
        indented = [" " * column + line if line else "" for line in lines]
        before = self.text[:position]
        if before and not before.endswith("\n"):
            return before + self.newline + self.newline.join(indented) + self.text[position:]
        return before + "".join(line + self.newline for line in indented) + self.text[position:]

    def line_start(self, position: int) -> int:
        """Return where the line of a position begins."""
        return self.text.rfind("\n", 0, position) + 1

    def line_end(self, position: int) -> int:
        """Return where the next line begins, or the end of the text."""
        found = self.text.find("\n", position)
        return found + 1 if found >= 0 else len(self.text)

    def is_on_same_line(self, start: int, end: int) -> bool:
        """Return whether no line ends between two positions."""
        return "\n" not in self.text[start:end]

    def end_of(self, node: Node) -> int:
        """Return where the last character of a node that is not blank is over.

        The parser ends a block scalar where the next token begins, whatever is blank before that.
        """
        last = _last_leaf(node)
        if last.style not in BLOCK_SCALARS:
            return last.end
        return last.start + len(self.text[last.start : last.end].rstrip())

    def insertion_point(self, node: Node) -> int:
        """Return where the first line after a block node begins; blank lines that `|+` keeps are its own."""
        last = _last_leaf(node)
        header = self.text[last.start : self.line_end(last.start)].split("#")[0]
        if last.style in BLOCK_SCALARS and "+" in header:
            return last.end
        return self.line_end(self.end_of(node))

    def place_of(self, path: Sequence[str | int]) -> tuple[Place, int]:
        """Return the deepest place on `path` that exists, and how many steps lead to it.

        Raises Uneditable where an alias is on the way, or where the document is empty.
        """
        if self.root is None:
            raise Uneditable("the document is empty")
        place = Place(self.root)
        for taken, step in enumerate(path):
            if place.node.kind == "alias":
                raise Uneditable(f"it is an alias of &{place.node.value}", place.node)
            found = _child(place.node, step)
            if found is None:
                return place, taken
            place = found
        return place, len(path)

    def dash_of(self, item: Node) -> int:
        """Return where the dash of a block sequence's item is."""
        end = item.start
        while end > 0:
            begin = self.line_start(end)
            found = _DASH.match(self.text[begin:end])
            if found is None:
                break
            if found["dash"]:
                return begin + found.start("dash")
            end = begin - 1
        raise Uneditable("its dash was not found", item)

    def column_of(self, position: int) -> int:
        """Return the column of a position, counted in characters from 0."""
        return position - self.line_start(position)


def _last_leaf(node: Node) -> Node:
    while node.children and not node.is_flow:
        node = node.children[-1]
    return node


def _child(node: Node, step: str | int) -> Place | None:
    if node.kind == "sequence":
        if isinstance(step, int) and 0 <= step < len(node.children):
            return Place(node.children[step], node)
        return None
    entries = find_entries(node, step)
    return Place(entries[-1][1], node, entries[-1][0]) if entries else None


def _is_json(text: str, root: Node | None, source: str) -> bool:
    """Return whether a text must stay JSON; `{}` alone is so in a file that is named so."""
    if root is None or not root.is_flow or not (root.children or source.endswith(".json")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
