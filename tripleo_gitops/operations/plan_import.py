"""Take a plan in that was written past Git: files in a container become a plan's first commit, or its next one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.adoption import adopt_plan
from tripleo_gitops.operations.creation import Origin, create_plan
from tripleo_gitops.operations.mirror.announcement import mirrored_revision
from tripleo_gitops.operations.mirror.history import PlanHistory
from tripleo_gitops.operations.mirror.manifest import MANIFEST_PATH
from tripleo_gitops.operations.mirror.sync_plan import SyncOptions
from tripleo_gitops.plan.names import parse_plan_name
from tripleo_gitops.plan.secrets_file import SECRETS_FILE
from tripleo_gitops.plan.settings import SETTINGS_FILE
from tripleo_gitops.repository.file_set import LIMITS, FileSet, read_commit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.adoption import SecretKeeper
    from tripleo_gitops.operations.mirror.manifest import Manifest
    from tripleo_gitops.operations.plan_service import Edited, PlanService
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.bare import NewFile
    from tripleo_gitops.repository.objects import PlanRepository

KEPT = (SECRETS_FILE, SETTINGS_FILE)
"""Files that TripleO's clients know nothing of: that they are gone from a container means nothing."""
TAKEN_IN = SyncOptions(full=True, foreign=True, force=True, allow_older=True)
"""What is in the container was looked at and is committed: nothing there is foreign any more."""


class EditConflict(Refused):
    """Files that were changed in Git and in the container, each in its own way."""

    reason = "EditConflict"

    def __init__(self, name: str, paths: tuple[str, ...]) -> None:
        super().__init__(
            f"plan {name}: {len(paths)} files were changed in Git and in the container since they were mirrored "
            f"({', '.join(paths[:3])}{', …' if len(paths) > 3 else ''}); nothing was changed: `tripleo-plan drift` "
            "shows the container's, put one side right and try again"
        )
        self.paths = paths


def create_from(
    service: PlanService, name: str, source: FileSet, origin: Origin, *, makes_passwords: bool = True
) -> Revision:
    """Make a plan of files, for the caller's project, and mirror it; raises BrokenPlan, RepositoryExists.

    When mirroring fails the plan stays, and the next sync completes it.
    """
    service.caller.check_may(write=True)
    created = create_plan(
        service.path(name),
        source,
        name=parse_plan_name(name),
        origin=origin,
        signature=service.signature(name),
        keeper=_keeper(service, makes_passwords=makes_passwords),
    )
    service.claim(name)
    service.mirror(name, options=TAKEN_IN)
    return created.revision


def take_in(service: PlanService, name: str, *, makes_passwords: bool = True, subject: str) -> Edited:
    """Commit what was changed in a plan's container since it was mirrored, and mirror the result.

    Three-way, file by file: base is the mirrored revision. Renders are never taken in. Raises EditConflict, BrokenPlan.
    """
    git_dir = service.path(name)

    def decide(tree: PlanTree) -> Mapping[str, NewFile | None]:
        with service.open(name) as repository:
            merged = _merged(service, repository, name, git_dir)
        keeper = _keeper(service, makes_passwords=makes_passwords)
        adopted = adopt_plan(merged, name=parse_plan_name(name), keeper=keeper).files
        return {**dict.fromkeys(tree.paths()), **adopted}

    edited = service.commit(name, decide, subject=subject)
    service.mirror(name, options=TAKEN_IN)
    return edited


def _merged(service: PlanService, repository: PlanRepository, name: str, git_dir: Path) -> FileSet:
    head = repository.resolve()
    mirrored = mirrored_revision(service.cloud.containers.metadata(name))
    base = mirrored if mirrored is not None and repository.has_commit(mirrored.commit) else head
    manifest = PlanHistory(repository, service.cloud.mirror(name).memory).manifest(base)
    assert manifest is not None, "a base is in the repository"
    changed = _changed_objects(service, name, manifest)
    ours, before = read_commit(git_dir, head.commit), repository.tree(base)
    files = {path: ours.read(path) for path in ours.paths()}
    conflicts = []
    for path, theirs in changed.items():
        if path in manifest.by_path and path not in before.paths():
            continue  # a render: rendering makes it anew
        if theirs is None and path in KEPT:
            continue
        old = before.read(path) if path in before.paths() else None
        mine = files.get(path)
        if mine not in (old, theirs):
            conflicts.append(path)
        elif theirs is None:
            files.pop(path, None)
        else:
            files[path] = theirs
    if conflicts:
        raise EditConflict(name, tuple(sorted(conflicts)))
    return FileSet(files, [path for path in files if ours.is_executable(path)])


def _changed_objects(service: PlanService, name: str, manifest: Manifest) -> dict[str, bytes | None]:
    """Return what is in a container and not as a manifest says, with its bytes; None for what is gone."""
    containers, wanted = service.cloud.containers, manifest.by_path
    stored = {entry.path: entry for entry in containers.objects(name) if entry.path != MANIFEST_PATH}
    LIMITS.check(f"container {name}", files=len(stored), size=sum(entry.size for entry in stored.values()))
    changed = [path for path, entry in stored.items() if path not in wanted or wanted[path].md5 != entry.md5]
    found: dict[str, bytes | None] = {path: containers.get(name, path) for path in changed}
    return found | {path: None for path in wanted if path not in stored}


def _keeper(service: PlanService, *, makes_passwords: bool) -> SecretKeeper:
    return replace(service.keeper, makes_passwords=makes_passwords)
