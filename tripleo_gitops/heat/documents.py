"""Parsed files by blob: each parsed once, and not at all where a cache remembers it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.documents.tree import MakingTree
from tripleo_gitops.documents.yaml import parse_template
from tripleo_gitops.heat.outline import Outline, outline_of
from tripleo_gitops.heat.versions import VERSION_KEYS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tripleo_gitops.documents.tree import BlobId, PlanTree
    from tripleo_gitops.heat.outline import Place

_MARKS = tuple(key.encode() for key in VERSION_KEYS)
_FORMAT = "heat2"
_LENGTH = 4
"""Bytes in front of what is kept of a file: how long its outline is; its document follows that."""
UNPACKED = 0.1
"""The share of a plan's outlines that may be read one by one, before they are packed together anew."""


class DocumentCache(Protocol):
    """Where what was computed from a blob is kept; losing entries costs time only."""

    def get(self, key: str) -> bytes | None:
        """Return what was put under this key (letters, digits and dashes), or None."""
        ...

    def put(self, key: str, content: bytes) -> None:
        """Keep `content` for a while; may forget it at any time."""
        ...


class Ahead(Protocol):
    """Parses files beside what is done here, where there is somebody to do it; what it does not do is done here."""

    def offer(self, blob: BlobId, content: bytes) -> None:
        """Say that a file will be asked for."""
        ...

    def take(self, blob: BlobId) -> tuple[bytes, bytes] | None:
        """Return what `told_of` tells of a file, waiting for it where it is under way; None where it is not."""
        ...


def told_of(content: bytes, *, source: str) -> tuple[bytes, bytes]:
    """Return a template's outline and its document as JSON, the document empty where JSON is not the same."""
    value = parse_template(content, source=source)
    outline = outline_of(value)
    return _to_json(outline.to_document()), _to_json(value) if outline.is_json else b""


def may_be_template(content: bytes) -> bool:
    """Return False for what can be no template: none of the version keys occurs in its text."""
    return any(mark in content for mark in _MARKS)


class Documents:
    """Files as outlines and as parsed documents; the same object each time for the same bytes.

    Two trees that are compared should be read through one of these, since most of their files are the same.
    """

    def __init__(self, cache: DocumentCache | None = None, *, ahead: Ahead | None = None) -> None:
        self._cache, self._ahead = cache, ahead
        self._told: dict[BlobId, bytes] = {}
        self._outlines: dict[BlobId, Outline] = {}
        self._values: dict[BlobId, Any] = {}
        self._resolved: dict[tuple[BlobId, str], Any] = {}
        self._packed: dict[str, list[Any]] = {}
        self._expected: set[BlobId] = set()

    def unpack(self, name: str) -> None:
        """Recall at once the outlines that were packed under a name; each is still known by its blob alone."""
        kept = self._cache.get(_pack_key(name)) if self._cache else None
        self._packed |= json.loads(kept) if kept is not None else {}

    def pack(self, name: str, blobs: Collection[BlobId]) -> None:
        """Keep the outlines of these blobs together under a name, where too many of them are not yet."""
        if self._cache is None or sum(blob not in self._packed for blob in blobs) <= len(blobs) * UNPACKED:
            return
        documents: dict[str, list[Any]] = {blob: self._outlines[blob].to_document() for blob in blobs}
        self._packed |= documents
        self._cache.put(_pack_key(name), _to_json(documents))

    def expect(self, tree: PlanTree, paths: Iterable[str]) -> None:
        """Say that the outlines of files will be asked for; those that are not known may be parsed ahead.

        Files that have to be made come last: others are parsed meanwhile.
        """
        if self._ahead is not None:
            if isinstance(tree, MakingTree):
                paths = sorted(paths, key=tree.is_made)
                tree.expect(path for path in paths if tree.is_made(path))
            for path in paths:
                self._expect(self._ahead, tree, path)

    def _expect(self, ahead: Ahead, tree: PlanTree, path: str) -> None:
        blob = tree.blob_id(path)
        if blob in self._outlines or blob in self._packed or blob in self._expected:
            return
        self._expected.add(blob)
        kept = self._kept_outline(blob)
        if kept is not None:
            self._outlines[blob] = kept
        elif may_be_template(content := tree.read(path)):
            ahead.offer(blob, content)

    def outline(self, tree: PlanTree, path: str) -> Outline:
        """Return what a file says in outline; raises MissingFile, InvalidDocument."""
        blob = tree.blob_id(path)
        if blob not in self._outlines:
            self._outlines[blob] = self._kept_outline(blob) or self._new_outline(tree, path, blob)
        return self._outlines[blob]

    def value(self, tree: PlanTree, path: str) -> Any:
        """Return a file as Heat reads templates, not to be changed; raises MissingFile, InvalidDocument."""
        blob = tree.blob_id(path)
        if blob not in self._values:
            kept = self._told.pop(blob, b"") or self._kept(blob)[1]
            self._values[blob] = json.loads(kept) if kept else self._parse(tree, path)
        return self._values[blob]

    def resolved(self, tree: PlanTree, path: str, directory: str, new: dict[Place, str]) -> Any:
        """Return a file with plan paths for its references, which start from `directory`."""
        key = (tree.blob_id(path), directory)
        if key not in self._resolved:
            value = replaced(self.value(tree, path), new)
            self._resolved[key] = value if self.outline(tree, path).is_json else with_text_keys(value)
        return self._resolved[key]

    def _kept_outline(self, blob: BlobId) -> Outline | None:
        if blob in self._packed:
            return Outline.from_document(self._packed[blob])
        outline, document = self._kept(blob)
        if not outline:
            return None
        self._told[blob] = document
        return Outline.from_document(json.loads(outline))

    def _kept(self, blob: BlobId) -> tuple[bytes, bytes]:
        """Return what the cache has of a file's outline and document, empty for what it has not."""
        kept = self._cache.get(f"{_FORMAT}-file-{blob}") if self._cache is not None else None
        if kept is None:
            return b"", b""
        end = _LENGTH + int.from_bytes(kept[:_LENGTH], "big")
        return kept[_LENGTH:end], kept[end:]

    def _keep(self, blob: BlobId, outline: bytes, document: bytes) -> None:
        if self._cache is not None:
            self._cache.put(f"{_FORMAT}-file-{blob}", len(outline).to_bytes(_LENGTH, "big") + outline + document)

    def _new_outline(self, tree: PlanTree, path: str, blob: BlobId) -> Outline:
        told = self._ahead.take(blob) if self._ahead else None
        if told is not None:
            return self._note(blob, *told)
        value = self._values.setdefault(blob, self._parse(tree, path))
        outline = outline_of(value)
        if self._cache is not None:
            is_kept = outline.is_template and outline.is_json
            self._keep(blob, _to_json(outline.to_document()), _to_json(value) if is_kept else b"")
        return outline

    def _note(self, blob: BlobId, outline: bytes, document: bytes) -> Outline:
        """Keep what was told of a file; its document is read when it is asked for."""
        found = Outline.from_document(json.loads(outline))
        self._told[blob] = document
        self._keep(blob, outline, document if found.is_template else b"")
        return found

    @staticmethod
    def _parse(tree: PlanTree, path: str) -> Any:
        content = tree.read(path)
        return parse_template(content, source=path) if may_be_template(content) else None


def _pack_key(name: str) -> str:
    return f"{_FORMAT}-pack-{hashlib.sha256(name.encode()).hexdigest()}"


def _to_json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


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
