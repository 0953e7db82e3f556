"""Plan trees that tell what was asked of them, or that find one file without looking at the others."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from tripleo_gitops.repository.tree_changes import read_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Set as AbstractSet

    from dulwich.object_store import BaseObjectStore

    from tripleo_gitops.documents.tree import BlobId, PlanTree


class WatchedPaths(Collection[str]):
    """The paths of a tree; those whose presence is asked for one by one are written down."""

    def __init__(self, paths: Collection[str], asked: set[str]) -> None:
        self._paths, self._asked = paths, asked

    def __contains__(self, path: object) -> bool:
        if isinstance(path, str):
            self._asked.add(path)
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


class WatchedTree:
    """A plan tree that writes down every path that it is asked for, until somebody wants to know."""

    def __init__(self, tree: PlanTree) -> None:
        self._tree, self._asked, self._is_watched = tree, set[str](), True

    def asked(self) -> frozenset[str]:
        """Return the paths that were asked for until now, there or not; nothing is written down from here on."""
        self._is_watched = False
        return frozenset(self._asked)

    def paths(self) -> Collection[str]:
        return WatchedPaths(self._tree.paths(), self._asked) if self._is_watched else self._tree.paths()

    def blob_id(self, path: str) -> BlobId:
        self._note(path)
        return self._tree.blob_id(path)

    def read(self, path: str) -> bytes:
        self._note(path)
        return self._tree.read(path)

    def _note(self, path: str) -> None:
        if self._is_watched:
            self._asked.add(path)


class LightTree:
    """The rendered plan of a commit: a file of the plan itself is found alone, for all else the whole is made."""

    def __init__(
        self, store: BaseObjectStore, commit: str, special: AbstractSet[str], whole: Callable[[], PlanTree]
    ) -> None:
        self._store, self._commit, self._special, self._whole = store, commit, special, whole

    def paths(self) -> Collection[str]:
        return self._whole().paths()

    def blob_id(self, path: str) -> BlobId:
        return self._whole().blob_id(path)

    def read(self, path: str) -> bytes:
        return self._whole().read(path) if path in self._special else read_path(self._store, self._commit, path)
