"""Who has to say yes before a run changes anything: how many, who counts, and why somebody does not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from tripleo_gitops.errors import InvalidInput, Refused
from tripleo_gitops.plan.revision import Revision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tripleo_gitops.operations.steps import Approval
    from tripleo_gitops.repository.objects import PlanRepository

_EMAIL = re.compile(r"<([^<>]*)>")
_COAUTHOR = re.compile(r"^co-authored-by:.*<([^<>]*)>\s*$", re.IGNORECASE | re.MULTILINE)


class InvalidApprovals(InvalidInput):
    """Rules by which nobody could ever approve."""

    reason = "InvalidApprovals"


class ApprovalRefused(Refused):
    """A yes that does not count: of somebody who may not approve, or of an author."""

    reason = "ApprovalRefused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRules:
    """How many approvals a run needs; `approvers` are login names, each with the e-mail addresses of their commits.

    `plans` and `workflows` are names or patterns. None required is the rule of a server without the section.
    """

    required: int = 0
    approvers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plans: tuple[str, ...] = ("*",)
    workflows: tuple[str, ...] = ("deploy", "undeploy")

    def __post_init__(self) -> None:
        if not 0 <= self.required <= len(self.approvers):
            raise InvalidApprovals(f"{self.required} approvals are required of {len(self.approvers)} approvers")
        for name, addresses in self.approvers.items():
            if not addresses:
                raise InvalidApprovals(f"approver {name} has no e-mail address, by which authors are told apart")

    def concern(self, workflow: str, plan: str) -> bool:
        """Return whether runs of a workflow for a plan need approvals."""
        return self.required > 0 and _matches(workflow, self.workflows) and _matches(plan, self.plans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What is asked of approvers: a run of a workflow for a plan, and who wrote what it deploys."""

    workflow: str
    plan: str
    authors: frozenset[str]
    digest: str | None = None


def check_approver(rules: ApprovalRules, ballot: Ballot, actor: str) -> None:
    """Raise ApprovalRefused where the yes of `actor` (a login name) does not count."""
    addresses = rules.approvers.get(actor)
    if addresses is None:
        raise ApprovalRefused(f"{actor} is no approver of this server; its settings name {len(rules.approvers)}")
    own = sorted({address.lower() for address in addresses} & ballot.authors)
    if own:
        raise ApprovalRefused(f"{actor} wrote a commit that is deployed ({', '.join(own)}); another approver has to")


def counted(rules: ApprovalRules, ballot: Ballot, approvals: Iterable[Approval]) -> tuple[str, ...]:
    """Return who approved and counts, each once, in order; a yes to something else that was shown does not."""
    found: dict[str, None] = {}
    for approval in approvals:
        is_same = approval.digest is None or ballot.digest is None or approval.digest == ballot.digest
        if is_same and _may_approve(rules, ballot, approval.actor):
            found[approval.actor] = None
    return tuple(found)


def missing(rules: ApprovalRules, ballot: Ballot, approvals: Iterable[Approval]) -> int:
    """Return how many approvals a run still needs."""
    if not rules.concern(ballot.workflow, ballot.plan):
        return 0
    return max(0, rules.required - len(counted(rules, ballot, approvals)))


def authors_between(repository: PlanRepository, deployed: Revision | None, revision: Revision) -> frozenset[str]:
    """Return the e-mail addresses (lower case) of who wrote the commits that `revision` has and `deployed` has not.

    Without a deployed revision that is here, all commits are new. Going back deploys what the commits that are left
    behind undo, so that their authors count, too. Authors named by Co-authored-by are authors.
    """
    if deployed is None or not repository.has_commit(deployed.commit):
        commits = tuple(repository.history(revision))
    else:
        commits = (*repository.range(deployed, revision), *repository.range(revision, deployed))
    found: set[str] = set()
    for info in commits:
        found.update(_EMAIL.findall(info.author))
        found.update(_COAUTHOR.findall(repository.message(Revision(commit=info.commit))))
    return frozenset(address.strip().lower() for address in found)


def _may_approve(rules: ApprovalRules, ballot: Ballot, actor: str) -> bool:
    try:
        check_approver(rules, ballot, actor)
    except ApprovalRefused:
        return False
    return True


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
