"""Play a playbook by ansible-runner in a process of its own; end all of it when asked to, or when its time is over."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tripleo_gitops.ansible.environment import ansible_environment
from tripleo_gitops.ansible.hearing import Hearing
from tripleo_gitops.ansible.play import NoAnsible, Outcome, PlayerNotStarted, PlayResult
from tripleo_gitops.ansible.processes import end_marked, has_something
from tripleo_gitops.ansible.workspace import write_private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tripleo_gitops.ansible.play import Play, PlayLine
    from tripleo_gitops.ansible.workspace import Workspace

ENDING_SECONDS = 5.0
PACKAGES = {"ansible_runner": "ansible-runner", "ansible": "ansible-core"}


class AnsibleRunner:
    """Plays playbooks in a workspace; several may be played at once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def play(self, play: Play, *, tell: Callable[[PlayLine], None], check: Callable[[], None]) -> PlayResult:
        """Play to the end and return how it ended; `tell` gets each line without secrets.

        `check` is called a few times a second: what it raises ends every process of the play and is raised again.
        Raises NoAnsible, PlayerNotStarted.
        """
        check_installed()
        mark, began = secrets.token_hex(12), time.monotonic()
        private = self._workspace.folder("play")
        hearing = Hearing(play.secrets, tell)
        process = _start(ansible_environment(play.surroundings, home=private / "home", mark=mark), private)
        try:
            _ask(process, _request(play, private, self._workspace.path))
            for message in _messages(process, until=began + play.time_limit, check=check):
                hearing.take(message)
        except TimeoutError:
            hearing.ended_by(Outcome.TIMED_OUT, f"not done within {play.time_limit:.0f} s")
        finally:
            end_marked(mark)
            close(process)
        return hearing.result(seconds=time.monotonic() - began)


def check_installed() -> None:
    """Raise NoAnsible unless there is what playbooks are played with."""
    for module, package in PACKAGES.items():
        if find_spec(module) is None:
            raise NoAnsible(package)


def _request(play: Play, private: Path, workspace: Path) -> dict[str, Any]:
    """Write what is secret to files of the play's private directory; return the rest, which a process may say aloud."""
    write_private(private / "env" / "extravars", dict(play.extra_vars))
    write_private(private / "env" / "settings", {"pexpect_timeout": 0.2, "suppress_output_file": True})
    inventory = play.inventory
    if not isinstance(inventory, os.PathLike):
        inventory = write_private(private / "inventory" / "hosts.json", inventory)
    return {
        "workspace": str(workspace),
        "private": str(private),
        "project": str(play.project),
        "playbook": str(play.playbook),
        "inventory": str(inventory),
        "limit": ",".join(play.limit) or None,
        "tags": ",".join(play.tags) or None,
        "skip_tags": ",".join(play.skip_tags) or None,
        "forks": play.forks,
    }


def _start(environment: dict[str, str], private: Path) -> subprocess.Popen[bytes]:
    try:
        with (private / "said").open("wb") as said:
            return subprocess.Popen(
                [sys.executable, "-I", "-m", "tripleo_gitops.ansible.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env=environment,
                cwd=private,
                start_new_session=True,
            )
    except OSError as exc:
        raise PlayerNotStarted(f"no process to play playbooks in: {exc.strerror}") from exc


def _ask(process: subprocess.Popen[bytes], request: dict[str, Any]) -> None:
    assert process.stdin is not None, "it was asked for"
    try:
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
    except BrokenPipeError:
        return  # it is gone already; that it says nothing tells the rest


def _messages(process: subprocess.Popen[bytes], *, until: float, check: Callable[[], None]) -> Iterator[dict[str, Any]]:
    """Yield what the process tells until it has told all; raise TimeoutError at the time `until` (monotonic)."""
    assert process.stdout is not None, "it was asked for"
    descriptor, pending = process.stdout.fileno(), b""
    while True:
        check()
        if time.monotonic() > until:
            raise TimeoutError
        if not has_something(descriptor):
            continue
        chunk = os.read(descriptor, 1 << 16)
        *lines, pending = (pending + chunk).split(b"\n")
        yield from map(json.loads, lines)
        if not chunk:
            return


def close(process: subprocess.Popen[bytes]) -> None:
    """Close the ends of a process that was told to end, and wait for it; kill it where it does not."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
