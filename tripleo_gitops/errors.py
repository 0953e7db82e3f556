"""The one tree of errors: each carries its data and a stable `reason` that callers may branch on."""

from __future__ import annotations

from typing import ClassVar


class GitopsError(Exception):
    """Anything that the tool refuses or fails at and can explain; a bug is any other exception.

    The message is one line: what was refused or failed, the figures, the way out. It never holds a secret.
    """

    reason: ClassVar[str] = "Error"


class InvalidInput(GitopsError):
    """Something that the user named or wrote cannot be taken as it is."""

    reason = "InvalidInput"


class NotFound(GitopsError):
    """Something that the user named does not exist."""

    reason = "NotFound"


class Refused(GitopsError):
    """A guard said no; nothing was changed."""

    reason = "Refused"


class Unavailable(GitopsError):
    """A service could not be reached or did not answer in time; trying again may help."""

    reason = "Unavailable"
