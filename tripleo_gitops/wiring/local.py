"""What a configuration names on this machine: the plan's repository, the operator's clone, the shared repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import NotFound
from tripleo_gitops.repository.objects import PlanRepository
from tripleo_gitops.repository.work_copy import WorkCopy
from tripleo_gitops.wiring.shipped import shipped_directory

if TYPE_CHECKING:
    from pathlib import Path

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.wiring.config import Config

EXAMPLE = "example"


def open_repository(config: Config) -> PlanRepository:
    """Return the repository that the configured directory is in; raise NotARepository."""
    return PlanRepository.open(config.directory)


def open_work_copy(config: Config) -> WorkCopy:
    """Return the clone that the configured directory is in; raise NotARepository, Refused for a bare one."""
    return WorkCopy.open(config.directory)


def work_tree(config: Config) -> PlanTree:
    """Return the plan tree that committing everything in the clone would give."""
    return open_repository(config).tree_of(open_work_copy(config).snapshot_tree())


def source_directory(config: Config, source: str) -> Path:
    """Return the directory that a plan is made from: the shipped example, or one that the user names."""
    directory = shipped_directory("examples") / "plan-repo" if source == EXAMPLE else config.directory / source
    if not directory.is_dir():
        raise NotFound(f"{source}: no such directory; name one with a plan, or `{EXAMPLE}` for the shipped one")
    return directory
