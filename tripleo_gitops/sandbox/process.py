"""A confined process from outside: started with nothing of ours but a path to the code, talked to within a time."""

from __future__ import annotations

import fcntl
import os
import select
import time
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from tripleo_gitops.sandbox.forking import NotStarted, fork_server
from tripleo_gitops.sandbox.messages import LENGTHS, RENDERER, Head, NotUnderstood, lengths_of, pack, parse_head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tripleo_gitops.sandbox.forking import ForkServer

START_SECONDS = 30.0
CHUNK = 1 << 16
ROOM = 1 << 20
"""Bytes that may be on their way to a process that is busy: all the templates that it is to compile meanwhile."""


class Lost(Exception):  # named by what happened
    """The process ended, or said what nobody understands; `signal` is what ended it, if that is known."""

    def __init__(self, problem: str, *, signal: int | None = None) -> None:
        super().__init__(problem)
        self.signal = signal


class ConfinedProcess:
    """One worker process; it ends with this object, and with the process that has it."""

    def __init__(self, server: ForkServer, program: str, *, body_limit: int) -> None:
        self._server, self._body_limit = server, body_limit
        theirs_in, self._in = os.pipe()
        self._out, theirs_out = os.pipe()
        read_end, lifeline = os.pipe()
        ours, theirs = (self._in, self._out, lifeline), (theirs_in, theirs_out, read_end)
        try:
            self._number = server.start(program, theirs)
        except OSError:
            _close(ours)
            raise
        finally:
            _close(theirs)
        with suppress(OSError):  # then who sends much waits until it is read
            fcntl.fcntl(self._in, fcntl.F_SETPIPE_SZ, ROOM)
        self._end = weakref.finalize(self, _end, server, self._number, ours)
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self._is_ready = False

    @classmethod
    def start(cls, limits: Head, *, body_limit: int, program: str = RENDERER) -> Self:
        """Return a process that is about to confine itself; `body_limit` bounds what it may answer.

        `program` is what it runs. It is to be used after `wait_until_ready`. Raises NotStarted.
        """
        try:
            started = cls(fork_server(), program, body_limit=body_limit)
        except OSError as exc:
            raise NotStarted(f"no confined process: {exc.strerror}") from exc
        try:
            started.send(limits, b"", deadline=time.monotonic() + START_SECONDS)
        except (Lost, TimeoutError) as exc:
            raise started._not_started(exc) from exc
        return started

    def wait_until_ready(self) -> None:
        """Return when the process has confined itself, at once when it has said so before; raises NotStarted."""
        if self._is_ready:
            return
        try:
            self.receive(deadline=time.monotonic() + START_SECONDS)
        except (Lost, TimeoutError) as exc:
            raise self._not_started(exc) from exc
        self._is_ready = True

    def _not_started(self, exc: Exception) -> NotStarted:
        self.end()
        return NotStarted(f"a confined process did not start: {exc}")

    def end(self) -> None:
        """Kill the process and whatever it started; doing it twice does no harm."""
        self._end()

    def send(self, head: Head, body: bytes, *, deadline: float) -> None:
        """Hand over a message; raise TimeoutError or Lost when it cannot be done by `deadline` (monotonic)."""
        rest = memoryview(pack(head, body))
        while rest:
            _wait(self._in, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._in, rest[:CHUNK]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise self._lost() from None

    def receive(self, *, deadline: float) -> tuple[Head, bytes]:
        """Return the next message; raise TimeoutError or Lost when none comes by `deadline` (monotonic)."""
        try:
            head, body = lengths_of(self._take(LENGTHS.size, deadline), body_limit=self._body_limit)
            return parse_head(self._take(head, deadline)), self._take(body, deadline)
        except NotUnderstood as exc:
            raise Lost(str(exc)) from exc

    def _take(self, size: int, deadline: float) -> bytes:
        content = bytearray()
        while len(content) < size:
            _wait(self._out, select.POLLIN, deadline)
            try:
                chunk = os.read(self._out, min(CHUNK, size - len(content)))
            except BlockingIOError:
                continue
            if not chunk:
                raise self._lost()
            content += chunk
        return bytes(content)

    def _lost(self) -> Lost:
        code = self._server.exit_code(self._number)
        if code is None:
            return Lost("it closed the connection")
        return Lost(f"signal {-code}" if code < 0 else f"exit code {code}", signal=-code if code < 0 else None)


def _wait(descriptor: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise TimeoutError


def _end(server: ForkServer, number: int, ends: Sequence[int]) -> None:
    server.end(number)
    _close(ends)


def _close(ends: Sequence[int]) -> None:
    for end in ends:
        os.close(end)
