"""Merge, go back and commit in a bare repository: objects only, and its branch moves only from where it was seen."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dulwich.object_store import commit_tree_changes, tree_lookup_path
from dulwich.objects import Commit, ObjectID
from dulwich.repo import Repo

from tripleo_gitops.errors import Refused
from tripleo_gitops.repository.bare import Signature, write_commit_object
from tripleo_gitops.repository.isolation import isolated_environment, run_isolated
from tripleo_gitops.repository.merging import Merged
from tripleo_gitops.repository.reverting import RevertConflict
from tripleo_gitops.repository.work_copy import GitFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

TIME_LIMIT_SECONDS = 300.0
_CONFLICTS = 1  # how `git merge-tree --write-tree` ends when it leaves some


class BareChanges:
    """What a clone does in its work tree, done on the branch that a bare repository's HEAD names."""

    def __init__(self, git_dir: Path, *, head: str, signature: Signature) -> None:
        self._git_dir, self._head, self._signature = git_dir, head, signature
        self._merging: str | None = None

    def check_clean(self) -> None:
        """Pass: there is no work tree that could hold anything."""

    def merge(self, commit: str) -> Merged:
        """Merge a commit into the branch three-way, without committing; conflicts leave nothing behind."""
        merged = self._merged(commit)
        self._merging = commit
        return merged

    def abort_merge(self) -> None:
        """Forget the merge."""
        self._merging = None

    def commit_merge(self, tree: str, message: str) -> None:
        """Commit the merge; raises Refused when somebody pushed meanwhile."""
        parents = [self._head, *([self._merging] if self._merging else [])]
        self._advance(tree, parents, message)

    def tree_with(self, commit: str, *, kept: Iterable[str]) -> str:
        """Return the tree of a commit in which the paths `kept` are as in the branch (or as absent)."""
        with Repo(str(self._git_dir)) as repo:
            store, old, now = repo.object_store, _tree_of(repo, commit), _tree_of(repo, self._head)
            changes: list[tuple[bytes, int | None, ObjectID | None]] = []
            for path in kept:
                try:
                    mode, blob = tree_lookup_path(store.__getitem__, now, path.encode())
                    changes.append((path.encode(), mode, blob))
                except KeyError:
                    changes.append((path.encode(), None, None))
            return commit_tree_changes(store, old, changes).decode()

    def undone_tree(self, commit: str) -> str:
        """Return the tree of the branch without what one commit changed.

        Raises RevertConflict, and Refused for a merge and for the first commit, before which nothing was.
        """
        with Repo(str(self._git_dir)) as repo:
            undone = repo[commit.encode()]
            assert isinstance(undone, Commit), "a revision names a commit"
            if len(undone.parents) != 1:
                what = "a merge" if undone.parents else "the first commit"
                raise Refused(f"{commit[:12]} is {what}; name the revision to go back to")
            before = _tree_of(repo, undone.parents[0].decode())
            # Git merges from the last common commit: the undone one, for a child of it with the files from before.
            child = replace(self._signature, is_signed=False)
            ids = [ObjectID(commit.encode())]
            opposite = write_commit_object(repo, before, message="", signature=child, parents=ids).decode()
        merged = self._merged(opposite)
        if merged.tree is None:
            raise RevertConflict(commit, merged.conflicts)
        return merged.tree

    def commit_tree(self, tree: str, message: str) -> None:
        """Commit a tree on the branch; raises Refused when somebody pushed meanwhile."""
        self._advance(tree, [self._head], message)

    def _advance(self, tree: str, parents: list[str], message: str) -> None:
        """Commit a tree and move the branch to it, from the first parent; raises Refused when it is elsewhere."""
        with Repo(str(self._git_dir)) as repo:
            branch = repo.refs.follow(b"HEAD")[0][1]  # type: ignore[arg-type]  # NewType of bytes
            ids = [ObjectID(parent.encode()) for parent in parents]
            commit = write_commit_object(
                repo, ObjectID(tree.encode()), message=message, signature=self._signature, parents=ids
            )
            if not repo.refs.set_if_equals(branch, ids[0], commit):
                raise Refused(f"{self._git_dir}: somebody pushed to {branch.decode()} meanwhile; try again")

    def _merged(self, commit: str) -> Merged:
        with tempfile.TemporaryDirectory(prefix="tripleo-plan-") as home:
            ended = run_isolated(
                ["git", "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", self._head, commit],
                folder=Path(home),
                environment=isolated_environment(self._git_dir, home=Path(home), config={}),
                time_limit=TIME_LIMIT_SECONDS,
            )
        if ended.code not in (0, _CONFLICTS):
            raise GitFailed("merge-tree", ended.err)
        tree, *paths = ended.out.split("\0")
        if ended.code == _CONFLICTS:
            return Merged(None, tuple(sorted({path for path in paths if path})))
        return Merged(tree.strip(), ())


def _tree_of(repo: Repo, commit: str) -> ObjectID:
    found = repo[commit.encode()]
    assert isinstance(found, Commit), "a revision names a commit"
    return ObjectID(found.tree)
