"""A plan of one's own, and an operator whose age key opens it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.command_line import CommandLine
from tripleo_gitops.secrets.keys import create_key


def git(directory: Path, *command: str) -> str:
    done = subprocess.run(["git", "-C", str(directory), *command], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def recipient() -> str:
    """Return the public half of the age key that sops finds in this test's home."""
    return create_key(Path.home() / ".config" / "sops" / "age" / "keys.txt")


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Return the command line in a clone of the example plan with one commit and no secrets."""
    CommandLine(tmp_path, capsys)("init", "site1")
    command_line = CommandLine(tmp_path / "site1", capsys)
    command_line("commit", "--all", "-m", "Begin")
    return command_line
