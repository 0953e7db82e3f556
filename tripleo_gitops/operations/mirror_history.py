"""What a plan's repository knows of revisions: their rendered trees, their manifests, which came first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tripleo_gitops.operations.manifest import Manifest, ManifestEntry, describe_objects, digests_of
from tripleo_gitops.operations.watched_tree import LightTree, WatchedTree
from tripleo_gitops.plan.rendering import RENDERING_VERSION
from tripleo_gitops.repository.tree_changes import changed_blobs, read_blob
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.memory import MirrorMemory
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import PlanRepository


TEMPLATE_MARK = ".j2"
"""What the name of every template has: a new one may render to any path."""


class PlanHistory:
    """The revisions of one repository as mirrors need them; what was rendered once is remembered."""

    def __init__(self, repository: PlanRepository, memory: MirrorMemory) -> None:
        self._repository, self._memory = repository, memory
        self._rendered: dict[Revision, PlanTree] = {}
        self._manifests: dict[Revision, Manifest] = {}
        self._light: dict[Revision, LightTree] = {}

    def is_known(self, revision: Revision) -> bool:
        """Return whether a revision's commit is in the repository."""
        return self._repository.has_commit(revision.commit)

    def rendered(self, revision: Revision) -> PlanTree:
        """Return the rendered plan of a revision."""
        return self._light.get(revision) or self._whole(revision)

    def manifest(self, revision: Revision) -> Manifest | None:
        """Return what a mirror of a revision holds; None for a revision that is not in the repository."""
        if not self.is_known(revision):
            return None
        if revision not in self._manifests:
            rendered = self._whole(revision)
            self._manifests[revision] = describe_objects(rendered, revision, cache=self._memory)
        return self._manifests[revision]

    def changes(self, old: Revision, new: Revision) -> Mapping[str, ManifestEntry | None] | None:
        """Return what changes in a mirror from one revision to another (None: gone), reading what changed only.

        None where that cannot be told so: a revision is not known, or something changed that renders depend on.
        """
        inputs = self._inputs(old)
        if inputs is None or not self.is_known(old) or not self.is_known(new):
            return None
        store = self._repository.object_store
        blobs = changed_blobs(store, old.commit, new.commit)
        if blobs is None or any(path in inputs or TEMPLATE_MARK in path for path in blobs):
            return None
        self._memory.put(_inputs_key(new), json.dumps(sorted(inputs)).encode())
        self._light[new] = LightTree(store, new.commit, inputs, lambda: self._whole(new))
        found = {path: digests_of(read_blob(store, blob)) for path, blob in blobs.items() if blob is not None}
        return {
            path: ManifestEntry(path, found[path].size, found[path].md5, found[path].sha256) if path in found else None
            for path in blobs
        }

    def _whole(self, revision: Revision) -> PlanTree:
        """Return the rendered plan of a revision, and remember what its renders depend on."""
        if revision not in self._rendered:
            watched = WatchedTree(self._repository.tree(revision))
            rendered = render(watched, cache=self._memory)
            renders = [file.path for file in rendered.rendered]
            for path in renders:
                rendered.blob_id(path)
            inputs = sorted({*watched.asked(), *renders})
            self._memory.put(_inputs_key(revision), json.dumps(inputs).encode())
            self._rendered[revision] = rendered
        return self._rendered[revision]

    def _inputs(self, revision: Revision) -> frozenset[str] | None:
        """Return the paths that the renders of a revision depend on, where that is remembered."""
        content = self._memory.get(_inputs_key(revision))
        return frozenset(json.loads(content)) if content is not None else None

    def is_older(self, revision: Revision, than: Revision) -> bool:
        """Return whether a revision came before another one in that one's history."""
        return revision.commit != than.commit and self._repository.is_ancestor(revision.commit, than.commit)


def _inputs_key(revision: Revision) -> str:
    return f"inputs1 {RENDERING_VERSION} {revision.commit}"
