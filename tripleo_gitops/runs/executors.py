"""The processes that work at runs: each has a lease, a row that it renews; who has no row may do nothing.

No clock of the wall is asked. Whether another process is dead is seen in two ways: on this machine by its process
being gone, elsewhere by its beat standing still for the length of its lease on the watcher's own monotonic clock.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tripleo_gitops.runs import tables

if TYPE_CHECKING:
    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.runs.database import Database

SERVER, HERE = "server", "here"
LEASE_SECONDS = 15.0
BEAT_SECONDS = 1.0
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """A process as others can look for it; `kernel` names what sees the same process ids: a boot and a namespace."""

    machine: str
    kernel: str
    pid: int
    pid_started: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    """A process that works at runs, as the database knows it."""

    id: str
    kind: str
    process: ProcessMark
    lease: float
    beat: int


class Lease:
    """This process' own row: begun, renewed, given back."""

    def __init__(self, database: Database, *, kind: str, clock: Clock, seconds: float = LEASE_SECONDS) -> None:
        self.id = f"{kind}-{secrets.token_hex(6)}"
        self.kind, self.seconds = kind, seconds
        self._database, self._clock = database, clock
        self._renewed, self._is_lost = clock.monotonic(), False

    def begin(self, *, now: float) -> None:
        """Make the row; `now` is for people to read."""
        process = this_process()
        row = {
            "id": self.id, "kind": self.kind, "machine": process.machine, "kernel": process.kernel, "pid": process.pid,
            "pid_started": process.pid_started, "lease": self.seconds, "beat": 0, "since": now,
        }  # fmt: skip
        self._database.write(lambda connection: connection.execute(sa.insert(tables.executors).values(row)))
        self._renewed = self._clock.monotonic()

    def renew(self) -> bool:
        """Show that this process lives; False once another one has taken its runs over, and for ever after."""
        asked = self._clock.monotonic()
        table = tables.executors
        beat = sa.update(table).where(table.c.id == self.id).values(beat=table.c.beat + 1)
        if self._is_lost or not self._database.write(lambda connection: connection.execute(beat).rowcount):
            self._is_lost = True
            return False
        self._renewed = asked
        return True

    def is_held(self) -> bool:
        """Return whether the lease is ours for certain; asks the database where it was not renewed lately."""
        if self._is_lost:
            return False
        is_fresh = self._clock.monotonic() - self._renewed < self.seconds / 3
        return is_fresh or self.renew()

    def end(self) -> None:
        """Give the row back: whatever is still under way may be taken over at once."""
        table = tables.executors
        self._database.write(lambda connection: connection.execute(sa.delete(table).where(table.c.id == self.id)))


class Watch:
    """What this process saw of the others' beats; tells which of them are dead, and takes their rows away."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._seen: dict[str, tuple[int, float]] = {}

    def living(self) -> tuple[Executor, ...]:
        """Return the processes that have a row, dead or not."""
        return self._database.read(
            lambda connection: tuple(_executor(row) for row in connection.execute(sa.select(tables.executors)))
        )

    def bury(self, *, but: str) -> tuple[str, ...]:
        """Take away the rows of the dead, and return their ids; never that of `but`.

        A row goes only while its beat is the one that was seen: a process that woke up in between keeps it.
        """
        found = self.living()
        ids = {executor.id for executor in found}
        self._seen = {known: seen for known, seen in self._seen.items() if known in ids}
        return tuple(e.id for e in found if e.id != but and self._is_dead(e) and self._remove(e))

    def _is_dead(self, executor: Executor) -> bool:
        here = this_process()
        if executor.process.kernel == here.kernel and not is_running(executor.process):
            return True
        beat, since = self._seen.get(executor.id, (-1, 0.0))
        if beat != executor.beat:
            self._seen[executor.id] = (executor.beat, self._clock.monotonic())
            return False
        return self._clock.monotonic() - since > executor.lease

    def _remove(self, executor: Executor) -> bool:
        table = tables.executors
        same = sa.and_(table.c.id == executor.id, table.c.beat == executor.beat)
        return bool(self._database.write(lambda connection: connection.execute(sa.delete(table).where(same)).rowcount))


def this_process() -> ProcessMark:
    """Return this process as others can look for it."""
    kernel = f"{_BOOT.read_text().strip()}/{_NAMESPACE.readlink()}"
    return ProcessMark(os.uname().nodename, kernel, os.getpid(), _started(os.getpid()) or "")


def is_running(process: ProcessMark) -> bool:
    """Return whether a process of this machine still is the one that it was."""
    return _started(process.pid) == process.pid_started


def _started(pid: int) -> str | None:
    """Return when the kernel began a process, in its own ticks; None where there is none, or its corpse only."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def _executor(row: sa.Row[tuple[Any, ...]]) -> Executor:
    process = ProcessMark(machine=row.machine, kernel=row.kernel, pid=row.pid, pid_started=row.pid_started)
    return Executor(id=row.id, kind=row.kind, process=process, lease=row.lease, beat=row.beat)
