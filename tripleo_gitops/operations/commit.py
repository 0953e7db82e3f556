"""Commit and push from an operator's clone; nothing that breaks a rule of the plan gets in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.documents.changes import diff_trees
from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.checking import check_whole_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.documents.changes import FileChange
    from tripleo_gitops.operations.resolution import Cache
    from tripleo_gitops.plan.checks import Finding
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import PlanRepository
    from tripleo_gitops.repository.work_copy import PushedRef, WorkCopy


class NothingToCommit(Refused):
    """Nothing is staged, or nothing differs from the last commit."""

    reason = "NothingToCommit"


class DetachedHead(Refused):
    """HEAD names a commit and no branch, so that nobody would find what is committed."""

    reason = "DetachedHead"

    def __init__(self) -> None:
        super().__init__("HEAD is detached: a commit here would be on no branch; `git switch BRANCH` first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """A commit that was made, the files in it, and the warnings about its tree."""

    revision: Revision
    files: tuple[FileChange, ...]
    warnings: tuple[Finding, ...]


def commit_plan(
    repository: PlanRepository, work_copy: WorkCopy, *, message: str, stage_all: bool, cache: Cache | None = None
) -> Committed:
    """Check what is staged (or everything, with `stage_all`) and commit it.

    Raises BrokenPlan with every finding, NothingToCommit, DetachedHead, or what git says.
    """
    if work_copy.current_branch() is None:
        raise DetachedHead
    tree = repository.tree_of(work_copy.snapshot_tree() if stage_all else work_copy.index_tree())
    before = repository.tree(repository.resolve()) if repository.has_commits() else None
    files = diff_trees(before, tree)
    if not files:
        raise NothingToCommit(
            "nothing differs from the last commit"
            if stage_all
            else "nothing is staged; `git add` what belongs together, or commit everything with --all"
        )
    warnings = check_whole_plan(tree, what="nothing was committed", cache=cache)
    if stage_all:
        work_copy.stage_all()
    work_copy.commit(message)
    return Committed(revision=repository.resolve(), files=files, warnings=warnings)


def push_plan(work_copy: WorkCopy, *, remote: str, say: Callable[[str], None]) -> tuple[PushedRef, ...]:
    """Push the branch that is checked out; `say` gets what the server prints (its hooks' words), line by line."""
    branch = work_copy.current_branch()
    if branch is None:
        raise DetachedHead
    return work_copy.push(remote, branch, say=say)
