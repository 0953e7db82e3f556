"""Put a mirror back to the revision that it says it is at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.operations.mirror.drift import UnknownMirroredRevision, mirrored_revision_of
from tripleo_gitops.operations.mirror.sync import sync_mirror
from tripleo_gitops.operations.mirror.sync_plan import SyncOptions

if TYPE_CHECKING:
    from tripleo_gitops.operations.mirror.mirror import Mirror
    from tripleo_gitops.operations.mirror.sync import Show, SyncResult
    from tripleo_gitops.operations.mirror.sync_plan import RevisionHistory


def repair_mirror(
    mirror: Mirror, history: RevisionHistory, *, force: bool = False, show: Show | None = None
) -> SyncResult:
    """Look at every object, put back what was changed or removed, and remove what was added.

    Raises NotMirrored, Unfinished, UnknownMirroredRevision, and what a sync raises; UnsafeChange, unless `force`,
    where more than the usual share would be removed.
    """
    revision = mirrored_revision_of(mirror.store, mirror.container)
    if not history.is_known(revision):
        raise UnknownMirroredRevision(mirror.container, revision)
    options = SyncOptions(full=True, foreign=True, force=force)
    return sync_mirror(mirror, history, revision, options=options, show=show)
