"""Delete a plan: its mirror, what TripleO leaves beside it, and its repository, when nothing stands on it."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.errors import NotFound, Refused
from tripleo_gitops.operations.mirror.announcement import is_plan_container
from tripleo_gitops.operations.mirror.mirror import PARALLEL_REQUESTS
from tripleo_gitops.operations.mirror.sync_guards import ForeignContainer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tripleo_gitops.openstack.container import StoredObject
    from tripleo_gitops.openstack.stack import Stack
    from tripleo_gitops.operations.listing import StackFinder

LEFTOVERS = ("-swift-rings", "-messages", "-config", "_ceph_ansible_fetch_dir")
"""What TripleO's workflows keep beside a plan's container; its own deletion forgets the last two."""
CACHE_CONTAINER, CACHE_OBJECT = "__cache__", "__cache_{}_tripleo.parameters.get"
ARCHIVE = ".archive"


class RemovableContainers(Protocol):
    """Containers that can be emptied and removed."""

    def metadata(self, container: str) -> Mapping[str, str] | None: ...
    def objects(self, container: str) -> tuple[StoredObject, ...]: ...
    def delete(self, container: str, path: str) -> bool: ...
    def drop(self, container: str) -> None: ...


class Environments(Protocol):
    """Mistral's environments, by name."""

    def has(self, name: str) -> bool: ...
    def delete(self, name: str) -> None: ...


class StackInUse(Refused):
    """A plan whose stack exists, in whatever state."""

    reason = "StackInUse"

    def __init__(self, stack: Stack) -> None:
        super().__init__(
            f"stack {stack.name} exists ({stack.status}); the plan stays as long as it does: "
            "`tripleo-plan delete --stack` deletes the stack first"
        )
        self.stack = stack


@dataclass(frozen=True, slots=True)
class ContainerRemoval:
    """A container that would be removed, with the paths in it."""

    container: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionPlan:
    """Everything of a plan that would be removed; what is empty or None is not there, or stays."""

    name: str
    containers: tuple[ContainerRemoval, ...]
    has_environment: bool
    repository: Path | None

    @property
    def object_count(self) -> int:
        """How many objects would be removed."""
        return sum(len(removal.paths) for removal in self.containers)


def plan_deletion(
    name: str,
    *,
    containers: RemovableContainers,
    stacks: StackFinder,
    environments: Environments,
    repository: Path | None = None,
) -> DeletionPlan:
    """Return what deleting the plan `name` removes; `repository` is its bare one where that goes, too.

    Raises StackInUse while a stack of that name exists, NotFound where there is nothing of it, ForeignContainer.
    A container that is another plan's own is no leftover of this one.
    """
    stack = stacks.find(name)
    if stack is not None:
        raise StackInUse(stack)
    metadata = containers.metadata(name)
    if metadata is not None and not is_plan_container(metadata):
        raise ForeignContainer(f"container {name} is not a plan's; nothing was removed")
    has_repository = repository is not None and repository.is_dir()
    has_environment = environments.has(name)
    if metadata is None and not has_repository and not has_environment:
        raise NotFound(f"no plan {name} in this project; `tripleo-plan list` shows what there is")
    removals = [_removal(containers, name)] if metadata is not None else []
    for leftover in (f"{name}{suffix}" for suffix in LEFTOVERS):
        beside = containers.metadata(leftover)
        if beside is not None and not is_plan_container(beside):
            removals.append(_removal(containers, leftover))
    return DeletionPlan(
        name=name,
        containers=tuple(removals),
        has_environment=has_environment,
        repository=repository if has_repository else None,
    )


def apply_deletion(plan: DeletionPlan, *, containers: RemovableContainers, environments: Environments) -> None:
    """Remove what is in the cloud, the mirror last; repeating it after a crash removes the rest."""
    containers.delete(CACHE_CONTAINER, CACHE_OBJECT.format(plan.name))
    if plan.has_environment:
        environments.delete(plan.name)
    for removal in reversed(plan.containers):
        with ThreadPoolExecutor(max_workers=PARALLEL_REQUESTS) as pool:
            for _ in pool.map(containers.delete, [removal.container] * len(removal.paths), removal.paths):
                pass
        containers.drop(removal.container)


def archive_repository(repository: Path, *, time: int) -> Path:
    """Move a bare repository out of the plans, `time` (seconds since 1970 UTC) in its name; return where to."""
    target = repository.parent / ARCHIVE / f"{repository.name.removesuffix('.git')}-{time}.git"
    target.parent.mkdir(exist_ok=True)
    repository.rename(target)
    return target


def purge_repository(repository: Path) -> None:
    """Remove a bare repository with its whole history; it goes out of the plans first, so that it goes whole."""
    doomed = repository.with_name(f".doomed-{repository.name}")
    repository.rename(doomed)
    shutil.rmtree(doomed)


def _removal(containers: RemovableContainers, container: str) -> ContainerRemoval:
    return ContainerRemoval(container, tuple(entry.path for entry in containers.objects(container)))
