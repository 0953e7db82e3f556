"""Prove that a container is what a manifest says, object by object: by its listing, or (deep) by the bytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tripleo_gitops.errors import NotFound
from tripleo_gitops.operations.mirror.manifest import OWN_PATHS, digests_of
from tripleo_gitops.operations.mirror.mirror import PARALLEL_REQUESTS, read_state
from tripleo_gitops.operations.mirror.mirrored import fetch_manifest

if TYPE_CHECKING:
    from tripleo_gitops.openstack.container import StoredObject
    from tripleo_gitops.operations.mirror.announcement import MirrorState
    from tripleo_gitops.operations.mirror.manifest import Manifest, ManifestEntry
    from tripleo_gitops.operations.mirror.mirror import ReadableMirror
    from tripleo_gitops.plan.revision import Revision


class NotMirrored(NotFound):
    """A plan without a container in this project."""

    reason = "NotMirrored"

    def __init__(self, container: str) -> None:
        super().__init__(f"no container {container} in this project; `tripleo-plan sync` makes it")
        self.container = container


class ChangeKind(StrEnum):
    """What happened to an object behind the tool's back."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """One object that is not as it should be, with both sides (None: there is none on that side)."""

    path: str
    wanted: ManifestEntry | None
    found: StoredObject | None

    @property
    def kind(self) -> ChangeKind:
        """`added`, `removed` or `changed`."""
        if self.wanted is None:
            return ChangeKind.ADDED
        return ChangeKind.REMOVED if self.found is None else ChangeKind.CHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found of a mirror: the revision that it is whole at, if any, and each object that differs.

    `is_manifest_right` is whether the stored manifest is the one that the container names, and says what is wanted.
    """

    container: str
    revision: Revision
    mirrored: Revision | None
    objects: int
    is_deep: bool
    changes: tuple[ObjectChange, ...]
    is_manifest_right: bool

    @property
    def is_exact(self) -> bool:
        """Whether the container is whole at the revision, and nothing in it differs."""
        is_there = self.mirrored is not None and self.mirrored.commit == self.revision.commit
        return is_there and self.is_manifest_right and not self.changes


def verify_mirror(store: ReadableMirror, container: str, wanted: Manifest, *, deep: bool = False) -> Verification:
    """Return how a container differs from a manifest; raises NotMirrored.

    Asks for the manifest, the listing, and those objects that differ in it, since it may lag; `deep` reads all.
    """
    state = read_state(store, container)
    if state is None:
        raise NotMirrored(container)
    stored = {entry.path: entry for entry in store.objects(container) if entry.path not in OWN_PATHS}
    target = wanted.by_path
    suspects = [
        path
        for path in sorted(stored.keys() | target.keys())
        if deep or path not in target or path not in stored or target[path].md5 != stored[path].md5
    ]
    with ThreadPoolExecutor(max_workers=PARALLEL_REQUESTS) as pool:
        changes = pool.map(lambda path: _examine(store, container, path, target.get(path), deep=deep), suspects)
        found = tuple(change for change in changes if change is not None)
    return Verification(
        container=container,
        revision=wanted.revision,
        mirrored=mirrored_of(state),
        objects=len(target),
        is_deep=deep,
        changes=found,
        is_manifest_right=_has_manifest(store, container, state, wanted),
    )


def _has_manifest(store: ReadableMirror, container: str, state: MirrorState, wanted: Manifest) -> bool:
    """Return whether who reads the container by its manifest gets what is wanted."""
    manifest = fetch_manifest(store, container, state.whole.digest) if state.whole is not None else None
    return manifest is not None and (manifest.entries, manifest.secrets) == (wanted.entries, wanted.secrets)


def mirrored_of(state: MirrorState) -> Revision | None:
    """Return the revision that a container is whole at."""
    return state.whole.revision if state.whole is not None else None


def _examine(
    store: ReadableMirror, container: str, path: str, wanted: ManifestEntry | None, *, deep: bool
) -> ObjectChange | None:
    """Return how one object differs, asked by itself; None when it does not."""
    found = store.look(container, path)
    if found is None and wanted is None:
        return None
    if found is None or wanted is None:
        return ObjectChange(path, wanted, found)
    is_same = found.md5 == wanted.md5
    if is_same and deep:
        content = store.get(container, path)
        is_same = content is not None and digests_of(content).sha256 == wanted.sha256
    return None if is_same else ObjectChange(path, wanted, found)
