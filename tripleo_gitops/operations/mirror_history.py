"""What a plan's repository knows of revisions: their rendered trees, their manifests, which came first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.operations.manifest import Manifest, describe_objects
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.memory import MirrorMemory
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import PlanRepository


class PlanHistory:
    """The revisions of one repository as mirrors need them; what was rendered once is remembered."""

    def __init__(self, repository: PlanRepository, memory: MirrorMemory) -> None:
        self._repository, self._memory = repository, memory
        self._rendered: dict[Revision, PlanTree] = {}
        self._manifests: dict[Revision, Manifest] = {}

    def is_known(self, revision: Revision) -> bool:
        """Return whether a revision's commit is in the repository."""
        return self._repository.has_commit(revision.commit)

    def rendered(self, revision: Revision) -> PlanTree:
        """Return the rendered plan of a revision."""
        if revision not in self._rendered:
            self._rendered[revision] = render(self._repository.tree(revision), cache=self._memory)
        return self._rendered[revision]

    def manifest(self, revision: Revision) -> Manifest | None:
        """Return what a mirror of a revision holds; None for a revision that is not in the repository."""
        if not self.is_known(revision):
            return None
        if revision not in self._manifests:
            rendered = self.rendered(revision)
            self._manifests[revision] = describe_objects(rendered, revision, cache=self._memory)
        return self._manifests[revision]

    def is_older(self, revision: Revision, than: Revision) -> bool:
        """Return whether a revision came before another one in that one's history."""
        return revision.commit != than.commit and self._repository.is_ancestor(revision.commit, than.commit)
