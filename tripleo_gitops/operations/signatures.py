"""Hold commits and tags against the keys of those who may sign, and refuse those that nobody of them signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Refused
from tripleo_gitops.plan.revision import CommitId, Revision
from tripleo_gitops.repository.signature_status import Standing, Verdict
from tripleo_gitops.repository.signatures import object_directories, open_verifier
from tripleo_gitops.repository.signer_keys import read_signer_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tripleo_gitops.operations.signature_demand import SignatureDemand
    from tripleo_gitops.repository.objects import PlanRepository
    from tripleo_gitops.repository.signatures import SignatureVerifier

SHOWN_COMMITS = 5
_HEADS, _TAGS = "refs/heads/", "refs/tags/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One commit, or (`tag`) one annotated tag, and how it stands."""

    id: str
    author: str
    subject: str
    verdict: Verdict
    tag: str | None = None

    @property
    def what(self) -> str:
        """Return it in a few words, with the reason where it is refused."""
        name = f"tag {self.tag}" if self.tag else self.id[:12]
        key = f" {self.verdict.key}" if self.verdict.key else ""
        return f"{name} of {self.author} ({self.verdict.standing}{key})"


class NotSigned(Refused):
    """Commits that nobody signed who may; holds each of them."""

    reason = "NotSigned"

    def __init__(self, refused: tuple[Judged, ...], *, judged: int, demand: SignatureDemand) -> None:
        named = ", ".join(one.what for one in refused[:SHOWN_COMMITS])
        more = f" and {len(refused) - SHOWN_COMMITS} more" if len(refused) > SHOWN_COMMITS else ""
        super().__init__(
            f"{len(refused)} of {judged} commits are not signed as {demand.source} demands: {named}{more}; "
            "sign them (`git rebase --exec 'git commit --amend --no-edit -S' BASE`), or have the operator add the key "
            f"to {demand.keys}"
        )
        self.refused, self.judged = refused, judged


def judge_commits(
    repository: PlanRepository, demand: SignatureDemand, revision: Revision, *, since: Sequence[str], now: float
) -> tuple[Judged, ...]:
    """Return how each commit stands that a revision has and those in `since` have not, the newest first.

    Commits of `since` that the repository does not have are left out: then more is judged. `now` is in seconds since
    1970 UTC. Raises NoSignerKeys, UnprotectedKeys, Unverifiable.
    """
    keys = read_signer_keys(demand.keys, now=now)
    with open_verifier(keys, object_directories(repository.object_store)) as verifier:
        return tuple(_judged(repository, demand, verifier, revision.commit, since))


def _judged(
    repository: PlanRepository,
    demand: SignatureDemand,
    verifier: SignatureVerifier,
    commit: str,
    since: Sequence[str],
) -> Iterator[Judged]:
    known = [one for one in (*since, *demand.trusted) if repository.has_commit(one)]
    for found in verifier.new_commits(commit, known):
        info = repository.describe(Revision(commit=CommitId(found)))
        yield Judged(id=found, author=info.author, subject=info.subject, verdict=verifier.commit(found))


def check_signed(
    repository: PlanRepository,
    demands: Sequence[SignatureDemand],
    revision: Revision,
    *,
    since: Revision | None,
    now: float,
) -> None:
    """Raise NotSigned unless every commit of a revision after `since` is signed as each demand says.

    Without `since`, every commit there is: nothing was deployed that would vouch for any.
    """
    older = [since.commit] if since else []
    for demand in demands:
        if demand.is_required:
            _refuse(judge_commits(repository, demand, revision, since=older, now=now), demand)


def check_signed_push(
    repository: PlanRepository, demands: Sequence[SignatureDemand], updates: str, *, now: float
) -> None:
    """Raise NotSigned unless every commit and annotated tag that a push brings is signed as each demand says.

    `updates` are lines of old commit, new commit and ref, as git hands them to pre-receive. A commit is new that
    neither the ref had nor, for a ref that is new itself, the repository's own branch has.
    """
    for demand in demands:
        if demand.is_required:
            keys = read_signer_keys(demand.keys, now=now)
            with open_verifier(keys, object_directories(repository.object_store)) as verifier:
                judged = tuple(
                    one for line in updates.splitlines() for one in _pushed(repository, demand, verifier, line)
                )
            _refuse(judged, demand)


def _pushed(
    repository: PlanRepository, demand: SignatureDemand, verifier: SignatureVerifier, line: str
) -> Iterator[Judged]:
    old, new, ref = line.split(" ", 2)
    if not new.strip("0"):
        return
    tag = verifier.annotated_tag(new) if ref.startswith(_TAGS) else None
    if tag is not None:
        name = ref.removeprefix(_TAGS)
        verdict = tag.verdict if tag.name == name else Verdict(Standing.BAD_SIGNATURE)  # signed for another name
        yield Judged(id=new, author=tag.tagger, subject="", verdict=verdict, tag=name)
    elif not ref.startswith((_HEADS, _TAGS)):
        return
    commit = tag.commit if tag else new
    own = [repository.resolve().commit] if repository.has_commits() else []
    yield from _judged(repository, demand, verifier, commit, [old] if old.strip("0") else own)


def _refuse(judged: tuple[Judged, ...], demand: SignatureDemand) -> None:
    refused = tuple(one for one in judged if not one.verdict.is_good)
    if refused:
        raise NotSigned(refused, judged=len(judged), demand=demand)
