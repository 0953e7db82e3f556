"""Git bundles: a whole repository, history and all, as one file that `git clone` and `git fetch` take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import git

from tripleo_gitops.errors import Refused
from tripleo_gitops.repository.objects import NotARepository
from tripleo_gitops.repository.work_copy import told

if TYPE_CHECKING:
    from pathlib import Path

MARK = b"# v"


def write_bundle(repository: Path, target: Path) -> None:
    """Write every branch and tag with its history to a file; raises Refused over a file, NotARepository, GitFailed."""
    if target.exists():
        raise Refused(f"{target} exists; name another file")
    try:
        repo = git.Repo(repository, search_parent_directories=True)
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        raise NotARepository(repository) from None
    with told("bundle"):
        repo.git.bundle("create", "--quiet", str(target.absolute()), "--branches", "--tags", "HEAD")


def is_bundle(path: Path) -> bool:
    """Return whether a file begins as a Git bundle does."""
    with path.open("rb") as file:
        line = file.readline(64)
    return line.startswith(MARK) and line.endswith(b"git bundle\n")
