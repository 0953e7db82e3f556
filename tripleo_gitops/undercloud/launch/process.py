"""What every child process does first: take its orders, and see to it that it ends in time."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.processes import Process

if TYPE_CHECKING:
    from collections.abc import Callable

WATCH_POLL = 1.0


@dataclass(frozen=True, slots=True)
class Orders:
    """What the supervisor tells a child: its directory, its open sockets, where schema copies are kept."""

    directory: Path
    sockets: dict[str, socket.socket]
    schemas: Path


def take_orders() -> Orders:
    """Read one line of JSON from standard input; leave if the supervisor is gone before it spoke.

    The supervisor speaks only after it has recorded this process, so none can run unrecorded.
    """
    line = sys.stdin.buffer.readline()
    if not line:
        sys.exit("the supervisor left before this process was recorded")
    told = json.loads(line)
    directory = Path(told["directory"])
    owner = Process(**told["owner"]) if told["owner"] else None
    watch = threading.Thread(target=_end_in_time, args=(directory, owner, time.sleep), daemon=True)
    watch.start()
    sockets = {name: socket.socket(fileno=number) for name, number in told["sockets"].items()}
    # The services parse the command line themselves: theirs is empty.
    del sys.argv[1:]
    return Orders(directory=directory, sockets=sockets, schemas=Path(told["schemas"]))


def _end_in_time(directory: Path, owner: Process | None, sleep: Callable[[float], None]) -> None:
    """Kill this process group when its owner is gone, or its directory: nobody could find it any more.

    `sleep` is the real one, whatever eventlet replaces later.
    """
    while directory.is_dir() and (owner is None or owner.is_alive()):
        sleep(WATCH_POLL)
    os.killpg(os.getpgid(0), signal.SIGKILL)
