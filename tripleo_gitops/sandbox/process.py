"""A confined process from outside: started with nothing of ours but a path to the code, talked to within a time."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Self

import jinja2
import markupsafe
import yaml

import tripleo_gitops
from tripleo_gitops.errors import Unavailable
from tripleo_gitops.sandbox.messages import LENGTHS, Head, NotUnderstood, lengths_of, pack, parse_head

if TYPE_CHECKING:
    from types import ModuleType

START_SECONDS = 30.0
CHUNK = 1 << 16
RENDERER, PARSER = "tripleo_gitops.sandbox.worker", "tripleo_gitops.sandbox.parse_worker"
_BEGIN = "import sys; sys.path += sys.argv[2:]; import importlib; importlib.import_module(sys.argv[1]).main()"


class Lost(Exception):  # named by what happened
    """The process ended, or said what nobody understands; `signal` is what ended it, if that is known."""

    def __init__(self, problem: str, *, signal: int | None = None) -> None:
        super().__init__(problem)
        self.signal = signal


class NotStarted(Unavailable):
    """A confined process could not be started."""

    reason = "NotStarted"


class ConfinedProcess:
    """One worker process; it ends with this object, and with the process that has it."""

    def __init__(self, process: subprocess.Popen[bytes], lifeline: int, *, body_limit: int) -> None:
        assert process.stdin is not None, "both ends were asked for"
        assert process.stdout is not None, "both ends were asked for"
        self._process, self._body_limit = process, body_limit
        self._in, self._out = process.stdin.fileno(), process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self._is_ready = False
        self._end = weakref.finalize(self, _end, process, lifeline)

    @classmethod
    def start(cls, limits: Head, *, body_limit: int, program: str = RENDERER) -> Self:
        """Return a process that is about to confine itself; `body_limit` bounds what it may answer.

        `program` is the module whose `main` it runs. It is to be used after `wait_until_ready`. Raises NotStarted.
        """
        read_end, write_end = os.pipe()
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _BEGIN, program, *_code_roots()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                pass_fds=(read_end,),
                start_new_session=True,
            )
        except OSError as exc:
            os.close(write_end)
            raise NotStarted(f"no confined process: {exc.strerror}") from exc
        finally:
            os.close(read_end)
        started = cls(process, write_end, body_limit=body_limit)
        try:
            started.send({**limits, "lifeline": read_end}, b"", deadline=time.monotonic() + START_SECONDS)
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

    @property
    def pid(self) -> int:
        """The process's id, which is its group's too."""
        return self._process.pid

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
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return Lost("it closed the connection")
        return Lost(f"signal {-code}" if code < 0 else f"exit code {code}", signal=-code if code < 0 else None)


def _wait(descriptor: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise TimeoutError


def _end(process: subprocess.Popen[bytes], lifeline: int) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    os.close(lifeline)


def _code_roots() -> list[str]:
    """Return where our code and the libraries that it needs are; the process sees no other packages by itself."""
    modules: tuple[ModuleType, ...] = (tripleo_gitops, jinja2, markupsafe, yaml)
    files = [module.__file__ for module in modules]
    return list(dict.fromkeys(str(Path(file).parents[1]) for file in files if file is not None))
