"""Decide what makes a container mirror a revision: from manifests where it is whole, else from its listing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.operations.announcement import MirrorState
from tripleo_gitops.operations.exclusion import check_nobody_else
from tripleo_gitops.operations.manifest import MANIFEST_PATH, Manifest
from tripleo_gitops.operations.manifest_edit import edit_manifest
from tripleo_gitops.operations.memory import recall_content, recall_manifest, remember_manifest
from tripleo_gitops.operations.mirror import read_state
from tripleo_gitops.operations.mirrored import fetch_manifest
from tripleo_gitops.operations.sync_guards import (
    DELETE_SHARE_LIMIT,
    EmptyPlan,
    ForeignContainer,
    ForeignObjects,
    GoesBackwards,
    ReservedPath,
    UnsafeChange,
)
from tripleo_gitops.operations.sync_survey import survey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.announcement import Announcement
    from tripleo_gitops.operations.journal import JournalPage
    from tripleo_gitops.operations.manifest import ManifestEntry
    from tripleo_gitops.operations.manifest_edit import EditedManifest
    from tripleo_gitops.operations.mirror import Mirror
    from tripleo_gitops.plan.revision import Revision


class RevisionHistory(Protocol):
    """What a plan's repository knows of revisions."""

    def is_known(self, revision: Revision) -> bool: ...
    def rendered(self, revision: Revision) -> PlanTree: ...
    def manifest(self, revision: Revision) -> Manifest | None: ...
    def changes(self, old: Revision, new: Revision) -> Mapping[str, ManifestEntry | None] | None: ...
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

    `content` is the manifest as it is stored, with `objects` entries, and `manifest` has those of `puts` at least;
    `expected` is None where there is no container; `foreign` is part of `deletes`.
    """

    container: str
    manifest: Manifest
    content: bytes = field(repr=False)
    digest: str
    expected: MirrorState | None
    puts: tuple[str, ...]
    deletes: tuple[str, ...]
    foreign: tuple[str, ...]
    existing: int
    objects: int
    is_done: bool = False

    @property
    def mirrored(self) -> Revision | None:
        """The revision that the container held whole when this was decided."""
        whole = self.expected.whole if self.expected is not None else None
        return whole.revision if whole is not None else None

    @property
    def unchanged(self) -> int:
        """How many objects stay as they are."""
        return self.objects - len(self.puts)


def plan_sync(mirror: Mirror, history: RevisionHistory, revision: Revision, *, full: bool = False) -> SyncPlan:
    """Return what has to be put and deleted so that the container mirrors a revision; nothing is written.

    Raises EmptyPlan for a revision without files, ForeignContainer for a container that is not a plan's.
    """
    state = read_state(mirror.store, mirror.container)
    done = None if full else _done_already(mirror, state, revision)
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
    done = None if asked.full else _done_already(mirror, state, revision)
    return done or _plan_from(mirror, history, revision, state, full=asked.full)


def _remembered(mirror: Mirror, history: RevisionHistory, revision: Revision, last: Announcement) -> SyncPlan | None:
    """Return what to do if the container is as the last sync of this machine left it; None where that is not known."""
    content = recall_content(mirror.memory, last.digest)
    if content is None or last.revision.commit == revision.commit:
        return None
    state = MirrorState(is_plan=True, announced=(last,), closed=last.sync)
    changes = history.changes(last.revision, revision)
    if changes is not None and MANIFEST_PATH not in changes:
        edited = edit_manifest(content, changes, revision=revision)
        if edited.objects:
            return _edited(mirror, state, revision, edited)
    base = recall_manifest(mirror.memory, last.digest)
    return _changes(mirror, history, revision, state, base) if base is not None else None


def _edited(mirror: Mirror, state: MirrorState, revision: Revision, edited: EditedManifest) -> SyncPlan:
    entries = tuple(entry for entry in edited.changes.values() if entry is not None)
    return SyncPlan(
        container=mirror.container,
        manifest=Manifest(revision, entries),
        content=edited.content,
        digest=remember_manifest(mirror.memory, edited.content),
        expected=state,
        puts=tuple(entry.path for entry in entries),
        deletes=tuple(path for path, entry in edited.changes.items() if entry is None),
        foreign=(),
        existing=edited.existing,
        objects=edited.objects,
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


def _done_already(mirror: Mirror, state: MirrorState | None, revision: Revision) -> SyncPlan | None:
    """Return a plan that does nothing where the mirror is whole at a revision."""
    whole = state.whole if state is not None and state.is_plan else None
    if whole is None or whole.revision.commit != revision.commit:
        return None
    return SyncPlan(
        container=mirror.container,
        manifest=Manifest(whole.revision, ()),
        content=b"",
        digest=whole.digest,
        expected=state,
        puts=(),
        deletes=(),
        foreign=(),
        existing=0,
        objects=0,
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
    content, before = manifest.encode(), base.by_path if base is not None else {}
    after = manifest.by_path
    return SyncPlan(
        container=mirror.container,
        manifest=manifest,
        content=content,
        digest=remember_manifest(mirror.memory, content),
        expected=state,
        puts=tuple(path for path, entry in after.items() if before.get(path) != entry),
        deletes=tuple(sorted(before.keys() - after.keys())),
        foreign=(),
        existing=len(before),
        objects=len(after),
    )


def _surveyed(mirror: Mirror, history: RevisionHistory, revision: Revision, state: MirrorState) -> SyncPlan:
    """Return what differs between the container, object by object, and the wanted manifest."""
    manifest = _wanted(mirror, history, revision)
    content = manifest.encode()
    writers = state.announced if state.whole is None else (state.whole,)
    touched_by = [recall_manifest(mirror.memory, found.digest) or history.manifest(found.revision) for found in writers]
    found = survey(
        mirror.store,
        mirror.container,
        manifest,
        touched_by=[known for known in touched_by if known is not None],
        is_complete=all(known is not None for known in touched_by),
    )
    return SyncPlan(
        container=mirror.container,
        manifest=manifest,
        content=content,
        digest=remember_manifest(mirror.memory, content),
        expected=state,
        puts=found.puts,
        deletes=found.deletes,
        foreign=found.foreign,
        existing=found.existing,
        objects=len(manifest.entries),
    )


def _wanted(mirror: Mirror, history: RevisionHistory, revision: Revision) -> Manifest:
    manifest = history.manifest(revision)
    if manifest is None or not manifest.entries:
        raise EmptyPlan(mirror.container, revision=revision)
    if any(entry.path == MANIFEST_PATH for entry in manifest.entries):
        raise ReservedPath(f"{MANIFEST_PATH}: the mirror keeps its manifest there; rename that file of the plan")
    return manifest


def _base_manifest(mirror: Mirror, whole: Announcement) -> Manifest | None:
    """Return the manifest of what the container holds, from memory or by one request; None for one not to be read."""
    known = recall_manifest(mirror.memory, whole.digest)
    return known if known is not None else fetch_manifest(mirror.store, mirror.container, whole.digest)
