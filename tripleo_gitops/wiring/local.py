"""What a configuration names on this machine: the plan's repository, the operator's clone, the shared repositories."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.repository.bare_changes import BareChanges
from tripleo_gitops.repository.clone_changes import CloneChanges
from tripleo_gitops.repository.identity import committer
from tripleo_gitops.repository.objects import PlanRepository
from tripleo_gitops.repository.work_copy import WorkCopy
from tripleo_gitops.wiring.cache import open_cache

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.branch_changes import BranchChanges
    from tripleo_gitops.wiring.config import Config


def open_repository(config: Config, *, incoming: Path | None = None) -> PlanRepository:
    """Return the repository that the configured directory is in; raise NotARepository.

    `incoming` is the directory of the objects of a push that is not accepted yet.
    """
    return PlanRepository.open(config.directory, cache=open_cache(config), incoming=incoming)


def open_work_copy(config: Config) -> WorkCopy:
    """Return the clone that the configured directory is in; raise NotARepository, Refused for a bare one."""
    return WorkCopy.open(config.directory)


def open_branch_changes(config: Config, repository: PlanRepository, *, now: int) -> BranchChanges:
    """Return where the branch of a configuration's repository is changed: its work tree, or the bare repository.

    `now` (seconds since 1970 UTC) is when commits are made in a bare one.
    """
    if not repository.is_bare:
        return CloneChanges(open_work_copy(config))
    git_dir = Path(repository.git_dir)
    return BareChanges(git_dir, head=repository.resolve().commit, signature=committer(git_dir, time=now))


def work_tree(config: Config) -> PlanTree:
    """Return the plan tree that committing everything in the clone would give."""
    return open_repository(config).tree_of(open_work_copy(config).snapshot_tree())
