"""What a process does to itself before it runs somebody else's program: it cannot grow, write, fork or outlive us."""

from __future__ import annotations

import fcntl
import os
import resource
import signal

OPEN_FILES = 16
LIFELINE = 3
"""The descriptor of a pipe whose other end is in the process that asked for this one."""


def confine(*, memory: int, cpu_seconds: int) -> None:
    """Limit this process for good, and let it end as soon as the other end of its lifeline is closed.

    `memory` is its address space in bytes. Children cannot be made (unless by root), files cannot be written.
    """
    for kind, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
    fcntl.fcntl(LIFELINE, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(LIFELINE, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)


def end_after(seconds: float) -> None:
    """Let the kernel end this process when so much time has passed; 0 takes that back."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
