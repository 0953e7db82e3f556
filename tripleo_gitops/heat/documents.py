"""Parsed documents by blob: each file parsed once, and not at all where a cache remembers it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.documents.yaml import parse_template
from tripleo_gitops.heat.versions import VERSION_KEYS

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import BlobId, PlanTree

_MARKS = tuple(key.encode() for key in VERSION_KEYS)
_FORMAT = "document1"


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


class Documents:
    """The templates of a tree as parsed documents; the same object each time, so callers must not change it."""

    def __init__(self, tree: PlanTree, cache: DocumentCache | None) -> None:
        self._tree, self._cache = tree, cache
        self._parsed: dict[BlobId, Any] = {}

    def load(self, path: str) -> Any:
        """Return the document in a file as Heat reads templates; raises MissingFile, InvalidDocument."""
        blob = self._tree.blob_id(path)
        if blob not in self._parsed:
            self._parsed[blob] = self._load(path, blob)
        return self._parsed[blob]

    def _load(self, path: str, blob: BlobId) -> Any:
        key = f"{_FORMAT}-{blob}"
        if self._cache is not None and (kept := self._cache.get(key)) is not None:
            return json.loads(kept)
        document = parse_template(self._tree.read(path), source=path)
        if self._cache is not None and _survives_json(document):
            self._cache.put(key, json.dumps(document, separators=(",", ":")).encode())
        return document


def _survives_json(value: Any) -> bool:
    """Return whether JSON gives the same value back: all keys are text, nothing but JSON's own types."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _survives_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_survives_json, value))
    return value is None or isinstance(value, str | int | bool | float)


def with_text_keys(value: Any) -> Any:
    """Return a copy whose mappings have text for keys, as JSON on the way to Heat makes them."""
    if isinstance(value, dict):
        return {_text_key(key): with_text_keys(item) for key, item in value.items()}
    return [with_text_keys(item) for item in value] if isinstance(value, list) else value


def _text_key(key: Any) -> str:
    if isinstance(key, str):
        return key
    return json.dumps(key) if key is None or isinstance(key, bool | int | float) else str(key)
