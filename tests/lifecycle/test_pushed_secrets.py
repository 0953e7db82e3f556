"""A server refuses secrets in clear in any commit of a push, not only in the last one."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.command_line import CommandLine
from tests.lifecycle.conftest import git

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "kanarienvogel"


@pytest.fixture
def site(plan: CommandLine, tmp_path: Path) -> CommandLine:
    """Return a clone whose server has the hooks and mirrors nothing."""
    settings = plan.directory / "tripleo-plan.toml"
    settings.write_text(settings.read_text().replace("on_push = true", "on_push = false"))
    plan("commit", "--all", "-m", "Mirror nothing")
    bare = tmp_path / "server.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(plan.directory), str(bare))
    CommandLine(bare, plan._capture)("hook", "install")
    git(plan.directory, "remote", "add", "origin", str(bare))
    return plan


def push(site: CommandLine, ref: str = "main") -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(site.directory), "push", "origin", ref]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_secret_that_a_later_commit_takes_away_is_refused_with_its_commit(site: CommandLine) -> None:
    environment = site.directory / "plan-environment.yaml"
    clean = environment.read_text()
    environment.write_text(f"{clean}passwords:\n  AdminPassword: {CANARY}\n")
    git(site.directory, "commit", "--quiet", "--all", "-m", "In clear")
    slipped = git(site.directory, "rev-parse", "--short=12", "HEAD")
    environment.write_text(clean + "# mended\n")
    git(site.directory, "commit", "--quiet", "--all", "-m", "Away again")
    for ref in ("main", "main:topic"):
        pushed = push(site, ref)
        line = len(clean.splitlines()) + 2
        named = f"AdminPassword (plan-environment.yaml:{line} in {slipped} of Test Operator <operator@example.org>)"
        assert pushed.returncode != 0
        assert named in pushed.stderr
        assert CANARY not in pushed.stderr
    git(site.directory, "reset", "--quiet", "--soft", "HEAD~2")
    git(site.directory, "commit", "--quiet", "-m", "As one commit, without it")
    assert push(site).returncode == 0


def test_what_was_there_before_and_samples_that_nothing_selects_are_not_refused(site: CommandLine) -> None:
    sample = site.directory / "environments" / "sample.yaml"
    sample.write_text(f"parameter_defaults: {{AdminPassword: {CANARY}}}\n")
    git(site.directory, "add", "--all")
    git(site.directory, "commit", "--quiet", "-m", "A sample")
    pushed = push(site)
    assert pushed.returncode == 0, pushed.stderr
