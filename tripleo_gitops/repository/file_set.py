"""Files in memory with their executable bits: what a plan is made from."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.repo import Repo

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.errors import Refused
from tripleo_gitops.repository.directory import SKIPPED, DirectoryTree
from tripleo_gitops.repository.listing import UnsupportedEntry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """How much a source may hold: files, and bytes of all of them."""

    files: int = 100_000
    size: int = 256 * 2**20

    def check(self, what: str, *, files: int, size: int) -> None:
        """Raise SourceTooLarge for more."""
        if files > self.files or size > self.size:
            raise SourceTooLarge(what, files=files, size=size, limits=self)


LIMITS = SourceLimits()


class FileSet(MemoryTree):
    """A plan tree in memory whose files may be executable."""

    def __init__(self, files: Mapping[str, bytes], executables: Collection[str] = ()) -> None:
        super().__init__(files)
        self._executables = frozenset(executables)

    def is_executable(self, path: str) -> bool:
        """Return whether Git would keep the file as one that its owner may run."""
        return path in self._executables


class SourceTooLarge(Refused):
    """A source that holds more than a plan ever does."""

    reason = "SourceTooLarge"

    def __init__(self, what: str, *, files: int, size: int, limits: SourceLimits) -> None:
        super().__init__(
            f"{what} holds more than a plan may: {files} files, {size} bytes so far "
            f"(limits: {limits.files} files, {limits.size} bytes)"
        )
        self.files, self.size = files, size


def read_directory(path: Path) -> FileSet:
    """Return the files below a directory; raises NotFound, UnsupportedEntry, SourceTooLarge."""
    tree = DirectoryTree(path)
    files: dict[str, bytes] = {}
    size = 0
    for name in tree.paths():
        files[name] = tree.read(name)
        size += len(files[name])
        LIMITS.check(str(path), files=len(files), size=size)
    return FileSet(files, [name for name in files if tree.is_executable(name)])


def read_commit(git_dir: Path, commit: str) -> FileSet:
    """Return the files of a commit, as its objects are; raises UnsupportedEntry, SourceTooLarge."""
    files: dict[str, bytes] = {}
    executables: list[str] = []
    size = 0
    with Repo(str(git_dir)) as repo:
        found = repo[commit.encode()]
        assert isinstance(found, Commit), "a commit's id names a commit"
        for path, mode, blob in _entries(repo, found.tree, ""):
            files[path] = blob.data
            size += len(blob.data)
            LIMITS.check(commit, files=len(files), size=size)
            if mode & 0o100:
                executables.append(path)
    return FileSet(files, executables)


def _entries(repo: Repo, tree: ObjectID, prefix: str) -> Iterator[tuple[str, int, Blob]]:
    node = repo[tree]
    assert isinstance(node, Tree), "a tree's entries of mode 040000 are trees"
    for entry in node.iteritems():
        raw = prefix.encode() + entry.path
        try:
            path = raw.decode()
        except UnicodeDecodeError:
            raise UnsupportedEntry(raw, "the name is not UTF-8") from None
        if entry.path in (b"..", b".") or entry.path.lower() == b".git":
            raise UnsupportedEntry(raw, "a name that Git itself does not allow")
        if entry.path.decode() in SKIPPED:
            continue
        if stat.S_ISDIR(entry.mode):
            yield from _entries(repo, entry.sha, f"{path}/")
        elif stat.S_ISREG(entry.mode):
            blob = repo[entry.sha]
            assert isinstance(blob, Blob), "an entry of mode 100644 is a blob"
            yield path, entry.mode, blob
        else:
            raise UnsupportedEntry(raw, "a symbolic link" if stat.S_ISLNK(entry.mode) else "a submodule")
