"""What every child process does first: take its orders, and die with its owner if it was told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path


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
    lifeline = told["lifeline"]
    if lifeline is not None:
        threading.Thread(target=_end_with_owner, args=(lifeline,), daemon=True, name="lifeline").start()
    sockets = {name: socket.socket(fileno=number) for name, number in told["sockets"].items()}
    # The services parse the command line themselves: theirs is empty.
    del sys.argv[1:]
    return Orders(directory=Path(told["directory"]), sockets=sockets, schemas=Path(told["schemas"]))


def _end_with_owner(lifeline: int) -> None:
    """Kill this process group when the other end of a pipe, which only the owner holds, is closed."""
    while os.read(lifeline, 1):
        pass
    os.killpg(os.getpgid(0), signal.SIGKILL)
