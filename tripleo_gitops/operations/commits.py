"""A plan's commits, with those that the cloud has marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tripleo_gitops.operations.status import CloudStatus
    from tripleo_gitops.plan.revision import CommitId, Revision
    from tripleo_gitops.repository.objects import PlanRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One commit of a plan: what it says of itself, and where it is."""

    commit: CommitId
    author: str
    time: int
    subject: str
    is_mirrored: bool
    is_deployed: bool


def plan_history(
    repository: PlanRepository, start: Revision, *, limit: int | None, cloud: CloudStatus | None
) -> tuple[HistoryEntry, ...]:
    """Return the commits of a revision's history, the newest first; `cloud` says which are mirrored and deployed."""
    mirrored = cloud.mirrored.commit if cloud and cloud.mirrored else None
    deployed = cloud.deployed.commit if cloud and cloud.deployed else None
    return tuple(
        HistoryEntry(
            commit=info.commit,
            author=info.author,
            time=info.time,
            subject=info.subject,
            is_mirrored=info.commit == mirrored,
            is_deployed=info.commit == deployed,
        )
        for info in repository.history(start, limit=limit)
    )
