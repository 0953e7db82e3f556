"""Files in which no check found anything, by their content: they are not looked at again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tripleo_gitops.documents.tree import PartedTree

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.resolution import Cache

CHECKS = "clean2"
"""Raised when a check of single files is added: what was clean before may not be now."""


class CleanFiles:
    """What a cache knows to be clean: single files, and whole parts of a tree in which all are."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def unknown(self, tree: PlanTree) -> list[str]:
        """Return the files that are still to be checked; a part that is clean is not looked into."""
        if not isinstance(tree, PartedTree):
            return [path for path in tree.paths() if not self._is_clean(path, tree.blob_id(path))]
        found = (tree.below(part) for part, identity in tree.parts().items() if not self._is_clean(part, identity))
        return [path for files in found for path, blob in files.items() if not self._is_clean(path, blob)]

    def remember(self, tree: PlanTree, checked: Collection[str], *, named: Collection[str]) -> None:
        """Keep what was checked and is named in no finding."""
        for path in checked:
            if path not in named:
                self._cache.put(_key(path, tree.blob_id(path)), b"")
        if isinstance(tree, PartedTree):
            dirty = {path.partition("/")[0] for path in named}
            for part in dict.fromkeys(_tops(checked)):
                if part not in dirty:
                    self._cache.put(_key(part, tree.parts()[part]), b"")

    def _is_clean(self, name: str, identity: str) -> bool:
        return self._cache.get(_key(name, identity)) is not None


def _tops(paths: Collection[str]) -> Iterator[str]:
    return (path.partition("/")[0] for path in paths)


def _key(name: str, identity: str) -> str:
    """Return the name under which something is known to be clean; how a file is read depends on its path."""
    return f"{CHECKS}-{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}-{identity}"
