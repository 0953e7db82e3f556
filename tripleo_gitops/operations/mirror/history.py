"""What a plan's repository knows of revisions: their rendered trees, their manifests, which came first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tripleo_gitops.operations.mirror.manifest import Manifest, ManifestEntry, SecretsForm, describe_objects, digests_of
from tripleo_gitops.operations.mirror.manifest_edit import ManifestChanges
from tripleo_gitops.operations.mirror.opened_tree import OpenedTree
from tripleo_gitops.operations.watched_tree import LightTree, WatchedTree
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
from tripleo_gitops.plan.rendering import RENDERING_VERSION
from tripleo_gitops.plan.secrets_file import SECRETS_FILE
from tripleo_gitops.repository.tree_changes import changed_blobs, read_blob
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import BlobId, PlanTree
    from tripleo_gitops.operations.mirror.memory import MirrorMemory
    from tripleo_gitops.operations.opening import SecretOpener
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import PlanRepository


TEMPLATE_MARK = ".j2"
"""What the name of every template has: a new one may render to any path."""


class PlanHistory:
    """The revisions of one repository as mirrors need them; what was rendered once is remembered.

    With an `opener`, the plan's secrets are in what is mirrored as TripleO's own tools have them: in clear.
    """

    def __init__(self, repository: PlanRepository, memory: MirrorMemory, *, opener: SecretOpener | None = None) -> None:
        self._repository, self._memory, self._opener = repository, memory, opener
        self._rendered: dict[Revision, PlanTree] = {}
        self._manifests: dict[Revision, Manifest] = {}
        self._light: dict[Revision, PlanTree] = {}

    @property
    def secrets(self) -> SecretsForm:
        """How the plan's secrets are mirrored."""
        return SecretsForm.SEALED if self._opener is None else SecretsForm.OPENED

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
            self._manifests[revision] = describe_objects(rendered, revision, cache=self._memory, secrets=self.secrets)
        return self._manifests[revision]

    def changes(self, old: Revision, new: Revision) -> ManifestChanges | None:
        """Return what changes in a mirror from one revision to another, reading what changed only.

        None where that cannot be told so: a revision is not known, or something changed that renders depend on.
        """
        inputs = self._inputs(old)
        if inputs is None or not self.is_known(old) or not self.is_known(new):
            return None
        store = self._repository.object_store
        blobs = changed_blobs(store, old.commit, new.commit)
        if blobs is None or any(path in inputs or TEMPLATE_MARK in path for path in blobs):
            return None
        if self._opener is not None and {SECRETS_FILE, PLAN_ENVIRONMENT_FILE} & blobs.keys():
            return None
        self._memory.put(_inputs_key(new), json.dumps(sorted(inputs)).encode())
        light = LightTree(store, new.commit, inputs, lambda: self._whole(new))
        self._light[new] = light if self._opener is None else OpenedTree(light, self._opener)
        entries = {path: self._entry(path, after) for path, (_, after) in blobs.items()}
        return ManifestChanges(entries, frozenset(path for path, (before, _) in blobs.items() if before is None))

    def _entry(self, path: str, blob: BlobId | None) -> ManifestEntry | None:
        if blob is None:
            return None
        found = digests_of(read_blob(self._repository.object_store, blob))
        return ManifestEntry(path, found.size, found.md5, found.sha256)

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
            self._rendered[revision] = rendered if self._opener is None else OpenedTree(rendered, self._opener)
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
