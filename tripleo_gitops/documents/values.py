"""Plain Python values out of YAML events, in one pass that counts depth and nodes as it goes.

PyYAML would compose a tree of nodes first and walk it again, both by recursion: 5,000 nested brackets end
in its stack, and an alias bomb in our memory. One loop over the events has neither, and is faster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.nodes import ScalarNode

from tripleo_gitops.documents.events import Unacceptable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.documents.events import EventSource, Limits

_TAG = "tag:yaml.org,2002:"
_WORDS: dict[str, bool | None] = {
    spelled: value
    for word, value in [*SafeConstructor.bool_values.items(), ("null", None), ("~", None), ("", None)]
    for spelled in (word, word.capitalize(), word.upper())
}
_NOT_ALWAYS_TEXT = frozenset("+-.0123456789<=")
_NO_KEY = object()
_MERGE = object()
_SPECIAL = frozenset(("<<", "="))
_CONSTRUCT: dict[str, Callable[[ScalarNode], Any]] = {
    _TAG + "int": SafeConstructor().construct_yaml_int,
    _TAG + "float": SafeConstructor().construct_yaml_float,
    _TAG + "bool": SafeConstructor().construct_yaml_bool,
    _TAG + "null": lambda _node: None,
    _TAG + "str": lambda node: node.value,
    _TAG + "timestamp": lambda node: node.value,
}


def build_value(parser: EventSource, *, limits: Limits) -> Any:
    """Return the one document that `parser` yields as dicts, lists and scalars; None for an empty stream.

    Raises yaml.YAMLError with a `problem_mark`.
    """
    return _Builder(parser, limits).document()


def plain_scalar(text: str) -> Any:
    """Return what an unquoted scalar means: null, a boolean, a number, or the text itself.

    Raises ValueError for a number that Python refuses and for `=`, which PyYAML knows but cannot build.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NOT_ALWAYS_TEXT:
        return text
    for tag, pattern in yaml.SafeLoader.yaml_implicit_resolvers.get(text[0], ()):
        if pattern.match(text):
            return _typed_scalar(tag, text)
    return text


def _typed_scalar(tag: str, text: str) -> Any:
    if tag not in _CONSTRUCT:
        raise ValueError(f"no plain value has the tag {tag.removeprefix(_TAG)!r}; quote it, or remove the tag")
    try:
        return _CONSTRUCT[tag](ScalarNode(tag, text))
    except (ValueError, KeyError, IndexError):
        raise ValueError(f"{text[:40]!r} is no {tag.removeprefix(_TAG)}; quote it if it is text") from None


class _Frame:
    """One collection that is being read: its value so far, and the key that waits for its value."""

    __slots__ = ("anchor", "before", "is_mapping", "key", "merged", "value")

    def __init__(self, value: Any, anchor: str | None, before: int) -> None:
        self.value, self.anchor, self.before = value, anchor, before
        self.is_mapping = isinstance(value, dict)
        self.key: Any = _NO_KEY
        self.merged: list[Any] = []


class _Builder:
    """The loop over the events of one document."""

    def __init__(self, parser: EventSource, limits: Limits) -> None:
        self._next, self._limits = parser.get_event, limits
        self._outer: list[_Frame] = []
        self._frame = _Frame([], None, 0)
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._open_anchors: set[str] = set()
        self._nodes = 0

    def document(self) -> Any:
        act: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._start_document,
            yaml.DocumentEndEvent: lambda _event: None,
            yaml.StreamStartEvent: lambda _event: None,
        }
        event = self._next()
        while type(event) is not yaml.StreamEndEvent:
            act[type(event)](event)
            event = self._next()
        return self._frame.value[0] if self._frame.value else None

    def _start_document(self, event: Any) -> None:
        if self._frame.value:
            raise Unacceptable("a second document begins; one file holds one document", event.start_mark)

    def _scalar(self, event: Any) -> None:
        tag, value = event.tag, event.value
        try:
            if tag is None or tag == "!":
                if event.implicit[0]:
                    value = self._special_key(value) if value in _SPECIAL else plain_scalar(value)
            else:
                value = _typed_scalar(tag, value)
        except ValueError as exc:
            raise Unacceptable(str(exc), event.start_mark) from exc
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            self._check_limits(event)
        if event.anchor is not None:
            self._define(event, value, 1)
        self._put(value, event)

    def _special_key(self, text: str) -> Any:
        if not self._frame.is_mapping or self._frame.key is not _NO_KEY:
            raise ValueError(f"{text!r} is no value; quote it")
        return _MERGE if text == "<<" else text

    def _put(self, value: Any, event: Any) -> None:
        """Add a finished value to the collection under way."""
        frame = self._frame
        if not frame.is_mapping:
            frame.value.append(value)
        elif frame.key is _NO_KEY:
            if isinstance(value, dict | list):
                raise Unacceptable("a mapping or a list cannot be a key; quote it", event.start_mark)
            frame.key = value
        elif frame.key is _MERGE:
            self._merge(value, event)
            frame.key = _NO_KEY
        else:
            frame.value[frame.key] = value
            frame.key = _NO_KEY

    def _merge(self, value: Any, event: Any) -> None:
        """Keep what a `<<` adds: the mapping's own keys win, and earlier mappings of a list over later."""
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            raise Unacceptable("`<<` merges a mapping or a list of mappings only", event.start_mark)
        self._frame.merged.extend(reversed(sources))

    def _open(self, event: Any) -> None:
        is_mapping = type(event) is yaml.MappingStartEvent
        kind = "map" if is_mapping else "seq"
        if event.tag not in (None, "!", _TAG + kind):
            raise Unacceptable(f"the tag {event.tag!r} is not plain data; remove it", event.start_mark)
        self._nodes += 1
        self._check_limits(event)
        if event.anchor is not None:
            self._define(event, None, 0)
            self._open_anchors.add(event.anchor)
        self._outer.append(self._frame)
        self._frame = _Frame({} if is_mapping else [], event.anchor, self._nodes - 1)

    def _close(self, event: Any) -> None:
        frame, self._frame = self._frame, self._outer.pop()
        if frame.merged:
            frame.value = self._with_merged(frame)
        if frame.anchor is not None:
            self._anchors[frame.anchor] = (frame.value, self._nodes - frame.before)
            self._open_anchors.discard(frame.anchor)
        self._put(frame.value, event)

    def _with_merged(self, frame: _Frame) -> dict[Any, Any]:
        value: dict[Any, Any] = {}
        for source in frame.merged:
            value.update(source)
        value.update(frame.value)
        return value

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise Unacceptable(f"the alias *{event.anchor} has no anchor before it", event.start_mark)
        if event.anchor in self._open_anchors:
            raise Unacceptable(f"the value of &{event.anchor} contains itself", event.start_mark)
        value, size = self._anchors[event.anchor]
        self._nodes += size
        self._check_limits(event)
        self._put(value, event)

    def _define(self, event: Any, value: Any, size: int) -> None:
        if event.anchor in self._anchors:
            raise Unacceptable(f"the anchor &{event.anchor} is defined twice", event.start_mark)
        self._anchors[event.anchor] = (value, size)

    def _check_limits(self, event: Any) -> None:
        """Refuse what is too much, or too deep for one more collection in it."""
        if self._nodes > self._limits.nodes:
            raise Unacceptable(f"more nodes than the limit of {self._limits.nodes}, aliases followed", event.start_mark)
        if len(self._outer) >= self._limits.depth:
            raise Unacceptable(f"nested deeper than the limit of {self._limits.depth}", event.start_mark)
