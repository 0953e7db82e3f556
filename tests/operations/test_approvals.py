"""Approvals: how many yeses count, and whose do not."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.operations.stacks.approvals import (
    ApprovalRefused,
    ApprovalRules,
    Ballot,
    InvalidApprovals,
    authors_between,
    check_approver,
    counted,
    missing,
)
from tripleo_gitops.operations.steps import Approval
from tripleo_gitops.repository.objects import PlanRepository

if TYPE_CHECKING:
    from pathlib import Path

RULES = ApprovalRules(
    required=2,
    approvers={"alice": ("Alice@example.org",), "bob": ("bob@example.org", "bob@home.example"), "carol": ("c@x.org",)},
    plans=("prod-*",),
)


def ballot(*authors: str, plan: str = "prod-1", workflow: str = "deploy") -> Ballot:
    return Ballot(workflow=workflow, plan=plan, authors=frozenset(authors), digest="d1")


def yes(actor: str, digest: str | None = "d1") -> Approval:
    return Approval(actor=actor, time=datetime(2026, 1, 1, tzinfo=UTC), digest=digest)


def test_two_different_approvers_are_enough() -> None:
    assert missing(RULES, ballot(), []) == 2
    assert missing(RULES, ballot(), [yes("alice")]) == 1
    assert missing(RULES, ballot(), [yes("alice"), yes("bob")]) == 0
    assert counted(RULES, ballot(), [yes("bob"), yes("alice"), yes("bob")]) == ("bob", "alice")


def test_one_approver_who_says_yes_twice_is_one() -> None:
    assert missing(RULES, ballot(), [yes("alice"), yes("alice")]) == 1


def test_somebody_who_is_no_approver_does_not_count() -> None:
    assert missing(RULES, ballot(), [yes("mallory"), yes("alice")]) == 1
    with pytest.raises(ApprovalRefused, match="mallory is no approver"):
        check_approver(RULES, ballot(), "mallory")


def test_the_author_of_a_commit_that_is_deployed_does_not_count() -> None:
    theirs = ballot("bob@home.example", "alice@example.org")
    assert missing(RULES, theirs, [yes("alice"), yes("bob"), yes("carol")]) == 1
    with pytest.raises(ApprovalRefused, match="bob wrote a commit"):
        check_approver(RULES, theirs, "bob")


def test_a_yes_to_something_else_that_was_shown_does_not_count() -> None:
    assert missing(RULES, ballot(), [yes("alice", "d0"), yes("bob")]) == 1


def test_plans_and_workflows_that_no_rule_names_need_nobody() -> None:
    assert missing(RULES, ballot(plan="lab"), []) == 0
    assert missing(RULES, ballot(workflow="mirror"), []) == 0
    assert missing(RULES, ballot(workflow="undeploy"), []) == 2


@pytest.mark.parametrize(
    ("required", "approvers", "why"),
    [(1, {}, "of 0 approvers"), (-1, {}, "required"), (1, {"alice": ()}, "no e-mail address")],
)
def test_rules_by_which_nobody_could_approve_are_refused(
    required: int, approvers: dict[str, tuple[str, ...]], why: str
) -> None:
    with pytest.raises(InvalidApprovals, match=why):
        ApprovalRules(required=required, approvers=approvers)


def commit(directory: Path, author: str, message: str = "Change") -> str:
    identity = ["-c", "user.name=Committer", "-c", "user.email=committer@example.org"]
    command = ["git", *identity, "commit", "--quiet", "--allow-empty", "--author", author, "-m", message]
    subprocess.run(command, cwd=directory, check=True)
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_authors_are_those_of_all_commits_that_are_new_to_the_stack_and_those_they_name(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "main", str(tmp_path)], check=True)
    first = commit(tmp_path, "Alice <ALICE@example.org>")
    commit(tmp_path, "Bob <bob@example.org>", "Change\n\nCo-authored-by: Carol <carol@example.org>")
    commit(tmp_path, "Dave <dave@example.org>")
    with PlanRepository.open(tmp_path) as repository:
        head, deployed = repository.resolve("HEAD"), repository.resolve(first)
        new = {"bob@example.org", "carol@example.org", "dave@example.org"}
        assert authors_between(repository, deployed, head) == new
        assert authors_between(repository, None, head) == new | {"alice@example.org"}
        assert authors_between(repository, head, deployed) == new  # going back undoes what they wrote
        assert authors_between(repository, head, head) == frozenset()
