"""`tripleo-plan rollback` and `history`: back by a new commit, with the secrets of today."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.lifecycle.conftest import git
from tests.lifecycle.test_creation import opened

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_line import CommandLine


def committed(plan: CommandLine, *settings: str) -> str:
    plan("parameters", "set", *settings)
    plan("commit", "--all", "-m", f"Set {' '.join(settings)}")
    return git(plan.directory, "rev-parse", "HEAD")


def test_rolling_back_makes_a_commit_with_the_older_files_and_keeps_the_history(plan: CommandLine) -> None:
    first = git(plan.directory, "rev-parse", "HEAD")
    second, third = committed(plan, "TimeZone=UTC"), committed(plan, "ComputeCount=2")
    said = plan("rollback", first, "--yes")
    assert "ComputeCount" in said.err
    assert git(plan.directory, "rev-parse", "HEAD^{tree}") == git(plan.directory, "rev-parse", f"{first}^{{tree}}")
    assert git(plan.directory, "rev-parse", "HEAD~1") == third
    message = git(plan.directory, "log", "-1", "--format=%B")
    assert message.startswith(f"Roll back to {first[:12]}")
    assert second[:12] in message
    assert third[:12] in message
    assert git(plan.directory, "status", "--porcelain") == ""


def test_one_commit_back_is_the_default_and_twice_is_there_and_back(plan: CommandLine) -> None:
    committed(plan, "TimeZone=UTC")
    changed = git(plan.directory, "rev-parse", "HEAD^{tree}")
    plan("rollback", "--yes")
    assert git(plan.directory, "rev-parse", "HEAD^{tree}") == git(plan.directory, "rev-parse", "HEAD~2^{tree}")
    plan("rollback", "--yes")
    assert git(plan.directory, "rev-parse", "HEAD^{tree}") == changed


def test_undoing_one_commit_keeps_the_later_ones(plan: CommandLine) -> None:
    second = committed(plan, "TimeZone=UTC")
    (plan.directory / "README.md").write_text("later\n")
    plan("commit", "--all", "-m", "Later")
    plan("rollback", "--undo", second, "--yes")
    assert "TimeZone" not in (plan.directory / "plan-environment.yaml").read_text()
    assert (plan.directory / "README.md").read_text() == "later\n"
    assert git(plan.directory, "log", "-1", "--format=%B").startswith('Revert "Set TimeZone=UTC"')


def test_a_commit_that_later_ones_build_on_is_not_undone_and_nothing_changes(plan: CommandLine) -> None:
    second = committed(plan, "TimeZone=UTC")
    third = committed(plan, "TimeZone=Europe/Prague")
    refused = plan("rollback", "--undo", second, "--yes", code=2)
    assert "plan-environment.yaml" in refused.err
    assert git(plan.directory, "rev-parse", "HEAD") == third
    assert git(plan.directory, "status", "--porcelain") == ""


def test_secrets_stay_those_of_today_unless_asked_for(plan: CommandLine, recipient: str) -> None:
    plan("passwords", "generate")
    plan("commit", "--all", "-m", "Passwords")
    old = git(plan.directory, "rev-parse", "HEAD")
    before = opened(plan.directory)
    plan("passwords", "rotate", "--yes")
    plan("parameters", "set", "TimeZone=UTC")
    plan("commit", "--all", "-m", "Rotated")
    after = opened(plan.directory)
    plan("rollback", old, "--yes")
    assert "TimeZone" not in (plan.directory / "plan-environment.yaml").read_text()
    assert opened(plan.directory) == after
    plan("rollback", old, "--with-secrets", "--yes")
    assert opened(plan.directory) == before


def test_what_cannot_be_gone_back_to_is_told(plan: CommandLine) -> None:
    first = git(plan.directory, "rev-parse", "HEAD")
    assert "no older revision" in plan("rollback", "HEAD", "--yes", code=2).err
    (plan.directory / "plan-environment.yaml").open("a").write("# changed\n")
    assert "not committed" in plan("rollback", first, "--yes", code=2).err
    git(plan.directory, "checkout", "--quiet", ".")
    git(plan.directory, "commit", "--quiet", "--allow-empty", "-m", "empty")
    assert "same files" in plan("rollback", "--yes", code=2).err
    git(plan.directory, "checkout", "--quiet", "--orphan", "other")
    git(plan.directory, "commit", "--quiet", "-m", "other")
    assert "no older revision" in plan("rollback", "main", "--yes", code=2).err


def test_an_older_revision_that_breaks_a_rule_is_not_gone_back_to(plan: CommandLine) -> None:
    environment = plan.directory / "plan-environment.yaml"
    good = environment.read_text()
    environment.write_text(good + "passwords: {AdminPassword: canary-in-history}\n")
    git(plan.directory, "commit", "--quiet", "--all", "-m", "In clear, past the checks")
    environment.write_text(good)
    git(plan.directory, "commit", "--quiet", "--all", "-m", "Away")
    refused = plan("rollback", "--yes", code=2)
    assert "secret-in-clear" in refused.err
    assert "canary" not in refused.err
    assert git(plan.directory, "status", "--porcelain") == ""


def test_commits_that_the_tool_makes_are_signed_as_the_persons_own(plan: CommandLine, tmp_path: Path) -> None:
    key = tmp_path / "signing"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (tmp_path / "allowed").write_text(f"operator@example.org {key.with_suffix('.pub').read_text()}")
    settings = {"gpg.format": "ssh", "user.signingkey": str(key), "commit.gpgsign": "true"}
    for name, value in {**settings, "gpg.ssh.allowedSignersFile": str(tmp_path / "allowed")}.items():
        git(plan.directory, "config", name, value)
    committed(plan, "TimeZone=UTC")
    plan("rollback", "--yes")
    assert git(plan.directory, "log", "-2", "--format=%G?").split() == ["G", "G"]


def test_history_lists_the_commits_newest_first(plan: CommandLine) -> None:
    second = committed(plan, "TimeZone=UTC")
    listed = plan("history", "-o", "json").data
    assert (listed[0]["commit"], listed[0]["subject"]) == (second, "Set TimeZone=UTC")
    assert [one["subject"] for one in plan("history", "HEAD~1", "-n", "5", "-o", "json").data] == ["Begin"]
    assert plan("history").out.splitlines()[1].startswith(second[:12])
