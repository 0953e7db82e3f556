"""What a configuration names on this machine: the plan's repository, the operator's clone, the shared repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.repository.objects import PlanRepository
from tripleo_gitops.repository.work_copy import WorkCopy
from tripleo_gitops.wiring.cache import open_cache

if TYPE_CHECKING:
    from pathlib import Path

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.wiring.config import Config


def open_repository(config: Config, *, incoming: Path | None = None) -> PlanRepository:
    """Return the repository that the configured directory is in; raise NotARepository.

    `incoming` is the directory of the objects of a push that is not accepted yet.
    """
    return PlanRepository.open(config.directory, cache=open_cache(config), incoming=incoming)


def open_work_copy(config: Config) -> WorkCopy:
    """Return the clone that the configured directory is in; raise NotARepository, Refused for a bare one."""
    return WorkCopy.open(config.directory)


def work_tree(config: Config) -> PlanTree:
    """Return the plan tree that committing everything in the clone would give."""
    return open_repository(config).tree_of(open_work_copy(config).snapshot_tree())
