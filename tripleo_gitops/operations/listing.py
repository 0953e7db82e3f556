"""The plans that there are: in a directory of repositories, in a cloud, or in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.operations.mirror.announcement import is_plan_container, mirrored_revision
from tripleo_gitops.operations.stacks.tags import deployed_revision
from tripleo_gitops.repository.objects import NotARepository, PlanRepository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tripleo_gitops.openstack.stack import Stack
    from tripleo_gitops.plan.revision import Revision


class ContainerListing(Protocol):
    """The containers of one project, by name and by metadata."""

    def names(self) -> tuple[str, ...]: ...
    def metadata(self, container: str) -> Mapping[str, str] | None: ...


class StackFinder(Protocol):
    """Stacks by name."""

    def find(self, name: str) -> Stack | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPlan:
    """One plan wherever it was found; what is None is not there, or was not asked."""

    name: str
    revision: Revision | None = None
    mirrored: Revision | None = None
    is_mirrored: bool = False
    deployed: Revision | None = None
    stack_status: str | None = None


def repositories_in(directory: Path) -> dict[str, Path]:
    """Return the bare plan repositories of a directory by the plan's name: `NAME.git`."""
    if not directory.is_dir():
        return {}
    return {path.name.removesuffix(".git"): path for path in sorted(directory.glob("*.git")) if path.is_dir()}


def head_revision(path: Path) -> Revision | None:
    """Return the revision that a repository's HEAD names; None where nothing is committed or nothing is there."""
    try:
        with PlanRepository.open(path) as repository:
            return repository.resolve() if repository.has_commits() else None
    except NotARepository:
        return None


def list_local_plans(directory: Path) -> tuple[ListedPlan, ...]:
    """Return the plans whose repositories are in a directory, sorted by name; no cloud is asked."""
    return tuple(
        ListedPlan(name=name, revision=head_revision(path)) for name, path in repositories_in(directory).items()
    )


def list_plans(directory: Path, *, containers: ContainerListing, stacks: StackFinder) -> tuple[ListedPlan, ...]:
    """Return every plan of a directory and of a project, sorted by name, with what the project holds of it.

    Asks the project once for each container and for each plan: TripleO's own mark is only in metadata.
    """
    marked = {name: containers.metadata(name) or {} for name in containers.names()}
    mirrors = {name: metadata for name, metadata in marked.items() if is_plan_container(metadata)}
    local = {plan.name: plan for plan in list_local_plans(directory)}
    return tuple(
        _listed(name, local=local.get(name), mirror=mirrors.get(name), stack=stacks.find(name))
        for name in sorted(mirrors.keys() | local.keys())
    )


def _listed(
    name: str, *, local: ListedPlan | None, mirror: Mapping[str, str] | None, stack: Stack | None
) -> ListedPlan:
    return ListedPlan(
        name=name,
        revision=local.revision if local else None,
        mirrored=mirrored_revision(mirror),
        is_mirrored=mirror is not None,
        deployed=deployed_revision(stack),
        stack_status=stack.status if stack else None,
    )
