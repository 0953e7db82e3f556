"""A directory of files as a plan tree, as it lies on disk; Git is not asked."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from tripleo_gitops.documents.tree import BlobId, MissingFile, blob_id_of
from tripleo_gitops.errors import NotFound
from tripleo_gitops.repository.listing import UnsupportedEntry

if TYPE_CHECKING:
    from pathlib import Path

SKIPPED = frozenset({".git", ".tox", "__pycache__"})


class DirectoryTree:
    """The regular files below a directory; `.git`, `.tox` and byte code are left out, links are refused."""

    def __init__(self, top: Path) -> None:
        if not top.is_dir():
            raise NotFound(f"{top}: no such directory")
        self._files = {path.relative_to(top).as_posix(): path for path in _regular_files(top)}

    def paths(self) -> Collection[str]:
        return self._files.keys()

    def blob_id(self, path: str) -> BlobId:
        return blob_id_of(self.read(path))

    def read(self, path: str) -> bytes:
        return self._file(path).read_bytes()

    def is_executable(self, path: str) -> bool:
        """Return whether the file's owner may run it; Git keeps that."""
        return os.access(self._file(path), os.X_OK)

    def _file(self, path: str) -> Path:
        try:
            return self._files[path]
        except KeyError:
            raise MissingFile(path) from None


class FilesOnDisk:
    """The files below a directory as they are asked for, links followed; the directory is not walked unless listed."""

    def __init__(self, top: Path) -> None:
        self._top = top

    def paths(self) -> Collection[str]:
        return _PathsOnDisk(self._top)

    def blob_id(self, path: str) -> BlobId:
        return blob_id_of(self.read(path))

    def read(self, path: str) -> bytes:
        if path not in self.paths():
            raise MissingFile(path)
        return (self._top / path).read_bytes()


class _PathsOnDisk(Collection[str]):
    def __init__(self, top: Path) -> None:
        self._top = top

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and (self._top / path).is_file()

    def __iter__(self) -> Iterator[str]:
        return (path.relative_to(self._top).as_posix() for path in _regular_files(self._top))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _regular_files(top: Path) -> Iterator[Path]:
    for path in sorted(top.iterdir()):
        if path.name in SKIPPED:
            continue
        if path.is_symlink():
            raise UnsupportedEntry(os.fsencode(path), "a symbolic link")
        if path.is_dir():
            yield from _regular_files(path)
        elif path.is_file():
            yield path
        else:
            raise UnsupportedEntry(os.fsencode(path), "neither a file nor a directory")
