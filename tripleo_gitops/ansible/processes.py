"""All processes of a play, found by a mark in their environment: workers of Ansible leave every process group."""

from __future__ import annotations

import os
import select
import signal
import time
from pathlib import Path

MARK = "TRIPLEO_PLAN_PLAY"
_PROC = Path("/proc")
_ROUNDS = 50
_POLL_MILLISECONDS = 250


def marked(mark: str) -> tuple[int, ...]:
    """Return the ids of the processes that live and bear a mark; never this process's own."""
    needle = f"{MARK}={mark}".encode()
    found = []
    for entry in _PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            content = (entry / "environ").read_bytes()
        except OSError:  # it ended, or it is somebody else's
            continue
        if needle in content.split(b"\0"):
            found.append(int(entry.name))
    return tuple(found)


def end_marked(mark: str) -> None:
    """Kill every process that bears a mark, until two looks in a row find none; doing it twice does no harm."""
    quiet = 0
    for _round in range(_ROUNDS):
        left = marked(mark)
        quiet = 0 if left else quiet + 1
        if quiet == 2:
            return
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        time.sleep(0.02)


def has_something(descriptor: int) -> bool:
    """Whether a pipe can be read now or within a quarter of a second: it has something, or has ended."""
    poll = select.poll()  # select.select knows no descriptor above 1023, which a server of many runs comes to
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(_POLL_MILLISECONDS))
