"""Go back to an older revision by a new commit; history stays, and deploying it is a deploy like any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.checking import check_plan
from tripleo_gitops.operations.commit import DetachedHead
from tripleo_gitops.operations.comparison.diff import PlanDiff, diff_plans
from tripleo_gitops.plan.secrets_file import SECRETS_FILE

if TYPE_CHECKING:
    from tripleo_gitops.operations.branch_changes import BranchChanges
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import CommitInfo, PlanRepository


class NothingToRollBack(Refused):
    """A rollback that would change nothing."""

    reason = "NothingToRollBack"


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackPlan:
    """The commit that would be made on HEAD as it was seen: its tree, its message, and what it changes."""

    base: Revision
    tree: str
    message: str
    undone: tuple[CommitInfo, ...]
    changes: PlanDiff


def plan_rollback(
    repository: PlanRepository, branch: BranchChanges, to: Revision, *, with_secrets: bool = False
) -> RollbackPlan:
    """Return the commit that makes the plan what it was at `to`.

    secrets.yaml stays as it is unless `with_secrets`: services have the newest passwords, and older ones of a
    rotated Fernet repository would lock everybody out. Raises Refused for a revision that is not in HEAD's
    history, NothingToRollBack, BrokenPlan where the older revision breaks a rule of today.
    """
    base = _clean_base(repository, branch)
    if to.commit == base.commit or not repository.is_ancestor(to.commit, base.commit):
        raise Refused(f"{to.short} is no older revision of {base.short}; `tripleo-plan history` shows those there are")
    undone = repository.range(to, base)
    tree = branch.tree_with(to.commit, kept=() if with_secrets else (SECRETS_FILE,))
    subjects = "".join(f"\n- {one.commit[:12]} {one.subject}" for one in undone)
    return _planned(
        repository, base, tree, message=f"Roll back to {to.short}\n\nThis undoes:\n{subjects}\n", undone=undone
    )


def plan_undo(repository: PlanRepository, branch: BranchChanges, commit: Revision) -> RollbackPlan:
    """Return the commit that undoes one commit only, as `git revert` does; raises RevertConflict."""
    base = _clean_base(repository, branch)
    if not repository.is_ancestor(commit.commit, base.commit):
        raise Refused(f"{commit.short} is not in the history of {base.short}")
    info = repository.describe(commit)
    message = f'Revert "{info.subject}"\n\nThis reverts commit {commit.commit}.\n'
    return _planned(repository, base, branch.undone_tree(commit.commit), message=message, undone=(info,))


def apply_rollback(repository: PlanRepository, branch: BranchChanges, plan: RollbackPlan) -> Revision:
    """Make the commit; refuse when HEAD or the work tree is no longer what was seen."""
    if _clean_base(repository, branch).commit != plan.base.commit:
        raise Refused("HEAD moved since it was looked at; roll back again")
    branch.commit_tree(plan.tree, plan.message)
    return repository.resolve()


def _clean_base(repository: PlanRepository, branch: BranchChanges) -> Revision:
    if repository.current_branch() is None:
        raise DetachedHead
    branch.check_clean()
    return repository.resolve()


def _planned(
    repository: PlanRepository, base: Revision, tree: str, *, message: str, undone: tuple[CommitInfo, ...]
) -> RollbackPlan:
    after, before = repository.tree_of(tree), repository.tree(base)
    changes = diff_plans(before, after, old_label=base.short, new_label="rolled back", cache=repository.cache)
    if not changes.files:
        raise NothingToRollBack(f"{base.short} has the same files already; nothing to roll back")
    check_plan(after, what="nothing was rolled back", cache=repository.cache)
    return RollbackPlan(base=base, tree=tree, message=message, undone=undone, changes=changes)
