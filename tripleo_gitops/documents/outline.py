"""Where the nodes of a YAML document begin and end, for finding lines and for editing single values."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from tripleo_gitops.documents.events import DEFAULT_LIMITS, Limits, Unacceptable, read_events
from tripleo_gitops.documents.invalid import InvalidDocument
from tripleo_gitops.documents.values import plain_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tripleo_gitops.documents.events import EventSource


REMEMBERED_SIZE = 512 * 1024
"""Bytes up to which the outline of a file is kept for the next line that is asked for."""


@dataclass(slots=True)
class Node:
    """One node: its place as offsets into the decoded text, its line from 0, its column, its children.

    `end` of a block collection is where its last leaf ends. `children` of a mapping alternate key, value.
    """

    kind: str
    start: int
    end: int
    line: int
    column: int
    value: Any = None
    style: str | None = None
    anchor: str | None = None
    tag: str | None = None
    children: list[Node] = field(default_factory=list)

    def entries(self) -> Iterator[tuple[Node, Node]]:
        """Yield a mapping's keys with their values."""
        return zip(self.children[::2], self.children[1::2], strict=True)

    @property
    def is_flow(self) -> bool:
        """Whether this is a collection in brackets."""
        return self.style == "flow"


def read_outline(content: bytes, *, source: str, limits: Limits = DEFAULT_LIMITS) -> Node | None:
    """Return the root node, or None for an empty document; raises InvalidDocument as `parse_yaml` does."""

    def read(parser: EventSource) -> Node | None:
        return _Outliner(parser, limits).root()

    return read_events(content, read, source=source, limits=limits)


def locate(content: bytes, path: Sequence[str | int]) -> int | None:
    """Return the line, counted from 1, of the key or item that `path` leads to, or None.

    Of a key that occurs twice the last one counts, as for the parsed value. What comes by an alias or by a
    merge key has the line of what is aliased.
    """
    node, anchors = (_remembered if len(content) <= REMEMBERED_SIZE else _anchored)(content)
    line = node.line + 1 if node is not None else None
    for step in path:
        found = find_child(_resolved(node, anchors), step, anchors) if node is not None else None
        if found is None:
            return None
        line, node = found[0].line + 1, found[1]
    return line


def _anchored(content: bytes) -> tuple[Node | None, dict[str, Node]]:
    try:
        node = read_outline(content, source="")
    except InvalidDocument:
        node = None
    anchors: dict[str, Node] = {}
    if node is not None:
        collect_anchors(node, anchors)
    return node, anchors


_remembered = lru_cache(maxsize=8)(_anchored)
"""Lines of one file are asked for by the hundred, one key after another; outlines are never changed."""


def find_child(node: Node | None, step: str | int, anchors: dict[str, Node]) -> tuple[Node, Node] | None:
    """Return the key (or the item itself) and the value that `step` leads to in a mapping or a sequence."""
    if node is None:
        return None
    if node.kind == "sequence":
        if isinstance(step, int) and 0 <= step < len(node.children):
            return node.children[step], node.children[step]
        return None
    if node.kind != "mapping":
        return None
    own = find_entries(node, step)
    if own:
        return own[-1]
    for key, value in node.entries():
        if key.kind == "scalar" and key.style is None and key.value == "<<":
            found = _find_merged(_resolved(value, anchors), step, anchors)
            if found is not None:
                return found
    return None


def find_entries(node: Node, step: str | int) -> list[tuple[Node, Node]]:
    """Return the entries of a mapping whose key is `step`, without what comes by a merge key."""
    if node.kind != "mapping":
        return []
    return [
        (key, value)
        for key, value in node.entries()
        if key.kind == "scalar" and key.value == step and type(key.value) is type(step)
    ]


def _find_merged(node: Node | None, step: str | int, anchors: dict[str, Node]) -> tuple[Node, Node] | None:
    if node is None or node.kind == "mapping":
        return find_child(node, step, anchors)
    candidates = (find_child(_resolved(child, anchors), step, anchors) for child in node.children)
    return next((found for found in candidates if found is not None), None)


def _resolved(node: Node | None, anchors: dict[str, Node]) -> Node | None:
    return anchors.get(str(node.value)) if node is not None and node.kind == "alias" else node


def collect_anchors(node: Node, anchors: dict[str, Node]) -> None:
    """Add every anchored node below `node` to `anchors`."""
    pending = [node]
    while pending:
        current = pending.pop()
        if current.anchor is not None:
            anchors[current.anchor] = current
        pending.extend(current.children)


def duplicate_keys(content: bytes, *, source: str = "") -> tuple[tuple[str, int], ...]:
    """Return the keys that occur a second time in their mapping, each with its line counted from 1."""
    root = read_outline(content, source=source)
    found: list[tuple[str, int]] = []
    pending = [root] if root is not None else []
    while pending:
        node = pending.pop()
        if node.kind == "mapping":
            seen: set[Any] = set()
            for key, _value in node.entries():
                if key.kind == "scalar" and key.value in seen:
                    found.append((str(key.value), key.line + 1))
                elif key.kind == "scalar" and key.value != "<<":
                    seen.add(key.value)
        pending.extend(node.children)
    return tuple(sorted(found, key=lambda entry: entry[1]))


class _Outliner:
    """The loop over the events of one document that has been, or will be, parsed with the same limits."""

    def __init__(self, parser: EventSource, limits: Limits) -> None:
        self._next, self._limits = parser.get_event, limits
        self._stack: list[Node] = [Node("stream", 0, 0, 0, 0)]

    def root(self) -> Node | None:
        event = self._next()
        while type(event) is not yaml.StreamEndEvent:
            if isinstance(event, yaml.CollectionStartEvent):
                self._open(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close(event)
            elif isinstance(event, yaml.NodeEvent):
                self._leaf(event)
            event = self._next()
        top = self._stack[0].children
        return top[0] if top else None

    def _open(self, event: Any) -> None:
        if len(self._stack) > self._limits.depth:
            raise Unacceptable(f"nested deeper than the limit of {self._limits.depth}", event.start_mark)
        mark = event.start_mark
        node = Node(
            "mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence",
            mark.index,
            mark.index,
            mark.line,
            mark.column,
            style="flow" if event.flow_style else "block",
            anchor=event.anchor,
            tag=event.tag,
        )
        self._stack[-1].children.append(node)
        self._stack.append(node)

    def _close(self, event: Any) -> None:
        node = self._stack.pop()
        node.end = event.end_mark.index if node.is_flow or not node.children else node.children[-1].end

    def _leaf(self, event: Any) -> None:
        mark = event.start_mark
        leaf = Node("alias", mark.index, event.end_mark.index, mark.line, mark.column, value=event.anchor)
        if isinstance(event, yaml.ScalarEvent):
            leaf.kind, leaf.anchor, leaf.tag = "scalar", event.anchor, event.tag
            leaf.value, leaf.style = self._scalar_value(event), event.style or None
        self._stack[-1].children.append(leaf)

    @staticmethod
    def _scalar_value(event: Any) -> Any:
        if event.tag is None and event.implicit[0] and event.value not in ("<<", "="):
            try:
                return plain_scalar(event.value)
            except ValueError as exc:
                raise Unacceptable(str(exc), event.start_mark) from exc
        return event.value
