"""A process of a fault case of runs: it works at runs until it is killed, by itself at a moment, or by another."""

from __future__ import annotations

import itertools
import os
import random
import signal
import threading
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import event

from faults.run_witness import WORKFLOWS, Witness, bodies
from tripleo_gitops.operations.steps import Place
from tripleo_gitops.runs.database import DatabasePatience, open_database
from tripleo_gitops.runs.engine import Engine, EngineSettings, LeaseTakenOver
from tripleo_gitops.runs.executors import HERE, SERVER
from tripleo_gitops.runs.record import RunRequest
from tripleo_gitops.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tripleo_gitops.runs.database import Database

REVISION = "main@sha1:" + "1" * 40
BEAT, SWEEP = 0.2, 0.1
STOOD_STILL = 3
"""How a process leaves that others took for dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """When a process kills itself: around which commit to the database, or around which mark, counted from 1."""

    commit: int | None = None
    mark: int | None = None
    is_after: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What else goes wrong in a process: from which commit on its disk is full, and whether its clock jumps."""

    full_from: int | None = None
    full_seconds: float = 1.0
    clock_jumps: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a process is to do: drive the run of one request, or serve until nothing is left."""

    url: str
    witness: Path
    drives: str | None = None
    """The workflow to ask for and to drive; None serves."""
    plan: str = "plan"
    blow: Blow | None = None
    trouble: Trouble = Trouble()
    lease: float = 10.0


def spawn(job: Job) -> int:
    """Begin a process for a job, and return its id. It leaves with 0, STOOD_STILL, or 1 after an error of its own."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.setsid()
        work(job)
        status = 0
    except LeaseTakenOver:
        status = STOOD_STILL
    except BaseException:  # noqa: BLE001  # a child must not run on as its parent
        traceback.print_exc()
    finally:
        os._exit(status)


def ask(store: RunStore, workflow: str, *, plan: str, lane: str = SERVER) -> str:
    """Ask for the one run of a workflow and a plan; asking again gives the same."""
    known = next(known for known in WORKFLOWS if known.name == workflow)
    request = RunRequest(
        workflow=workflow, plan=plan, revision=REVISION, trigger="api", actor="faults",
        place=Place(repository="/nowhere"), key=f"{workflow} {plan}",
    )  # fmt: skip
    return store.add(request, known, lane=lane).id


def work(job: Job) -> None:
    """Do a job in this process."""
    if job.trouble.clock_jumps:
        _let_clock_jump(job.trouble.seed)
    database = open_database(job.url, clock=time, say=print, patience=DatabasePatience(limit=60.0, pause=0.1))
    on_mark = _arm(database, job.blow)
    if job.trouble.full_from is not None:
        _fill_up(database, job.trouble)
    store = RunStore(database, now=time.time)
    settings = EngineSettings(kind=HERE if job.drives else SERVER, lease=job.lease, beat=BEAT, grace=1.0, sweep=SWEEP)
    made = bodies(Witness(job.witness), on_mark=on_mark)
    with Engine(store, workflows=WORKFLOWS, bodies=made, clock=time, settings=settings) as engine:
        if job.drives is not None:
            run = ask(store, job.drives, plan=job.plan, lane=engine.lane)
            engine.drive(run, on_line=lambda _line: None)
        else:
            stop = threading.Event()
            signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
            engine.serve(stop)


def _arm(database: Database, blow: Blow | None) -> Callable[[], None]:
    """Count commits and marks, and end at once when it is time; return what is to be called around each mark."""
    dialect, commits, marks, lock = database.engine.dialect, itertools.count(1), itertools.count(1), threading.Lock()
    commit = dialect.do_commit

    def counted(connection: object) -> None:
        with lock:
            number = next(commits)
        is_it = blow is not None and blow.commit == number
        if is_it and not blow.is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        commit(connection)
        if is_it:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_mark() -> None:
        if blow is not None and blow.mark == next(marks):
            os.kill(os.getpid(), signal.SIGKILL)

    dialect.do_commit = counted
    return on_mark


def _fill_up(database: Database, trouble: Trouble) -> None:
    """Let the disk be full for a while, from a certain transaction on: SQLite is allowed no more pages than it has."""
    begun, since = itertools.count(1), []

    def limit(connection: object, _record: object, _proxy: object) -> None:
        if next(begun) >= (trouble.full_from or 0) and not since:
            since.append(time.monotonic())
        is_full = bool(since) and time.monotonic() - since[0] < trouble.full_seconds
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA max_page_count={1 if is_full else 1 << 30}")  # never below what there is
        cursor.close()

    event.listen(database.engine, "checkout", limit)


def _let_clock_jump(seed: int) -> None:
    """Let the wall's clock be hours off, back and forth, from one look to the next; the monotonic one is left alone."""
    numbers, real = random.Random(seed), time.time
    time.time = lambda: real() + numbers.choice((-7200.0, -1.0, 0.0, 30.0, 86400.0))
