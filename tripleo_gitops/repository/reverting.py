"""Go back in an operator's clone: a new commit whose tree is an older one's, or that undoes one commit."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import git

from tripleo_gitops.errors import Refused
from tripleo_gitops.repository.work_copy import GitFailed, told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tripleo_gitops.repository.work_copy import WorkCopy


class RevertConflict(Refused):
    """A commit that later ones build on; holds the paths that would have to be joined by hand."""

    reason = "RevertConflict"

    def __init__(self, commit: str, paths: tuple[str, ...]) -> None:
        super().__init__(
            f"{commit[:12]} cannot be undone by itself, later commits changed the same lines of {', '.join(paths)}; "
            f"nothing was changed: `git revert {commit[:12]}` lets you join them by hand"
        )
        self.commit, self.paths = commit, paths


def tree_with(work_copy: WorkCopy, commit: str, *, kept: Iterable[str]) -> str:
    """Return the tree of a commit in which the paths `kept` are as in HEAD (or as absent); nothing is checked out."""
    repo = git.Repo(work_copy.path)
    with (
        tempfile.TemporaryDirectory(prefix="tripleo-plan-") as scratch,
        told("read-tree"),
        repo.git.custom_environment(GIT_INDEX_FILE=str(Path(scratch, "index"))),
    ):
        repo.git.read_tree(commit)
        for path in kept:
            repo.git.update_index("--force-remove", "--", path)
            entry = repo.git.ls_tree("HEAD", "--", path)
            if entry:
                mode, _kind, blob = entry.split("\t")[0].split()
                repo.git.update_index("--add", "--cacheinfo", f"{mode},{blob},{path}")
        return str(repo.git.write_tree())


def undone_tree(work_copy: WorkCopy, commit: str) -> str:
    """Return the tree of HEAD without what one commit changed; the clone is as it was afterwards.

    Raises RevertConflict, and Refused for a merge, which has more than one parent to go back to.
    """
    repo = git.Repo(work_copy.path)
    if len(repo.commit(commit).parents) > 1:
        raise Refused(f"{commit[:12]} is a merge; name the revision to go back to, or `git revert -m` it yourself")
    try:
        with told("revert"):
            repo.git.revert("--no-commit", commit)
    except GitFailed:
        paths = tuple(path for path in repo.git.diff("--name-only", "-z", "--diff-filter=U").split("\0") if path)
        if not paths:
            raise
        repo.git.revert("--abort")
        raise RevertConflict(commit, paths) from None
    tree = str(repo.git.write_tree())
    repo.git.revert("--abort")
    return tree


def commit_tree(work_copy: WorkCopy, tree: str, message: str) -> str:
    """Check a tree out over a clean HEAD and commit it as the clone's owner; return the commit's id."""
    repo = git.Repo(work_copy.path)
    with told("read-tree"):
        repo.git.read_tree("-m", "-u", "HEAD", tree)
    return work_copy.commit(message)
