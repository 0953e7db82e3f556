"""Mirror a revision by its name: checked before anything is sent, and not even that where nothing is to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.operations.checking import check_plan
from tripleo_gitops.operations.mirror.sync import sync_mirror

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.mirror.history import PlanHistory
    from tripleo_gitops.operations.mirror.manifest import Manifest, SecretsForm
    from tripleo_gitops.operations.mirror.manifest_edit import ManifestChanges
    from tripleo_gitops.operations.mirror.mirror import Mirror
    from tripleo_gitops.operations.mirror.sync import Show, SyncResult
    from tripleo_gitops.operations.mirror.sync_plan import SyncOptions
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import PlanRepository


class CheckedHistory:
    """A repository's revisions, of which one is checked before it is first rendered."""

    def __init__(self, history: PlanHistory, repository: PlanRepository, revision: Revision) -> None:
        self._history, self._repository, self._revision = history, repository, revision
        self._is_checked = False

    @property
    def secrets(self) -> SecretsForm:
        return self._history.secrets

    def is_known(self, revision: Revision) -> bool:
        return self._history.is_known(revision)

    def rendered(self, revision: Revision) -> PlanTree:
        self._check(revision)
        return self._history.rendered(revision)

    def manifest(self, revision: Revision) -> Manifest | None:
        self._check(revision)
        return self._history.manifest(revision)

    def changes(self, old: Revision, new: Revision) -> ManifestChanges | None:
        self._check(new)
        return self._history.changes(old, new)

    def is_older(self, revision: Revision, than: Revision) -> bool:
        return self._history.is_older(revision, than)

    def _check(self, revision: Revision) -> None:
        if revision == self._revision and not self._is_checked:
            check_plan(self._repository.tree(revision), what=revision.short, cache=self._repository.cache)
            self._is_checked = True


def mirror_revision(
    mirror: Mirror,
    history: PlanHistory,
    repository: PlanRepository,
    revision: Revision,
    *,
    options: SyncOptions | None = None,
    show: Show | None = None,
) -> SyncResult:
    """Do what sync_mirror does, after checking the revision; raises BrokenPlan for one that breaks a rule.

    A revision that is mirrored already was checked then, and is not read again.
    """
    return sync_mirror(mirror, CheckedHistory(history, repository, revision), revision, options=options, show=show)
