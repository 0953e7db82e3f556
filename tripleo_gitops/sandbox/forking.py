"""The fork server from outside: started with nothing of ours but paths to code, once in a process."""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import markupsafe
import yaml

import tripleo_gitops
from tripleo_gitops.errors import Unavailable
from tripleo_gitops.sandbox.messages import DATAGRAM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

_BEGIN = "import sys; sys.path += sys.argv[1:]; from tripleo_gitops.sandbox import fork_server; fork_server.main()"
STATUS_SECONDS = 1.0
"""How long a process may take from closing its connection to its end."""


class NotStarted(Unavailable):
    """A confined process could not be started."""

    reason = "NotStarted"


class ForkServer:
    """A fork server that this process started; may be used by several threads."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _BEGIN, *_code_roots()],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
            )
        self._line, self._owner = ours, os.getpid()
        self._numbers, self._turn = count(1), threading.Lock()

    @property
    def is_usable(self) -> bool:
        """Whether it runs, and was started by this process and not by one that this was forked from."""
        return self._owner == os.getpid() and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The fork server's process."""
        return self._process.pid

    def start(self, program: str, ends: Sequence[int]) -> int:
        """Ask for a process that runs `program`, with descriptors as its standard input, output and lifeline.

        Return the number that it is known by; it is not waited for. Raises OSError.
        """
        number = next(self._numbers)
        socket.send_fds(self._line, [_packed("start", number, program=program)], ends)
        return number

    def end(self, number: int) -> None:
        """Kill a process and whatever it started, without waiting; doing it twice does no harm."""
        with suppress(OSError):  # it has ended, and its lifelines end what it forked
            if self.is_usable:
                self._line.send(_packed("end", number))

    def exit_code(self, number: int) -> int | None:
        """Return how a process ended that closed its connection: a signal as a negative number; None if it runs on."""
        ends = time.monotonic() + STATUS_SECONDS
        code: int | None = None
        while code is None and self.is_usable and time.monotonic() < ends:
            with self._turn, suppress(OSError):
                self._line.send(_packed("status", number))
                code = json.loads(self._line.recv(DATAGRAM) or b"null")
            if code is None:
                time.sleep(0.005)
        return code

    def close(self) -> None:
        """End the fork server and what it forked."""
        if self._owner == os.getpid():
            with suppress(OSError):  # it has ended
                self._line.shutdown(socket.SHUT_RDWR)  # heard also where a process that we forked has the line, too
            self._process.wait()
        self._line.close()


_server: ForkServer | None = None
_turn = threading.Lock()


def fork_server() -> ForkServer:
    """Return this process's fork server, started now if there is none; raises NotStarted."""
    global _server  # noqa: PLW0603  # one for all of a process is what makes it worth its start
    with _turn:
        if _server is None or not _server.is_usable:
            try:
                _server = ForkServer()
            except OSError as exc:
                raise NotStarted(f"no confined process: {exc.strerror}") from exc
            atexit.register(_server.close)
        return _server


def _packed(verb: str, number: int, **more: str) -> bytes:
    return json.dumps({"verb": verb, "number": number, **more}).encode()


def _code_roots() -> list[str]:
    """Return where our code and the libraries that it needs are; the process sees no other packages by itself."""
    modules: tuple[ModuleType, ...] = (tripleo_gitops, jinja2, markupsafe, yaml)
    files = [module.__file__ for module in modules]
    return list(dict.fromkeys(str(Path(file).parents[1]) for file in files if file is not None))
