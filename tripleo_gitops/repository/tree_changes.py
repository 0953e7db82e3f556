"""Which files differ between two commits, and one file of a commit: at the cost of what changed, not of what is."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from dulwich.diff_tree import tree_changes
from dulwich.object_store import tree_lookup_path
from dulwich.objects import Blob, Commit, ObjectID

from tripleo_gitops.documents.tree import BlobId, MissingFile

if TYPE_CHECKING:
    from dulwich.object_store import BaseObjectStore


BlobPair = tuple[BlobId | None, BlobId | None]
"""What a path named before and names now; None where it is not there."""


def changed_blobs(store: BaseObjectStore, old: str, new: str) -> dict[str, BlobPair] | None:
    """Return the paths whose bytes differ between two commits, with their old and new blobs.

    None where an entry changed that a plan cannot hold: whoever looks at the whole tree says which.
    """
    found: dict[str, BlobPair] = {}
    for change in tree_changes(store, _tree_of(store, old), _tree_of(store, new)):
        for entry in (change.old, change.new):
            if entry is None or entry.path is None or entry.mode is None:
                continue
            if not stat.S_ISREG(entry.mode):
                return None
            try:
                path = entry.path.decode()
            except UnicodeDecodeError:
                return None
            blob = BlobId(entry.sha.decode()) if entry.sha is not None else None
            before, after = found.get(path, (None, None))
            found[path] = (before, blob) if entry is change.new else (blob, after)
    return {path: pair for path, pair in found.items() if pair[0] != pair[1]}


def read_blob(store: BaseObjectStore, blob: BlobId) -> bytes:
    """Return the bytes of a blob."""
    found = store[ObjectID(blob.encode())]
    assert isinstance(found, Blob), "a BlobId names a blob"
    return found.data


def read_path(store: BaseObjectStore, commit: str, path: str) -> bytes:
    """Return the bytes of one file of a commit; raise MissingFile."""
    try:
        _, sha = tree_lookup_path(store.__getitem__, _tree_of(store, commit), path.encode())
    except KeyError:
        raise MissingFile(path) from None
    return read_blob(store, BlobId(sha.decode()))


def _tree_of(store: BaseObjectStore, commit: str) -> ObjectID:
    found = store[ObjectID(commit.encode())]
    assert isinstance(found, Commit), "a revision names a commit"
    return ObjectID(found.tree)
