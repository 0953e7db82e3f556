"""Decide what makes a container mirror a revision: from manifests where it is whole, else from its listing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.operations.mirror.announcement import MirrorState
from tripleo_gitops.operations.mirror.exclusion import check_nobody_else
from tripleo_gitops.operations.mirror.manifest import OWN_PATHS, Manifest, SecretsForm
from tripleo_gitops.operations.mirror.manifest_edit import edit_manifest
from tripleo_gitops.operations.mirror.memory import recall_content, recall_manifest, remember_stored
from tripleo_gitops.operations.mirror.mirror import read_state
from tripleo_gitops.operations.mirror.mirrored import fetch_manifest
from tripleo_gitops.operations.mirror.stocked_manifest import StoredManifest, store_manifest
from tripleo_gitops.operations.mirror.sync_guards import (
    DELETE_SHARE_LIMIT,
    EmptyPlan,
    ForeignContainer,
    ForeignObjects,
    GoesBackwards,
    ReservedPath,
    UnsafeChange,
)
from tripleo_gitops.operations.mirror.sync_survey import survey

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.mirror.announcement import Announcement
    from tripleo_gitops.operations.mirror.journal import JournalPage
    from tripleo_gitops.operations.mirror.manifest_edit import ManifestChanges
    from tripleo_gitops.operations.mirror.mirror import Mirror
    from tripleo_gitops.plan.revision import Revision


class RevisionHistory(Protocol):
    """What a plan's repository knows of revisions, and how their secrets are mirrored."""

    @property
    def secrets(self) -> SecretsForm: ...
    def is_known(self, revision: Revision) -> bool: ...
    def rendered(self, revision: Revision) -> PlanTree: ...
    def manifest(self, revision: Revision) -> Manifest | None: ...
    def changes(self, old: Revision, new: Revision) -> ManifestChanges | None: ...
    def is_older(self, revision: Revision, than: Revision) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOptions:
    """What the one who asks for a sync allows or demands; nothing by default.

    `full` looks at every object; `foreign` deletes objects that no revision put there, `force` them and more than
    the usual share; `take_over` does not wait for a sync that broke off on another machine to be counted as over.
    """

    full: bool = False
    foreign: bool = False
    force: bool = False
    allow_older: bool = False
    take_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """What turns a container into the mirror of a revision, and the state of it that this was decided from.

    `stored` is how the manifest of all objects is stored, and `manifest` has the entries of `puts` at least;
    `expected` is None where there is no container; `foreign` is part of `deletes`; `drops_stock` is whether a stock
    may be there that no manifest speaks of any more.
    """

    container: str
    manifest: Manifest
    stored: StoredManifest = field(repr=False)
    digest: str
    expected: MirrorState | None
    puts: tuple[str, ...]
    deletes: tuple[str, ...]
    foreign: tuple[str, ...]
    existing: int
    drops_stock: bool = False
    is_done: bool = False

    @property
    def mirrored(self) -> Revision | None:
        """The revision that the container held whole when this was decided."""
        whole = self.expected.whole if self.expected is not None else None
        return whole.revision if whole is not None else None

    @property
    def unchanged(self) -> int:
        """How many objects stay as they are."""
        return self.stored.objects - len(self.puts)


def plan_sync(mirror: Mirror, history: RevisionHistory, revision: Revision, *, full: bool = False) -> SyncPlan:
    """Return what has to be put and deleted so that the container mirrors a revision; nothing is written.

    Raises EmptyPlan for a revision without files, ForeignContainer for a container that is not a plan's.
    """
    state = read_state(mirror.store, mirror.container)
    done = None if full else _done_already(mirror, state, revision, history.secrets)
    return done or _plan_from(mirror, history, revision, state, full=full)


def check_sync(plan: SyncPlan, history: RevisionHistory, options: SyncOptions | None = None) -> None:
    """Raise what stands against a plan: GoesBackwards, ForeignObjects, UnsafeChange; options lift each of them."""
    asked = options or SyncOptions()
    revision, mirrored = plan.manifest.revision, plan.mirrored
    if mirrored is not None and mirrored.commit != revision.commit and not asked.allow_older:
        is_known = history.is_known(mirrored)
        if not is_known or history.is_older(revision, mirrored):
            raise GoesBackwards(revision, mirrored=mirrored, is_known=is_known)
    if plan.foreign and not (asked.force or asked.foreign):
        raise ForeignObjects(plan.container, paths=plan.foreign)
    if plan.deletes and len(plan.deletes) > DELETE_SHARE_LIMIT * plan.existing and not asked.force:
        existing = max(plan.existing, len(plan.deletes))
        raise UnsafeChange(deletes=len(plan.deletes), existing=existing, limit=DELETE_SHARE_LIMIT)


def decide_sync(
    mirror: Mirror,
    history: RevisionHistory,
    revision: Revision,
    asked: SyncOptions,
    *,
    page: JournalPage,
    trusts_journal: bool,
) -> SyncPlan:
    """Return what to do; without a request where the journal knows the last sync, which announcing then checks."""
    last = page.closed
    if trusts_journal and last is not None and not page.begun and not asked.full:
        planned = _remembered(mirror, history, revision, last)
        if planned is not None:
            return planned
    state = read_state(mirror.store, mirror.container)
    if state is not None:
        check_nobody_else(mirror, state, page, take_over=asked.take_over)
    done = None if asked.full else _done_already(mirror, state, revision, history.secrets)
    return done or _plan_from(mirror, history, revision, state, full=asked.full)


def _remembered(mirror: Mirror, history: RevisionHistory, revision: Revision, last: Announcement) -> SyncPlan | None:
    """Return what to do if the container is as the last sync of this machine left it; None where that is not known."""
    content = recall_content(mirror.memory, last.digest)
    if content is None or last.revision.commit == revision.commit or last.secrets is not history.secrets:
        return None
    state = MirrorState(is_plan=True, announced=(last,), closed=last.sync)
    changes = history.changes(last.revision, revision)
    if changes is not None and not OWN_PATHS & changes.entries.keys():
        planned = _edited(mirror, state, revision, content, changes)
        if planned is not None:
            return planned
    base = recall_manifest(mirror.memory, last.digest)
    return _changes(mirror, history, revision, state, base) if base is not None else None


def _edited(
    mirror: Mirror, state: MirrorState, revision: Revision, content: bytes, changes: ManifestChanges
) -> SyncPlan | None:
    """Return what differs after some changes; None where their manifest has to be made of the whole plan."""
    edited = edit_manifest(
        content,
        changes,
        revision=revision,
        stock_from=mirror.stock_from,
        stock_of=lambda digest: recall_content(mirror.memory, digest),
    )
    if edited is None or not edited[0].objects:
        return None
    kept, existing = edited
    entries = tuple(changes.entries[path] for path in sorted(changes.entries))
    there = tuple(entry for entry in entries if entry is not None)
    return SyncPlan(
        container=mirror.container,
        manifest=Manifest(revision, there, state.announced[0].secrets),
        stored=kept,
        digest=remember_stored(mirror.memory, kept),
        expected=state,
        puts=tuple(entry.path for entry in there),
        deletes=tuple(path for path in sorted(changes.entries) if changes.entries[path] is None),
        foreign=(),
        existing=existing,
        drops_stock=existing > mirror.stock_from and not kept.has_stock,
    )


def _plan_from(
    mirror: Mirror, history: RevisionHistory, revision: Revision, state: MirrorState | None, *, full: bool
) -> SyncPlan:
    if state is not None and not state.is_plan:
        raise ForeignContainer(
            f"container {mirror.container} exists and is not a plan's (no usage-tripleo: plan); "
            "rename the plan, or remove the container"
        )
    whole = state.whole if state is not None else None
    base = _base_manifest(mirror, whole) if whole is not None and not full else None
    if state is None or base is not None:
        return _changes(mirror, history, revision, state, base)
    return _surveyed(mirror, history, revision, state)


def _done_already(
    mirror: Mirror, state: MirrorState | None, revision: Revision, secrets: SecretsForm
) -> SyncPlan | None:
    """Return a plan that does nothing where the mirror is whole at a revision, with its secrets in that form."""
    whole = state.whole if state is not None and state.is_plan else None
    if whole is None or whole.revision.commit != revision.commit or whole.secrets is not secrets:
        return None
    return SyncPlan(
        container=mirror.container,
        manifest=Manifest(whole.revision, (), whole.secrets),
        stored=StoredManifest(content=b"", objects=0),
        digest=whole.digest,
        expected=state,
        puts=(),
        deletes=(),
        foreign=(),
        existing=0,
        is_done=True,
    )


def _changes(
    mirror: Mirror,
    history: RevisionHistory,
    revision: Revision,
    state: MirrorState | None,
    base: Manifest | None,
) -> SyncPlan:
    """Return what differs between two manifests: that of what the container holds (None: nothing) and the wanted."""
    manifest = _wanted(mirror, history, revision)
    before, after = base.by_path if base is not None else {}, manifest.by_path
    kept = store_manifest(manifest, stock_from=mirror.stock_from)
    return SyncPlan(
        container=mirror.container,
        manifest=manifest,
        stored=kept,
        digest=remember_stored(mirror.memory, kept),
        expected=state,
        puts=tuple(path for path, entry in after.items() if before.get(path) != entry),
        deletes=tuple(sorted(before.keys() - after.keys())),
        foreign=(),
        existing=len(before),
        drops_stock=len(before) > mirror.stock_from and not kept.has_stock,
    )


def _surveyed(mirror: Mirror, history: RevisionHistory, revision: Revision, state: MirrorState) -> SyncPlan:
    """Return what differs between the container, object by object, and the wanted manifest."""
    manifest = _wanted(mirror, history, revision)
    writers = state.announced if state.whole is None else (state.whole,)
    touched_by = [_manifest_of(mirror, history, found) for found in writers]
    found = survey(
        mirror.store,
        mirror.container,
        manifest,
        touched_by=[known for known in touched_by if known is not None],
        is_complete=all(known is not None for known in touched_by),
    )
    kept = store_manifest(manifest, stock_from=mirror.stock_from)
    large = any(known is None or len(known.entries) > mirror.stock_from for known in touched_by)
    return SyncPlan(
        container=mirror.container,
        manifest=manifest,
        stored=kept,
        digest=remember_stored(mirror.memory, kept),
        expected=state,
        puts=found.puts,
        deletes=found.deletes,
        foreign=found.foreign,
        existing=found.existing,
        drops_stock=(found.has_stock or large) and not kept.has_stock,
    )


def _manifest_of(mirror: Mirror, history: RevisionHistory, found: Announcement) -> Manifest | None:
    """Return the manifest of an announced sync; None where neither memory nor history has it."""
    known = recall_manifest(mirror.memory, found.digest)
    return known or (history.manifest(found.revision) if found.secrets is history.secrets else None)


def _wanted(mirror: Mirror, history: RevisionHistory, revision: Revision) -> Manifest:
    manifest = history.manifest(revision)
    if manifest is None or not manifest.entries:
        raise EmptyPlan(mirror.container, revision=revision)
    for entry in manifest.entries:
        if entry.path in OWN_PATHS:
            raise ReservedPath(f"{entry.path}: the mirror keeps its manifest there; rename that file of the plan")
    return manifest


def _base_manifest(mirror: Mirror, whole: Announcement) -> Manifest | None:
    """Return the manifest of what the container holds, from memory or by one request; None for one not to be read."""
    known = recall_manifest(mirror.memory, whole.digest)
    return known if known is not None else fetch_manifest(mirror.store, mirror.container, whole.digest)
