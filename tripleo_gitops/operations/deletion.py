"""Delete a plan from a cloud: its mirror goes, and only when nothing stands on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.errors import NotFound, Refused
from tripleo_gitops.operations.announcement import is_plan_container
from tripleo_gitops.operations.mirror import PARALLEL_REQUESTS
from tripleo_gitops.operations.sync_guards import ForeignContainer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.openstack.container import StoredObject
    from tripleo_gitops.openstack.stack import Stack
    from tripleo_gitops.operations.listing import StackFinder


class RemovableContainers(Protocol):
    """Containers that can be emptied and removed."""

    def metadata(self, container: str) -> Mapping[str, str] | None: ...
    def objects(self, container: str) -> tuple[StoredObject, ...]: ...
    def delete(self, container: str, path: str) -> bool: ...
    def drop(self, container: str) -> None: ...


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
class DeletionPlan:
    """The mirror that would be removed: its container and the paths in it."""

    container: str
    paths: tuple[str, ...]


def plan_deletion(name: str, *, containers: RemovableContainers, stacks: StackFinder) -> DeletionPlan:
    """Return what deleting the plan `name` from the cloud removes.

    Raises StackInUse while a stack of that name exists, NotFound without a mirror, ForeignContainer.
    """
    stack = stacks.find(name)
    if stack is not None:
        raise StackInUse(stack)
    metadata = containers.metadata(name)
    if metadata is None:
        raise NotFound(f"no plan {name} in this project; `tripleo-plan list` shows what there is")
    if not is_plan_container(metadata):
        raise ForeignContainer(f"container {name} is not a plan's; nothing was removed")
    return DeletionPlan(name, tuple(entry.path for entry in containers.objects(name)))


def apply_deletion(containers: RemovableContainers, plan: DeletionPlan) -> None:
    """Remove the objects, then the container; repeating it after a crash removes the rest."""
    with ThreadPoolExecutor(max_workers=PARALLEL_REQUESTS) as pool:
        for _ in pool.map(lambda path: containers.delete(plan.container, path), plan.paths):
            pass
    containers.drop(plan.container)
