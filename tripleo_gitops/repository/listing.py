"""What is below each directory of a repository's trees: trees of one history share most of theirs."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from dulwich.objects import ObjectID, Tree, parse_tree

from tripleo_gitops.documents.tree import BlobId
from tripleo_gitops.errors import InvalidInput

if TYPE_CHECKING:
    from dulwich.object_store import BaseObjectStore

_ALL, _REGULAR = "listing1", "regular1"


class UnsupportedEntry(InvalidInput):
    """An entry of a tree that a plan cannot hold: a link, a submodule, a name that is not UTF-8."""

    reason = "UnsupportedEntry"

    def __init__(self, path: bytes, what: str) -> None:
        super().__init__(f"{path.decode(errors='backslashreplace')}: {what}; a plan holds regular files only")
        self.path, self.what = path, what


class Cache(Protocol):
    """Keeps bytes by key; may forget at any time."""

    def get(self, key: str) -> bytes | None: ...
    def put(self, key: str, content: bytes) -> None: ...


class Listings:
    """The directories at the top of trees, each walked once; a cache keeps over time what is in them."""

    def __init__(self, store: BaseObjectStore, *, cache: Cache | None = None) -> None:
        self._store, self._cache = store, cache
        self._known: dict[tuple[ObjectID, str], dict[str, BlobId]] = {}
        self._regular: set[tuple[ObjectID, str]] = set()
        self._ending: dict[tuple[ObjectID, str, str], tuple[str, ...]] = {}

    def of(self, tree: ObjectID) -> Listing:
        """Return what a tree holds; raise UnsupportedEntry where something in it is no regular file."""
        files, directories = self._entries(tree, "")
        for name, below in directories.items():
            self._check(below, f"{name}/")
        return Listing(self, files, directories)

    def below(self, tree: ObjectID, prefix: str) -> Mapping[str, BlobId]:
        """Return path and blob of every file of a directory at the top, however deep."""
        if (tree, prefix) not in self._known:
            key = _key(_ALL, tree, prefix)
            kept = self._cache.get(key) if self._cache else None
            found = self._walk(tree, prefix) if kept is None else json.loads(kept)
            if kept is None and self._cache:
                self._cache.put(key, _to_json(found))
            self._known[tree, prefix] = found
        return self._known[tree, prefix]

    def ending(self, tree: ObjectID, prefix: str, suffix: str) -> tuple[str, ...]:
        """Return the paths of a directory at the top that end with a suffix; most often told by the cache alone."""
        wanted = (tree, prefix, suffix)
        if wanted not in self._ending:
            key = _key(f"ending1{suffix.replace('.', '-')}", tree, prefix)
            kept = self._cache.get(key) if self._cache else None
            if kept is None:
                found = tuple(path for path in self.below(tree, prefix) if path.endswith(suffix))
                if self._cache:
                    self._cache.put(key, _to_json(found))
            else:
                found = tuple(json.loads(kept))
            self._ending[wanted] = found
        return self._ending[wanted]

    def _check(self, tree: ObjectID, prefix: str) -> None:
        """Raise UnsupportedEntry unless everything below is a regular file; what was walked once is known to be."""
        if (tree, prefix) in self._regular:
            return
        key = _key(_REGULAR, tree, prefix)
        if self._cache is None or self._cache.get(key) is None:
            self.below(tree, prefix)
            if self._cache is not None:
                self._cache.put(key, b"")
        self._regular.add((tree, prefix))

    def _walk(self, tree: ObjectID, prefix: str) -> dict[str, BlobId]:
        files, directories = self._entries(tree, prefix)
        for path, below in directories.items():
            files |= self._walk(below, f"{path}/")
        return files

    def _entries(self, tree: ObjectID, prefix: str) -> tuple[dict[str, BlobId], dict[str, ObjectID]]:
        """Return the files and the directories of one tree object, by path."""
        kind, content = self._store.get_raw(tree)
        assert kind == Tree.type_num, "a tree's entries of mode 040000 are trees"
        files: dict[str, BlobId] = {}
        directories: dict[str, ObjectID] = {}
        for name, mode, sha in parse_tree(content, 20):
            try:
                path = prefix + name.decode()
            except UnicodeDecodeError:
                raise UnsupportedEntry(prefix.encode() + name, "the name is not UTF-8") from None
            if stat.S_ISDIR(mode):
                directories[path] = ObjectID(sha)
            elif stat.S_ISREG(mode):
                files[path] = BlobId(sha.decode())
            else:
                raise UnsupportedEntry(path.encode(), "a symbolic link" if stat.S_ISLNK(mode) else "a submodule")
        return files, directories


class Listing(Collection[str]):
    """The paths of one tree with their blobs; a directory at the top is opened when something in it is asked for."""

    def __init__(self, listings: Listings, files: Mapping[str, BlobId], directories: Mapping[str, ObjectID]) -> None:
        self._listings, self._files, self._directories = listings, files, directories

    def blob(self, path: str) -> BlobId | None:
        """Return the blob of a path, or None."""
        top, slash, _ = path.partition("/")
        if not slash:
            return self._files.get(path)
        return self.below(top).get(path) if top in self._directories else None

    def parts(self) -> dict[str, str]:
        """Return each file and directory at the top with the id of what it is."""
        directories = {name: below.decode() for name, below in self._directories.items()}
        return {**self._files, **directories}

    def below(self, part: str) -> Mapping[str, BlobId]:
        """Return path and blob of all that a part holds."""
        if part in self._files:
            return {part: self._files[part]}
        return self._listings.below(self._directories[part], f"{part}/")

    def ending(self, suffix: str) -> tuple[str, ...]:
        """Return the paths that end with a suffix."""
        found = [path for path in self._files if path.endswith(suffix)]
        for name, below in self._directories.items():
            found += self._listings.ending(below, f"{name}/", suffix)
        return tuple(found)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self.blob(path) is not None

    def __iter__(self) -> Iterator[str]:
        for part in sorted((*self._files, *self._directories)):
            yield from self.below(part)

    def __len__(self) -> int:
        return len(self._files) + sum(len(self.below(name)) for name in self._directories)


def _key(kind: str, tree: ObjectID, prefix: str) -> str:
    return f"{kind}-{tree.decode()}-{hashlib.sha256(prefix.encode()).hexdigest()[:16]}"


def _to_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
