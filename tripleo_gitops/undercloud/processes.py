"""Child processes: started recorded, found again by process id and start time, stopped by process group."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.errors import BadState

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Mapping

    from tripleo_gitops.undercloud.state import State

PACKAGE_ROOT = Path(__file__).resolve().parents[2]
SEARCH_PATH = f"{Path(sys.executable).parent}:{os.defpath}:/usr/sbin:/sbin"
POLL = 0.02
TERM_SECONDS = 5.0
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Process:
    """A process that cannot be confused with a later one of the same id: boot and start time are part of it."""

    pid: int
    started: int
    boot: str

    def is_alive(self) -> bool:
        """Say whether this very process still runs (a zombie does not)."""
        return boot_id() == self.boot and _start_time(self.pid) == self.started


def boot_id() -> str:
    """Return what tells this boot of the kernel from every other."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third (state) on; none if there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _start_time(pid: int) -> int | None:
    """Return when a process started, None if there is none or it ended.

    A zombie has ended when its last thread has: until then its sockets are open.
    """
    fields = _stat(pid)
    ended = not fields or (fields[0] in "ZX" and int(fields[17]) <= 1)
    return None if ended else int(fields[19])


def identify(pid: int) -> Process:
    """Return the identity of this process or of a child that was not waited for: its id is its own still."""
    return Process(pid=pid, started=int(_stat(pid)[19]), boot=boot_id())


def rss_mb(process: Process) -> float:
    """Return the resident memory of a process and of everything in its process group, in 10^6 bytes."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields and int(fields[2]) == process.pid:
                total += int(fields[21]) * PAGE
    return round(total / 1e6, 1)


def recorded(state: State, name: str) -> Process | None:
    """Return the process that was started under a name, alive or not; None if none was."""
    value = state.read(_record(name))
    try:
        return Process(int(value["pid"]), int(value["started"]), str(value["boot"])) if value else None
    except (KeyError, TypeError, ValueError) as error:
        raise BadState(path=state.path / _record(name), why="not the record of a process") from error


def forget(state: State, name: str) -> None:
    """Remove the record of a process that is gone."""
    state.remove(_record(name))


def _record(name: str) -> str:
    return f"run/{name}.json"


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start: a module, under a name, with open sockets and the places it works in."""

    name: str
    module: str
    directory: Path
    schemas: Path
    sockets: Mapping[str, socket.socket]
    owner: Process | None = None


def start(state: State, launch: Launch) -> Process:
    """Start a module as the leader of its own process group; it is recorded before it may do anything."""
    numbers = {name: opened.fileno() for name, opened in launch.sockets.items()}
    state.directory("logs")
    log_file = state.log_file(launch.name)
    try:
        with log_file.open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", launch.module, str(launch.directory)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=launch.directory,
                env=_environment(launch.directory),
                pass_fds=tuple(numbers.values()),
                start_new_session=True,
            )
    except OSError as error:
        raise BadState(path=log_file, why=(error.strerror or str(error)).lower()) from error
    try:
        process = identify(child.pid)
        state.write(_record(launch.name), asdict(process))
        _give_orders(child, launch, numbers)
    except BaseException:
        child.kill()
        child.wait()
        raise
    return process


def _give_orders(child: subprocess.Popen[bytes], launch: Launch, numbers: Mapping[str, int]) -> None:
    orders = {
        "directory": str(launch.directory),
        "schemas": str(launch.schemas),
        "sockets": numbers,
        "owner": None if launch.owner is None else asdict(launch.owner),
    }
    assert child.stdin is not None
    try:
        child.stdin.write(json.dumps(orders).encode() + b"\n")
        child.stdin.close()
    except BrokenPipeError:
        return  # it ended already: the wait for its answer says so, with its log


def _environment(directory: Path) -> Mapping[str, str]:
    """Return a child's whole environment: nothing of the caller's (OS_*, proxies) reaches a service."""
    return {
        "PATH": SEARCH_PATH,
        "HOME": str(directory),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(PACKAGE_ROOT),
        "PYTHONWARNINGS": "ignore",
        "PYTHONUNBUFFERED": "1",
    }


def stop(processes: Iterable[Process]) -> None:
    """End process groups: asked first, killed after five seconds; return when all are gone."""
    living = [process for process in processes if process.is_alive()]
    for process in living:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + TERM_SECONDS
    while any(process.is_alive() for process in living) and time.monotonic() < deadline:
        time.sleep(POLL)
    for process in living:
        _signal(process, signal.SIGKILL)
    while any(process.is_alive() for process in living):
        time.sleep(POLL)


def _signal(process: Process, number: signal.Signals) -> None:
    if process.is_alive():
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return  # it ended between the look and the signal
