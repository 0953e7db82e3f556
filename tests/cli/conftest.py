"""A plan of one's own for tests of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Return the command line in a clone of the example plan with one commit."""
    CommandLine(tmp_path, capsys)("init", "site1")
    command_line = CommandLine(tmp_path / "site1", capsys)
    command_line("commit", "--all", "-m", "Begin")
    return command_line
