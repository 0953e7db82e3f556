"""Who commits on this machine, and whether they sign, as Git's own configuration says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import git

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.repository.bare import Signature
from tripleo_gitops.repository.work_copy import GitFailed, told

if TYPE_CHECKING:
    from pathlib import Path

_NOT_SET = 1  # how `git config --get` ends for a key that nobody set


def committer(place: Path, *, time: int) -> Signature:
    """Return who Git would name as committer in a directory, at `time`, and whether their commits are signed.

    A directory that is not there yet has the person's own configuration. Raises InvalidInput when Git knows nobody,
    GitFailed for a configuration that it cannot read.
    """
    command = git.cmd.Git(place if place.is_dir() else None)
    try:
        identity = str(command.var("GIT_COMMITTER_IDENT"))
    except git.GitCommandError as exc:
        raise InvalidInput(
            "git does not know who you are; `git config --global user.name NAME` and user.email"
        ) from exc
    return Signature(identity.rsplit(" ", 2)[0], time, is_signed=_signs(command))


def signs(place: Path) -> bool:
    """Return whether Git's configuration wants commits signed that are made in a directory; raises GitFailed."""
    return _signs(git.cmd.Git(place if place.is_dir() else None))


def _signs(command: git.cmd.Git) -> bool:
    try:
        with told("config"):
            return str(command.config("--type=bool", "--get", "commit.gpgsign")) == "true"
    except GitFailed as exc:
        if exc.__cause__ is not None and getattr(exc.__cause__, "status", None) == _NOT_SET:
            return False
        raise
