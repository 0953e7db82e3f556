"""Commits made without a work tree: some files change, and the branch moves only from the commit that was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dulwich.object_store import commit_tree_changes
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.repo import Repo

from tripleo_gitops.errors import Unavailable
from tripleo_gitops.repository.bare import REGULAR, write_commit_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tripleo_gitops.repository.bare import NewFile, Signature


class BranchMoved(Unavailable):
    """A branch that somebody moved between the look at it and the commit."""

    reason = "BranchMoved"

    def __init__(self, branch: str) -> None:
        super().__init__(f"somebody committed to {branch} meanwhile; nothing was changed, try again")
        self.branch = branch


def write_tree_with(path: Path, base: str, changes: Mapping[str, NewFile | None]) -> str:
    """Write the tree of a commit with some files changed (None: gone) into a repository; return the tree's id."""
    with Repo(str(path)) as repo:
        commit = repo[ObjectID(base.encode())]
        assert isinstance(commit, Commit), "a base is a commit"
        blobs = {name: Blob.from_string(new.content) for name, new in changes.items() if new is not None}
        repo.object_store.add_objects([(blob, None) for blob in blobs.values()])
        entries = [
            (name.encode(), new.mode if new is not None else REGULAR, blobs[name].id if new is not None else None)
            for name, new in changes.items()
        ]
        return commit_tree_changes(repo.object_store, commit.tree, entries).decode()


def commit_on_branch(path: Path, tree: str, *, base: str, message: str, signature: Signature) -> str:
    """Commit a tree on the branch that HEAD names, on top of `base`; return the commit's id.

    Raises BranchMoved where the branch is no longer at `base`.
    """
    with Repo(str(path)) as repo:
        branch = repo.refs.follow(b"HEAD")[0][1]  # type: ignore[arg-type]  # dulwich's NewType of bytes
        parent = ObjectID(base.encode())
        commit = write_commit_object(
            repo, ObjectID(tree.encode()), message=message, signature=signature, parents=[parent]
        )
        if not repo.refs.set_if_equals(branch, parent, commit):
            raise BranchMoved(branch.decode().removeprefix("refs/heads/"))
    return commit.decode()


def remember_setting(path: Path, key: str, value: str) -> None:
    """Keep one of the tool's own settings in a repository's Git configuration (`tripleo-gitops.KEY`)."""
    with Repo(str(path)) as repo:
        config = repo.get_config()
        config.set((b"tripleo-gitops",), key.encode(), value.encode())
        config.write_to_path()
