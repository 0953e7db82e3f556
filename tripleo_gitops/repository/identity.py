"""Who commits on this machine, as Git's own configuration says."""

from __future__ import annotations

import git

from tripleo_gitops.errors import InvalidInput


def committer() -> str:
    """Return `Name <address>` of whoever Git would name as committer; raise InvalidInput when it knows none."""
    try:
        identity = git.cmd.Git().var("GIT_COMMITTER_IDENT")
    except git.GitCommandError as exc:
        raise InvalidInput(
            "git does not know who you are; `git config --global user.name NAME` and user.email"
        ) from exc
    return str(identity).rsplit(" ", 2)[0]
