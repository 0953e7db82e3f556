"""What a plan's mirror holds beside a revision: files, and what Heat would make of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tripleo_gitops.documents.changes import diff_trees
from tripleo_gitops.documents.tree import BlobId, MissingFile, blob_id_of
from tripleo_gitops.errors import NotFound
from tripleo_gitops.operations.comparison.diff import PlanDiff, compared_plans
from tripleo_gitops.operations.comparison.older_side import compare_with_older
from tripleo_gitops.operations.mirror.manifest import MANIFEST_PATH, OWN_PATHS, md5_of
from tripleo_gitops.operations.resolution import Reader, resolve_plan, resolve_rendered

if TYPE_CHECKING:
    from collections.abc import Collection

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.mirror.mirror import ReadableMirror
    from tripleo_gitops.operations.resolution import Cache
    from tripleo_gitops.operations.revisions import PlanAtRevision


class MirrorTree:
    """A container's objects as a plan tree; an object with the MD5 of the `like` tree's file is not fetched."""

    def __init__(self, store: ReadableMirror, container: str, *, like: PlanTree) -> None:
        """Raise NotFound for a container that is not there."""
        if store.view(container, MANIFEST_PATH) is None:
            raise NotFound(f"there is no container {container}; `tripleo-plan sync` makes it")
        self._store, self._container, self._like = store, container, like
        self._objects = {one.path: one.md5 for one in store.objects(container) if one.path not in OWN_PATHS}
        self._fetched: dict[str, bytes] = {}

    def paths(self) -> Collection[str]:
        return self._objects.keys()

    def blob_id(self, path: str) -> BlobId:
        return self._like.blob_id(path) if self._is_like(path) else blob_id_of(self.read(path))

    def read(self, path: str) -> bytes:
        if path not in self._objects:
            raise MissingFile(path)
        if self._is_like(path):
            return self._like.read(path)
        if path not in self._fetched:
            content = self._store.get(self._container, path)
            if content is None:
                raise MissingFile(path, named_by=f"the listing of container {self._container}")
            self._fetched[path] = content
        return self._fetched[path]

    def _is_like(self, path: str) -> bool:
        known = path in self._objects and path in self._like.paths()
        return known and md5_of(self._like.read(path)) == self._objects[path]


def diff_mirror(store: ReadableMirror, found: PlanAtRevision, *, cache: Cache | None = None) -> PlanDiff:
    """Return what a sync of a revision would change, against what the plan's container holds now.

    The container holds renders beside their sources; both are compared, and nothing in it is rendered again.
    """
    reader = Reader(cache)
    after = resolve_plan(found.tree, reader=reader)
    mirror = MirrorTree(store, found.name, like=after.rendered)
    compared = compare_with_older(mirror, after, resolve=partial(resolve_rendered, reader=reader))
    files = diff_trees(mirror, after.rendered)
    return compared_plans(compared, after, files, old_label=f"container {found.name}", new_label=found.revision.short)
