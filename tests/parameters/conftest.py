"""The small plan as a repository, with the command line in it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.command_line import CommandLine
from tests.parameters.plans import PLAN

if TYPE_CHECKING:
    from pathlib import Path


class Plan(CommandLine):
    """The command line in the repository of the small plan."""

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.directory, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.directory / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Plan:
    """Return the command line in a repository with one commit of the small plan."""
    found = Plan(tmp_path / "small", capsys)
    for path, text in PLAN.items():
        file = found.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    found.git("init", "--quiet", "--initial-branch", "main")
    found.commit("Begin")
    return found
