"""Merge, go back and commit in an operator's clone, by Git and as its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import Refused
from tripleo_gitops.repository.merging import Merged, abort_merge, begin_merge
from tripleo_gitops.repository.reverting import commit_tree, tree_with, undone_tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tripleo_gitops.repository.work_copy import WorkCopy


class CloneChanges:
    """Changes to the branch that a clone has checked out; its work tree follows."""

    def __init__(self, work_copy: WorkCopy) -> None:
        self._work_copy = work_copy

    def check_clean(self) -> None:
        """Raise Refused for a work tree with changes that are not committed."""
        changed = self._work_copy.changed_paths()
        if changed:
            raise Refused(
                f"{len(changed)} changed files are not committed ({changed[0]}, …); commit or stash them first"
            )

    def merge(self, commit: str) -> Merged:
        """Merge a commit without committing; conflicts are left in the work tree, as Git marks them."""
        return begin_merge(self._work_copy, commit)

    def abort_merge(self) -> None:
        """Put the clone back to where it was before the merge."""
        abort_merge(self._work_copy)

    def commit_merge(self, _tree: str, message: str) -> None:
        """Commit the merge that is under way."""
        self._work_copy.commit(message)

    def tree_with(self, commit: str, *, kept: Iterable[str]) -> str:
        """Return the tree of a commit in which the paths `kept` are as in HEAD (or as absent)."""
        return tree_with(self._work_copy, commit, kept=kept)

    def undone_tree(self, commit: str) -> str:
        """Return the tree of HEAD without what one commit changed; raises RevertConflict, and Refused for a merge."""
        return undone_tree(self._work_copy, commit)

    def commit_tree(self, tree: str, message: str) -> None:
        """Check a tree out over a clean HEAD and commit it."""
        commit_tree(self._work_copy, tree, message)
