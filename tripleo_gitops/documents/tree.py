"""A plan tree: paths and the blobs they name, wherever the bytes are kept."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NewType, Protocol, runtime_checkable

from tripleo_gitops.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

BlobId = NewType("BlobId", str)
"""Git's name of some bytes: 40 lower-case hexadecimal digits."""


def blob_id_of(content: bytes) -> BlobId:
    """Return the id that Git gives these bytes (`git hash-object`)."""
    header = b"blob %d\x00" % len(content)
    return BlobId(hashlib.sha1(header + content, usedforsecurity=False).hexdigest())


class PlanTree(Protocol):
    """Path to blob of one revision, of a work tree, or of a rendered plan.

    Paths are relative, `/`-separated, normalized, UTF-8. Only regular files: no links, no submodules.
    """

    def paths(self) -> Collection[str]:
        """Return every path, each once; membership is cheap."""
        ...

    def blob_id(self, path: str) -> BlobId:
        """Return the blob that a path names; raise MissingFile for a path that is not in the tree."""
        ...

    def read(self, path: str) -> bytes:
        """Return a file's bytes; raise MissingFile for a path that is not in the tree."""
        ...


@runtime_checkable
class PartedTree(PlanTree, Protocol):
    """A plan tree in parts, the files and directories at its top: those that are the same need not be looked into."""

    def parts(self) -> Mapping[str, str]:
        """Return each part's name with a word that is the same for the same content (its id in Git)."""
        ...

    def below(self, part: str) -> Mapping[str, BlobId]:
        """Return path and blob of every file of a part."""
        ...

    def ending(self, suffix: str) -> Collection[str]:
        """Return the paths that end with `suffix`."""
        ...


@runtime_checkable
class MakingTree(PlanTree, Protocol):
    """A plan tree of which some files are made when they are read, or when their blob is asked for."""

    def is_made(self, path: str) -> bool:
        """Return whether a path is of those files."""
        ...

    def expect(self, paths: Iterable[str]) -> None:
        """Say that some of those files will be read, so that they may be prepared meanwhile."""
        ...


class MissingFile(NotFound):
    """A path that is not in the plan tree."""

    reason = "MissingFile"

    def __init__(self, path: str, *, named_by: str = "") -> None:
        super().__init__(f"{path}: no such file in the plan" + (f" (named by {named_by})" if named_by else ""))
        self.path, self.named_by = path, named_by


class MemoryTree:
    """A plan tree whose bytes are in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)

    def paths(self) -> Collection[str]:
        return self._files.keys()

    def blob_id(self, path: str) -> BlobId:
        return blob_id_of(self.read(path))

    def read(self, path: str) -> bytes:
        try:
            return self._files[path]
        except KeyError:
            raise MissingFile(path) from None
