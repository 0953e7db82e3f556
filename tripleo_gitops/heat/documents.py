"""Parsed documents by blob: each file parsed once, and not at all where a cache remembers it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.documents.yaml import parse_template
from tripleo_gitops.heat.references import TEMPLATE_SUFFIXES
from tripleo_gitops.heat.versions import VERSION_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.documents.tree import BlobId, PlanTree

Place = tuple[str | int, ...]
_MARKS = tuple(key.encode() for key in VERSION_KEYS)
_TYPE_KEYS = ("type", "Type")
_FORMAT = "document2"


class DocumentCache(Protocol):
    """Where what was computed from a blob is kept; losing entries costs time only."""

    def get(self, key: str) -> bytes | None:
        """Return what was put under this key (letters, digits and dashes), or None."""
        ...

    def put(self, key: str, content: bytes) -> None:
        """Keep `content` for a while; may forget it at any time."""
        ...


def may_be_template(content: bytes) -> bool:
    """Return False for what can be no template: none of the version keys occurs in its text."""
    return any(mark in content for mark in _MARKS)


@dataclass(frozen=True, slots=True)
class Document:
    """A file as Heat parses it, and the places of the references to other files in it; not to be changed."""

    value: Any
    references: tuple[Place, ...]


def at(value: Any, place: Place) -> Any:
    """Return what is at a place of a document."""
    for key in place:
        value = value[key]
    return value


class Documents:
    """The files of a tree as parsed documents; the same object each time for the same bytes."""

    def __init__(self, tree: PlanTree, cache: DocumentCache | None) -> None:
        self._tree, self._cache = tree, cache
        self._parsed: dict[BlobId, Document] = {}

    def load(self, path: str) -> Document:
        """Return a file as Heat reads templates; raises MissingFile, InvalidDocument."""
        blob = self._tree.blob_id(path)
        if blob not in self._parsed:
            self._parsed[blob] = self._load(path, blob)
        return self._parsed[blob]

    def _load(self, path: str, blob: BlobId) -> Document:
        key = f"{_FORMAT}-{blob}"
        if self._cache is not None and (kept := self._cache.get(key)) is not None:
            references, value = json.loads(kept)
            return Document(value, tuple(map(tuple, references)))
        value = parse_template(self._tree.read(path), source=path)
        document = Document(value, tuple(_references(value, ())))
        if self._cache is not None and _survives_json(value):
            content = json.dumps([document.references, value], separators=(",", ":"))
            self._cache.put(key, content.encode())
        return document


def _references(value: Any, place: Place) -> Iterator[Place]:
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, dict | list):
                yield from _references(item, (*place, key))
            elif isinstance(item, str) and _is_reference(key, item):
                yield (*place, key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict | list):
                yield from _references(item, (*place, index))


def _is_reference(key: Any, value: str) -> bool:
    return key == "get_file" or (key in _TYPE_KEYS and value.endswith(TEMPLATE_SUFFIXES))


def is_type(place: Place) -> bool:
    """Return whether a reference names a template for a resource, not a file to be read."""
    return place[-1] in _TYPE_KEYS


def _survives_json(value: Any) -> bool:
    """Return whether JSON gives the same value back: all keys are text, nothing but JSON's own types."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _survives_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_survives_json, value))
    return value is None or isinstance(value, str | int | bool | float)


def replaced(value: Any, new: dict[Place, Any]) -> Any:
    """Return a document with other values at some places; what is not on the way to them is shared."""
    if () in new:
        return new[()]
    below: dict[Any, dict[Place, Any]] = {}
    for place, item in new.items():
        below.setdefault(place[0], {})[place[1:]] = item
    copied = value.copy()
    for key, items in below.items():
        copied[key] = replaced(value[key], items)
    return copied


def with_text_keys(value: Any) -> Any:
    """Return a copy whose mappings have text for keys, as JSON on the way to Heat makes them."""
    if isinstance(value, dict):
        return {_text_key(key): with_text_keys(item) for key, item in value.items()}
    return [with_text_keys(item) for item in value] if isinstance(value, list) else value


def _text_key(key: Any) -> str:
    if isinstance(key, str):
        return key
    return json.dumps(key) if key is None or isinstance(key, bool | int | float) else str(key)
