"""How a plan stands: its clone, its mirror and its stack, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.operations.mirror.announcement import mirrored_revision
from tripleo_gitops.operations.stacks.tags import deployed_revision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.openstack.stack import Stack
    from tripleo_gitops.operations.listing import StackFinder
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.work_copy import WorkCopy


class ContainerMetadata(Protocol):
    """Containers by name: what they say of themselves."""

    def metadata(self, container: str) -> Mapping[str, str] | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CloneStatus:
    """A clone beside what it tracks: changed paths, and commits that one side has and the other has not."""

    changed: tuple[str, ...]
    upstream: str | None
    ahead: int
    behind: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudStatus:
    """A plan's mirror and stack in one project."""

    is_mirrored: bool
    mirrored: Revision | None
    stack: Stack | None

    @property
    def deployed(self) -> Revision | None:
        """The revision that the stack was last asked to become."""
        return deployed_revision(self.stack)


def clone_status(work_copy: WorkCopy) -> CloneStatus:
    """Return how a clone stands to HEAD and to the branch that it tracks."""
    upstream = work_copy.upstream()
    ahead, behind = work_copy.ahead_behind(upstream) if upstream else (0, 0)
    return CloneStatus(changed=work_copy.changed_paths(), upstream=upstream, ahead=ahead, behind=behind)


def cloud_status(name: str, *, containers: ContainerMetadata, stacks: StackFinder) -> CloudStatus:
    """Return what a project holds of the plan `name`."""
    metadata = containers.metadata(name)
    return CloudStatus(is_mirrored=metadata is not None, mirrored=mirrored_revision(metadata), stack=stacks.find(name))
