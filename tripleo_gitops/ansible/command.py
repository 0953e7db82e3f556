"""Run a command of the plan beside its playbooks: argv only, in the same bare environment, ended the same way."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tripleo_gitops.ansible.environment import bare_environment
from tripleo_gitops.ansible.hearing import LineCutter
from tripleo_gitops.ansible.play import InvalidPlay, Outcome
from tripleo_gitops.ansible.processes import end_marked, has_something
from tripleo_gitops.ansible.runner import close

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tripleo_gitops.ansible.play import PlayLine
    from tripleo_gitops.ansible.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program and its arguments, the directory that it runs in, and what its environment has besides the bare one."""

    argv: tuple[str, ...]
    directory: Path
    time_limit: float
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"Command(argv={self.argv[:1]!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """How a command ended: `passed`, `failed`, `timed-out`; its exit code, and its last lines in one."""

    outcome: Outcome
    code: int | None
    seconds: float
    last: str


def run_command(
    workspace: Workspace, command: Command, *, tell: Callable[[PlayLine], None], check: Callable[[], None]
) -> CommandResult:
    """Run a command to its end; `tell` and `check` as for plays. A relative program is one of the directory's files.

    Raises InvalidPlay where there is no such program.
    """
    mark, began = secrets.token_hex(12), time.monotonic()
    home = workspace.folder("command")
    cutter = LineCutter(command.secrets, tell)
    process = _start(command, {**command.variables, **bare_environment(home, mark)})
    outcome: Outcome | None = None
    try:
        _listen(process, cutter, until=began + command.time_limit, check=check)
        code: int | None = process.wait(max(0.1, began + command.time_limit - time.monotonic()))
    except (TimeoutError, subprocess.TimeoutExpired):
        outcome, code = Outcome.TIMED_OUT, None
    finally:
        end_marked(mark)
        close(process)
    cutter.end()
    ended = outcome or (Outcome.PASSED if code == 0 else Outcome.FAILED)
    return CommandResult(outcome=ended, code=code, seconds=time.monotonic() - began, last=cutter.last())


def _start(command: Command, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(command.argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=command.directory,
            env=environment,
            start_new_session=True,
        )
    except OSError as exc:
        raise InvalidPlay(f"command {command.argv[0]!r} cannot be run: {exc.strerror}") from exc


def _listen(process: subprocess.Popen[bytes], cutter: LineCutter, *, until: float, check: Callable[[], None]) -> None:
    """Pass on what the command writes until it closes its output; raise TimeoutError at the time `until`."""
    assert process.stdout is not None, "it was asked for"
    descriptor = process.stdout.fileno()
    while True:
        check()
        if time.monotonic() > until:
            raise TimeoutError
        if has_something(descriptor):
            chunk = os.read(descriptor, 1 << 16)
            if not chunk:
                return
            cutter.take(chunk)
        elif process.poll() is not None:
            return  # something that it left behind holds its output open
