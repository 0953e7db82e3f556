"""A process that has loaded what confined processes run, and forks one whenever it is told to; it runs nothing else.

Loading Python and its libraries takes longer than most templates take to render, a fork takes milliseconds. It is
told by datagrams on its standard input, and ends when there will be no more.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.heat.documents import told_of
from tripleo_gitops.plan.template_engine import TemplateEngine
from tripleo_gitops.sandbox import parse_worker, worker
from tripleo_gitops.sandbox.confinement import LIFELINE
from tripleo_gitops.sandbox.messages import DATAGRAM, PARSER, RENDERER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PROGRAMS: Mapping[str, Callable[[], None]] = {RENDERER: worker.main, PARSER: parse_worker.main}


def main() -> None:
    """Serve until nobody can ask any more; in a forked process, run its program."""
    line = socket.socket(fileno=os.dup(0))
    _use_once()
    gc.collect()
    gc.freeze()  # what is there now is shared with the forked ones, as long as nobody writes to it
    _serve(line)()


def _use_once() -> None:
    """Let libraries make what they make when they are first used."""
    TemplateEngine(MemoryTree({"a": b"{% for x in y %}{{ x }}{% endfor %}"})).render("a", {"y": [1]}, output="b")
    told_of(b"heat_template_version: rocky\n", source="")


def _serve(line: socket.socket) -> Callable[[], None]:
    """Do what is asked for; return in a forked process only, with what it is to run."""
    children: dict[int, int] = {}
    while True:
        content, ends, _, _ = socket.recv_fds(line, DATAGRAM, LIFELINE)
        if not content:
            for pid in children.values():
                _end(pid)
            sys.exit(0)
        request: dict[str, Any] = json.loads(content)
        number = request["number"]
        if request["verb"] == "start":
            with suppress(OSError):  # then nobody holds the other ends, and who asked sees that
                if not (pid := os.fork()):
                    return _become(request["program"], line, ends)
                children[number] = pid
            for end in ends:
                os.close(end)
        elif request["verb"] == "status":
            line.send(json.dumps(_status(children.get(number))).encode())
        elif number in children:
            _end(children.pop(number))


def _become(program: str, line: socket.socket, ends: Sequence[int]) -> Callable[[], None]:
    """Make the ends that came with a request standard input, standard output and lifeline, and keep no other."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(f"confined {program}", encoding="ascii")  # for who looks with ps or top
    os.setsid()
    line.close()
    for wanted, end in enumerate(ends[:2]):
        os.dup2(end, wanted)
    os.dup2(ends[2], LIFELINE)
    os.closerange(LIFELINE + 1, max(ends) + 1)
    return PROGRAMS[program]


def _status(pid: int | None) -> int | None:
    """Return how a process ended: its exit code, a signal as a negative number; None while it runs."""
    found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) if pid is not None else None
    if found is None:
        return None
    return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status


def _end(pid: int) -> None:
    """Kill a process and what it started; its id is its own until it has been waited for."""
    with suppress(ProcessLookupError):  # it has no group of its own yet
        os.killpg(pid, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
