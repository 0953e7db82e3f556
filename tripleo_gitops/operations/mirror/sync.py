"""Mirror a revision: make its Swift container hold the rendered plan and nothing else but the manifest.

Announce, put, delete, close with the manifest: docs/mirror.md tells why no crash and no second sync can make
that look whole when it is not.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.operations.mirror.announcement import Announcement
from tripleo_gitops.operations.mirror.environment_edits import EnvironmentWritten, keys_written
from tripleo_gitops.operations.mirror.exclusion import announce
from tripleo_gitops.operations.mirror.exclusion_errors import MirrorMoved, SyncUnderWay
from tripleo_gitops.operations.mirror.manifest import MANIFEST_MEDIA_TYPE, MANIFEST_PATH, STOCK_PATH, md5_of
from tripleo_gitops.operations.mirror.memory import count_objects
from tripleo_gitops.operations.mirror.mistral_environment import environment_variables
from tripleo_gitops.operations.mirror.sync_plan import SyncOptions, check_sync, decide_sync
from tripleo_gitops.operations.mirror.transfer import Source, delete_objects, send_objects

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.mirror.exclusion import Lease
    from tripleo_gitops.operations.mirror.journal import JournalPage
    from tripleo_gitops.operations.mirror.mirror import Mirror
    from tripleo_gitops.operations.mirror.sync_plan import RevisionHistory, SyncPlan
    from tripleo_gitops.plan.revision import Revision

    Show = Callable[[SyncPlan], AbstractContextManager[Callable[[str], None]]]

DECISIONS = 3
"""How often a sync decides again after the mirror changed under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """What a sync did; counts are of objects of the plan, the manifest is not one, and of requests to Swift.

    `unchanged` is None where one look told that nothing is to be done, and this machine never knew how many there are.
    """

    container: str
    revision: Revision
    digest: str
    put: int
    deleted: int
    unchanged: int | None
    requests: int

    @property
    def is_changed(self) -> bool:
        """Whether an object was put or deleted."""
        return bool(self.put or self.deleted)


def sync_mirror(
    mirror: Mirror,
    history: RevisionHistory,
    revision: Revision,
    *,
    options: SyncOptions | None = None,
    show: Show | None = None,
) -> SyncResult:
    """Make the mirror whole at a revision, and say what that took; `show` hears of each object that is done.

    Costs one request where nothing is to be done. Raises SyncUnderWay while another sync writes, EmptyPlan,
    ForeignContainer, ForeignObjects, UnsafeChange, GoesBackwards, EnvironmentWritten, and what Swift has to say;
    after any of them the next sync, to whichever revision, completes what this one left.
    """
    asked, before = options or SyncOptions(), mirror.store.request_count
    with mirror.journal.hold(mirror.store.location(mirror.container)) as page:
        for decision in range(DECISIONS):
            plan = decide_sync(mirror, history, revision, asked, page=page, trusts_journal=decision == 0)
            if not plan.is_done:
                check_sync(plan, history, asked)
            try:
                if not (plan.is_done or asked.force):
                    _check_environment(mirror, history, plan)
                _act(mirror, history, plan, page=page, show=show)
                break
            except (
                MirrorMoved,
                SyncUnderWay,
                EnvironmentWritten,
            ):  # deciding again finds out who it was, and whether that is over
                if decision == DECISIONS - 1:
                    raise
    return _result(mirror, plan, before=before)


def _check_environment(mirror: Mirror, history: RevisionHistory, plan: SyncPlan) -> None:
    """Raise EnvironmentWritten where the sync would lose what an older client wrote into the Mistral environment."""
    found = mirror.environments.variables(mirror.container) if mirror.environments is not None else None
    if found is None or plan.expected is None:
        return
    begun = (*plan.expected.announced, *((plan.expected.whole,) if plan.expected.whole is not None else ()))
    if any(one.secrets is not history.secrets for one in begun):  # passwords came or went with the form
        return
    known = [one.revision for one in begun if history.is_known(one.revision)]
    keys = keys_written(history.rendered(plan.manifest.revision), map(history.rendered, known), found)
    if keys:
        raise EnvironmentWritten(mirror.container, keys)


def _act(
    mirror: Mirror,
    history: RevisionHistory,
    plan: SyncPlan,
    *,
    page: JournalPage,
    show: Show | None,
) -> None:
    if plan.is_done:
        whole = plan.expected.whole if plan.expected is not None else None
        if whole is not None and (page.closed != whole or page.begun):
            page.close(whole)
        return
    with show(plan) if show is not None else nullcontext(lambda _path: None) as advance:
        _apply(mirror, history.rendered(plan.manifest.revision), plan, page=page, advance=advance)


def _apply(
    mirror: Mirror, rendered: PlanTree, plan: SyncPlan, *, page: JournalPage, advance: Callable[[str], None]
) -> None:
    """Do what a SyncPlan says, alone: announce, put, delete, strike out what broke off, close with the manifest."""
    whole = plan.expected.whole if plan.expected is not None else None
    announcement = Announcement(
        sync=mirror.new_id(),
        begun=int(mirror.clock.time()),
        revision=plan.manifest.revision,
        digest=plan.digest,
        over=whole.sync if whole is not None else None,
        secrets=plan.manifest.secrets,
    )
    lease = announce(mirror, announcement, expected=plan.expected, page=page)
    wanted = plan.manifest.by_path
    source = Source(rendered, wanted)
    send_objects(mirror, source, [wanted[path] for path in plan.puts], lease=lease, advance=advance)
    delete_objects(mirror, plan.deletes, lease=lease, advance=advance)
    broken = [] if whole is not None or plan.expected is None else [found.key for found in plan.expected.announced]
    lease.keep()
    if broken:
        mirror.store.mark(mirror.container, lease.announcement.metadata, remove=broken)
    if mirror.environments is not None and (variables := environment_variables(rendered)) is not None:
        mirror.environments.put(mirror.container, variables)
    _put_manifest(mirror, plan, lease)
    page.close(lease.announcement)


def _put_manifest(mirror: Mirror, plan: SyncPlan, lease: Lease) -> None:
    """Store the manifest, which closes the sync, and before it the stock that it speaks of."""
    content, stock = plan.stored.content, plan.stored.stock
    if plan.drops_stock:
        delete_objects(mirror, (STOCK_PATH,), lease=lease, advance=lambda _path: None)
    if stock is not None:
        mirror.store.put(mirror.container, STOCK_PATH, stock, md5=md5_of(stock), content_type=MANIFEST_MEDIA_TYPE)
        lease.keep()
    media_type = lease.announcement.media_type
    mirror.store.put(mirror.container, MANIFEST_PATH, content, md5=md5_of(content), content_type=media_type)


def _result(mirror: Mirror, plan: SyncPlan, *, before: int) -> SyncResult:
    return SyncResult(
        container=plan.container,
        revision=plan.manifest.revision,
        digest=plan.digest,
        put=len(plan.puts),
        deleted=len(plan.deletes),
        unchanged=count_objects(mirror.memory, plan.digest) if plan.is_done else plan.unchanged,
        requests=mirror.store.request_count - before,
    )
