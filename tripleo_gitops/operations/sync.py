"""Mirror a revision: make its Swift container hold the rendered plan and nothing else but the manifest."""

from __future__ import annotations

import mimetypes
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.manifest import MANIFEST_PATH, Manifest, describe_objects, md5_of
from tripleo_gitops.plan.revision import InvalidRevision, Revision, parse_revision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.openstack.container import StoredObject

USAGE_KEY, USAGE_VALUE = "usage-tripleo", "plan"
REVISION_KEY, DIGEST_KEY = "tripleo-gitops-revision", "tripleo-gitops-digest"
DELETE_SHARE_LIMIT = 0.3
PARALLEL_REQUESTS = 8


class MirrorStore(Protocol):
    """Where mirrors are kept: the containers of one project."""

    def metadata(self, container: str) -> Mapping[str, str] | None: ...
    def create(self, container: str, metadata: Mapping[str, str]) -> None: ...
    def mark(self, container: str, metadata: Mapping[str, str]) -> None: ...
    def objects(self, container: str) -> tuple[StoredObject, ...]: ...
    def put(self, container: str, path: str, content: bytes, *, md5: str, content_type: str) -> None: ...
    def delete(self, container: str, path: str) -> None: ...


class EmptyPlan(Refused):
    """A tree without a file; it would empty the container."""

    reason = "EmptyPlan"


class ForeignContainer(Refused):
    """A container of the plan's name that is not a plan's."""

    reason = "ForeignContainer"


class UnsafeChange(Refused):
    """A sync that deletes too much to do it unasked."""

    reason = "UnsafeChange"

    def __init__(self, *, deletes: int, existing: int, limit: float) -> None:
        super().__init__(
            f"refusing to delete {deletes} of {existing} mirrored objects ({deletes / existing:.0%}, limit "
            f"{limit:.0%}); look at `tripleo-plan diff`, then pass --force"
        )
        self.deletes, self.existing, self.limit = deletes, existing, limit


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """What turns a container into the mirror of a revision, decided from one listing."""

    container: str
    manifest: Manifest
    mirrored: Revision | None
    is_new: bool
    is_marked: bool
    puts: tuple[str, ...]
    deletes: tuple[str, ...]
    unchanged: int
    existing: int

    @property
    def is_done(self) -> bool:
        """Whether container, manifest and marker are already what they should be."""
        return self.is_marked and not self.puts and not self.deletes


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """What a sync did; counts are of objects of the plan, the manifest is not one."""

    container: str
    revision: Revision
    digest: str
    put: int
    deleted: int
    unchanged: int


def mirrored_revision(metadata: Mapping[str, str] | None) -> Revision | None:
    """Return the revision that a container's marker names; None without a readable marker."""
    try:
        return parse_revision((metadata or {}).get(REVISION_KEY, ""))
    except InvalidRevision:
        return None


def is_plan_container(metadata: Mapping[str, str]) -> bool:
    """Return whether a container says of itself that it is a plan's, as TripleO's do."""
    return metadata.get(USAGE_KEY) == USAGE_VALUE


def plan_sync(store: MirrorStore, *, container: str, rendered: PlanTree, revision: Revision) -> SyncPlan:
    """Return what has to be put and deleted so that `container` mirrors `rendered`.

    Raises EmptyPlan for a tree without files, ForeignContainer for a container that is not a plan's.
    """
    manifest = describe_objects(rendered, revision)
    if not manifest.entries:
        raise EmptyPlan(f"{revision.short} of plan {container} has no files; an empty tree never empties a container")
    metadata = store.metadata(container)
    if metadata is not None and not is_plan_container(metadata):
        raise ForeignContainer(
            f"container {container} exists and is not a plan's (no {USAGE_KEY}: {USAGE_VALUE}); "
            "rename the plan, or remove the container"
        )
    stored = {entry.path: entry.md5 for entry in store.objects(container)} if metadata is not None else {}
    wanted = {entry.path: entry.md5 for entry in manifest.entries}
    marker = {USAGE_KEY: USAGE_VALUE, REVISION_KEY: str(revision), DIGEST_KEY: manifest.digest}
    existing = len(stored.keys() - {MANIFEST_PATH})
    return SyncPlan(
        container=container,
        manifest=manifest,
        mirrored=mirrored_revision(metadata),
        is_new=metadata is None,
        is_marked=metadata is not None
        and marker.items() <= metadata.items()
        and stored.get(MANIFEST_PATH) == md5_of(manifest.encode()),
        puts=tuple(path for path, md5 in wanted.items() if stored.get(path) != md5),
        deletes=tuple(sorted(stored.keys() - wanted.keys() - {MANIFEST_PATH})),
        unchanged=sum(stored.get(path) == md5 for path, md5 in wanted.items()),
        existing=existing,
    )


def check_sync(plan: SyncPlan, *, limit: float = DELETE_SHARE_LIMIT) -> None:
    """Raise UnsafeChange when more than `limit` (a share, 0 to 1) of the mirrored objects would be deleted."""
    if plan.deletes and len(plan.deletes) / plan.existing > limit:
        raise UnsafeChange(deletes=len(plan.deletes), existing=plan.existing, limit=limit)


def apply_sync(
    store: MirrorStore,
    plan: SyncPlan,
    rendered: PlanTree,
    *,
    advance: Callable[[str], None] = lambda _path: None,
) -> SyncResult:
    """Do what a SyncPlan says: puts, deletes, manifest, marker; `advance` hears of each object that is done.

    A crash at any point leaves a container whose marker names the old revision; the next sync completes it.
    """
    name = plan.container
    if plan.is_new:
        store.create(name, {USAGE_KEY: USAGE_VALUE})
    wanted = {entry.path: entry for entry in plan.manifest.entries}

    def put(path: str) -> None:
        store.put(name, path, rendered.read(path), md5=wanted[path].md5, content_type=content_type_of(path))
        advance(path)

    def delete(path: str) -> None:
        store.delete(name, path)
        advance(path)

    _in_parallel(put, plan.puts)
    _in_parallel(delete, plan.deletes)
    if not plan.is_done:
        manifest = plan.manifest.encode()
        store.put(name, MANIFEST_PATH, manifest, md5=md5_of(manifest), content_type="application/json")
        revision, digest = str(plan.manifest.revision), plan.manifest.digest
        store.mark(name, {USAGE_KEY: USAGE_VALUE, REVISION_KEY: revision, DIGEST_KEY: digest})
    return SyncResult(
        container=name,
        revision=plan.manifest.revision,
        digest=plan.manifest.digest,
        put=len(plan.puts),
        deleted=len(plan.deletes),
        unchanged=plan.unchanged,
    )


def content_type_of(path: str) -> str:
    """Return the media type that a path's ending stands for."""
    if path.endswith((".yaml", ".yml")):
        return "application/yaml"
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


def _in_parallel(act: Callable[[str], None], paths: Iterable[str]) -> None:
    """Act on every path, a few at a time; the first failure is raised and nothing new is begun after it."""
    with ThreadPoolExecutor(max_workers=PARALLEL_REQUESTS) as pool:
        begun = [pool.submit(act, path) for path in paths]
        try:
            for future in begun:
                future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
