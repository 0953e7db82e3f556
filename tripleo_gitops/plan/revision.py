"""Revisions: one commit of a plan, in the one spelling that every output uses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NewType

from tripleo_gitops.errors import InvalidInput

CommitId = NewType("CommitId", str)
"""40 lower-case hexadecimal digits."""

SHORT_LENGTH = 12
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SEPARATOR = "@sha1:"
_PREFIX = "sha1:"


class InvalidRevision(InvalidInput):
    """A text that is not the spelling of a revision."""

    reason = "InvalidRevision"

    def __init__(self, text: str, *, problem: str) -> None:
        super().__init__(f"{text[:120]!r} is no revision: {problem}; write main@sha1:<40 hex> or sha1:<40 hex>")
        self.text, self.problem = text, problem


@dataclass(frozen=True, slots=True)
class Revision:
    """One commit of a plan, with the branch that it was found on, if any."""

    commit: CommitId
    branch: str | None = None

    def __post_init__(self) -> None:
        parse_commit_id(self.commit)
        if self.branch is not None and (not self.branch or any(not c.isprintable() for c in self.branch)):
            raise InvalidRevision(self.branch, problem="a branch has a printable name")

    def __str__(self) -> str:
        return f"{self.branch}{_SEPARATOR}{self.commit}" if self.branch else f"{_PREFIX}{self.commit}"

    @property
    def short(self) -> str:
        """The form for people: `main@` and twelve digits; the digits alone where there is no branch."""
        digits = self.commit[:SHORT_LENGTH]
        return f"{self.branch}@{digits}" if self.branch else digits


def parse_commit_id(text: str) -> CommitId:
    """Return `text` as a commit's id; raises InvalidRevision for anything but 40 lower-case hex digits."""
    if not _COMMIT.fullmatch(text):
        raise InvalidRevision(text, problem="a commit has 40 lower-case hexadecimal digits")
    return CommitId(text)


def parse_revision(text: str) -> Revision:
    """Return the revision that `str()` spelled this way; raises InvalidRevision.

    The last `@sha1:` separates, so that a branch may hold `@`.
    """
    branch, separator, commit = text.rpartition(_SEPARATOR)
    if separator:
        if not branch:
            raise InvalidRevision(text, problem="the branch before '@' is missing")
        return Revision(parse_commit_id(commit), branch)
    if text.startswith(_PREFIX):
        return Revision(parse_commit_id(text.removeprefix(_PREFIX)))
    raise InvalidRevision(text, problem="'sha1:' is missing")
