"""What every child process does first: take its orders, and die with its owner if it was told to."""

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

OWNER_POLL = 1.0


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
    if told["owner"] is not None:
        owner = Process(**told["owner"])
        threading.Thread(target=_end_with_owner, args=(owner, time.sleep), daemon=True, name="owner").start()
    sockets = {name: socket.socket(fileno=number) for name, number in told["sockets"].items()}
    # The services parse the command line themselves: theirs is empty.
    del sys.argv[1:]
    return Orders(directory=Path(told["directory"]), sockets=sockets, schemas=Path(told["schemas"]))


def _end_with_owner(owner: Process, sleep: Callable[[float], None]) -> None:
    """Kill this process group when its owner is gone; `sleep` is the real one, whatever eventlet patches."""
    while owner.is_alive():
        sleep(OWNER_POLL)
    os.killpg(os.getpgid(0), signal.SIGKILL)
