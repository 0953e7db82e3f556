"""Merge a source's newer files into an operator's clone, three-way, by Git."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import git

from tripleo_gitops.repository.bare import make_commit
from tripleo_gitops.repository.work_copy import GitFailed, told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tripleo_gitops.repository.bare import NewFile, Signature
    from tripleo_gitops.repository.work_copy import WorkCopy


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge that waits for its commit: the tree it gives, or the paths in conflict."""

    tree: str | None
    conflicts: tuple[str, ...]


def write_source_commit(
    git_dir: Path, files: Mapping[str, NewFile], *, parent: str, message: str, signature: Signature
) -> str:
    """Write a commit with these files onto a parent, on no branch; return its id."""
    return make_commit(git_dir, files, parents=[parent], message=message, signature=signature)


def begin_merge(work_copy: WorkCopy, commit: str) -> Merged:
    """Merge a commit into the clone without committing; conflicts are left in the work tree, as Git marks them."""
    repo = git.Repo(work_copy.path)
    try:
        with told("merge"):
            repo.git.merge("--no-ff", "--no-commit", "--quiet", commit)
    except GitFailed:
        listing = repo.git.diff("--name-only", "-z", "--diff-filter=U")
        conflicts = tuple(sorted(path for path in listing.split("\0") if path))
        if not conflicts:
            raise
        return Merged(None, conflicts)
    return Merged(work_copy.index_tree(), ())


def abort_merge(work_copy: WorkCopy) -> None:
    """Put the clone back to where it was before the merge."""
    with told("merge"):
        git.Repo(work_copy.path).git.merge("--abort")
