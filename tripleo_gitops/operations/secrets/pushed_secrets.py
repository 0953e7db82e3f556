"""Refuse pushes with secrets in clear, also in commits that later ones of the push mend: history keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.secrets.audit import ExposureReader
from tripleo_gitops.plan.revision import CommitId, Revision

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.operations.resolution import Cache
    from tripleo_gitops.repository.objects import PlanRepository

SHOWN_PLACES = 5
_HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedSecret:
    """A secret in clear in one commit of a push: its name, its place, and whose commit it is."""

    name: str
    path: str
    line: int | None
    revision: Revision
    author: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{self.name} ({place} in {self.revision.short} of {self.author})"


class SecretsPushed(Refused):
    """A push with secrets in clear in some of its commits; holds each of them."""

    reason = "SecretsPushed"

    def __init__(self, found: tuple[PushedSecret, ...]) -> None:
        named = ", ".join(str(one) for one in found[:SHOWN_PLACES])
        more = f" and {len(found) - SHOWN_PLACES} more" if len(found) > SHOWN_PLACES else ""
        super().__init__(
            f"{len(found)} secrets stand in clear in commits of this push: {named}{more}; `tripleo-plan secrets seal` "
            "in each of those commits (`git rebase --interactive`), or begin again from the server's branch, then push"
        )
        self.found = found


def check_pushed_secrets(repository: PlanRepository, updates: str, *, cache: Cache | None = None) -> None:
    """Raise SecretsPushed when a commit that a push brings to a branch has a secret in clear that Heat would get.

    `updates` are lines of old commit, new commit and ref, as git hands them to pre-receive. What the branch had in
    clear before is not said again.
    """
    reader = ExposureReader(cache)
    found: list[PushedSecret] = []
    for line in updates.splitlines():
        old, new, ref = line.split(" ", 2)
        if ref.startswith(_HEADS) and new.strip("0"):
            before = _base(repository, old)
            known = {(place.name, place.path) for place in reader.exposed(repository.tree(before))} if before else set()
            found += [one for one in _brought(repository, reader, before, new) if (one.name, one.path) not in known]
    if found:
        raise SecretsPushed(tuple(found))


def _base(repository: PlanRepository, old: str) -> Revision | None:
    """Return where a branch was; for a new one where the repository's own is, None where that is new, too."""
    if old.strip("0"):
        return Revision(commit=CommitId(old))
    return repository.resolve() if repository.has_commits() else None


def _brought(
    repository: PlanRepository, reader: ExposureReader, before: Revision | None, new: str
) -> Iterator[PushedSecret]:
    newest = Revision(commit=CommitId(new))
    commits = repository.range(before, newest) if before else tuple(repository.history(newest))
    for info in reversed(commits):
        revision = Revision(commit=info.commit)
        for place in reader.exposed(repository.tree(revision)):
            if place.is_selected:
                yield PushedSecret(
                    name=place.name, path=place.path, line=place.line, revision=revision, author=info.author
                )
