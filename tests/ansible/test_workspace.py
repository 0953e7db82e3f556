"""Private directories that go away, and commands that run beside playbooks."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tripleo_gitops.ansible.command import Command, run_command
from tripleo_gitops.ansible.play import InvalidPlay, Outcome, PlayLine
from tripleo_gitops.ansible.workspace import Workspace, write_private


def test_a_workspace_is_its_owners_alone_and_goes_away(tmp_path: Path) -> None:
    with Workspace.open(parent=tmp_path) as workspace:
        mode = stat.S_IMODE(workspace.path.stat().st_mode)
        file = write_private(workspace.folder("a") / "b" / "secret", b"x")

        assert (mode, stat.S_IMODE(file.stat().st_mode)) == (0o700, 0o600)
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_is_in_memory_where_there_is_such_a_place() -> None:
    with Workspace.open() as workspace:
        assert workspace.path.parent.name == "shm" or not os.access("/dev/shm", os.W_OK)


def test_what_a_killed_process_left_is_removed_by_the_next_and_what_lives_is_not(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from tripleo_gitops.ansible.workspace import Workspace\n"
        "Workspace.open(parent=Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    (left,) = tmp_path.iterdir()

    with Workspace.open(parent=tmp_path) as first, Workspace.open(parent=tmp_path) as second:
        assert not left.exists()
        assert first.path.exists()
        assert second.path.exists()


def run(tmp_path: Path, *argv: str, time_limit: float = 20.0, **options: object) -> tuple[Outcome, str, list[str]]:
    lines: list[PlayLine] = []
    command = Command(argv=argv, directory=tmp_path, time_limit=time_limit, **options)  # type: ignore[arg-type]
    memory = tmp_path / "memory"
    memory.mkdir()
    with Workspace.open(parent=memory) as workspace:
        result = run_command(workspace, command, tell=lines.append, check=lambda: None)
    return result.outcome, result.last, [line.text for line in lines]


def test_a_command_says_what_it_says_and_how_it_ended(tmp_path: Path) -> None:
    outcome, last, lines = run(tmp_path, "sh", "-c", "echo one; echo two >&2; pwd; exit 3")

    assert (outcome, lines) == (Outcome.FAILED, ["one", "two", str(tmp_path)])
    assert last.startswith("one two")


def test_a_command_has_nothing_of_the_callers_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_PASSWORD", "canary")
    _outcome, _last, lines = run(tmp_path, "env", variables={"TOLD": "yes"})

    assert not any("canary" in line for line in lines)
    assert "TOLD=yes" in lines


def test_arguments_are_no_shells_words(tmp_path: Path) -> None:
    assert run(tmp_path, "echo", "$(id); `id` | cat")[2] == ["$(id); `id` | cat"]


def test_a_command_that_hangs_ends_with_what_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    outcome, _last, _lines = run(
        tmp_path, "sh", "-c", f"setsid sleep 4321 & echo $! > {pids}; sleep 4321", time_limit=1.0
    )

    assert outcome is Outcome.TIMED_OUT
    left = Path(f"/proc/{pids.read_text().strip()}/cmdline")
    assert not left.exists() or left.read_bytes() == b""  # ended, and nobody waited for it yet


def test_a_command_whose_child_keeps_its_output_open_ends_when_it_ends(tmp_path: Path) -> None:
    outcome, _last, lines = run(tmp_path, "sh", "-c", "sleep 4322 & echo done")

    assert (outcome, lines) == (Outcome.PASSED, ["done"])


def test_a_command_without_end_of_output_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tripleo_gitops.ansible.hearing.OUTPUT_LIMIT", 10_000)
    _outcome, _last, lines = run(tmp_path, "sh", "-c", "yes | head -c 400000")

    assert sum(map(len, lines)) < 100_000
    assert "is not kept" in lines[-1]


def test_a_program_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidPlay, match="no-such-program"):
        run(tmp_path, "no-such-program")
