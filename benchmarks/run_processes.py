"""The processes that the benchmark of runs measures: an engine, bare DBOS, a server; each says what it took."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tripleo_gitops.operations.steps import Place
from tripleo_gitops.runs import tables
from tripleo_gitops.runs.database import open_database
from tripleo_gitops.runs.executors import HERE, SERVER
from tripleo_gitops.runs.record import RunRequest
from tripleo_gitops.runs.store import RunStore
from tripleo_gitops.runs.workflow import Step, Workflow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tripleo_gitops.operations.steps import StepContext

REVISION = "main@sha1:" + "1" * 40
KINDS = 5
PAST_LINES = 20
BATCH = 1000


def workflow(name: str, steps: int) -> Workflow:
    """Return a workflow of steps that do nothing."""
    parts = tuple(Step(name=f"step-{number}", action="nothing", time_limit=60.0) for number in range(steps))
    return Workflow(name=name, version=1, summary="", steps=parts)


WORKFLOWS = tuple(workflow(f"kind-{number}", 1) for number in range(KINDS))


@contextmanager
def opened(file: Path) -> Iterator[RunStore]:
    """Give the records in a file."""
    database = open_database(f"sqlite:///{file}", clock=time, say=lambda _text: None)
    try:
        yield RunStore(database, now=time.time)
    finally:
        database.close()


def queue_many(store: RunStore, *, plans: int) -> int:
    """Queue a run of each workflow for each plan; return how many."""
    for number in range(plans):
        for known in WORKFLOWS:
            store.add(_request(known.name, f"plan-{number}"), known, lane=SERVER)
    return plans * len(WORKFLOWS)


def finish_many(store: RunStore, count: int) -> None:
    """Let so many runs more have been there and ended well: copies of one that was, in our tables and in DBOS'."""
    (model,) = store.page(limit=1)
    known = sa.MetaData()
    known.reflect(store.database.engine, only=["workflow_status", "operation_outputs"])

    def insert(connection: sa.Connection) -> None:
        for table, key in (
            (tables.runs, "id"), (tables.steps, "run"), (tables.log, "run"),
            (known.tables["workflow_status"], "workflow_uuid"), (known.tables["operation_outputs"], "workflow_uuid"),
        ):  # fmt: skip
            found = connection.execute(sa.select(table).where(table.c[key] == model.id)).mappings().all()
            for first in range(0, count, BATCH):
                numbers = range(first, min(count, first + BATCH))
                rows = [dict(row) | _copied(row, key, number) for number in numbers for row in found]
                connection.execute(sa.insert(table), rows)
        lines = [_line(f"past-{number}", seq) for number in range(count) for seq in range(100, 100 + PAST_LINES)]
        if lines:
            connection.execute(sa.insert(tables.log), lines)

    store.database.write(insert)


def _copied(row: Mapping[str, Any], key: str, number: int) -> dict[str, Any]:
    changed = {key: f"past-{number}", "plan": f"past-{number % 200}", "number": None}
    return {name: value for name, value in changed.items() if name in row}


def _line(run: str, seq: int) -> dict[str, Any]:
    return {"run": run, "seq": seq, "time": time.time(), "level": "info", "text": "x" * 80}


def count_finished(store: RunStore) -> int:
    """Return how many runs ended well."""
    counted = sa.select(sa.func.count()).where(tables.runs.c.state == "succeeded")
    return store.database.read(lambda connection: connection.execute(counted).scalar() or 0)


def drive(file: Path, steps: int) -> float:
    """Return the seconds of a run's steps, from the beginning of the first to the run's end."""
    from tripleo_gitops.runs.engine import Engine, EngineSettings  # noqa: PLC0415  # its loading is not measured

    long = workflow("long", steps)
    begun: list[float] = []

    def nothing(_context: StepContext) -> Mapping[str, Any]:
        begun.append(time.time())
        return {}

    with opened(file) as store, Engine(
        store, workflows=(long,), bodies={"nothing": nothing}, clock=time, settings=EngineSettings(kind=HERE),
    ) as engine:  # fmt: skip
        run = engine.start(_request("long", "plan"))
        ended = engine.drive(run.id, on_line=lambda _line: None).ended
    assert ended is not None, "drive returns a run that is over"
    return ended.timestamp() - begun[0]


def bare(file: Path, steps: int) -> float:
    """Return the seconds of as many steps of bare DBOS, with its own settings for SQLite."""
    from dbos import DBOS  # noqa: PLC0415

    @DBOS.workflow()
    def all_steps() -> float:
        begun = time.perf_counter()
        for number in range(steps):
            DBOS.run_step({"name": f"step-{number}"}, dict)
        return time.perf_counter() - begun

    DBOS(config={"name": "bench", "system_database_url": f"sqlite:///{file}", "console_log_level": "ERROR"})
    DBOS.launch()
    return all_steps()


def serve(file: Path, witness: Path) -> None:
    """Serve until told to stop; each step leaves its run's id in a file."""
    from tripleo_gitops.runs.engine import Engine, EngineSettings  # noqa: PLC0415

    def leave(context: StepContext) -> Mapping[str, Any]:
        descriptor = os.open(witness, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{context.run_id}\n".encode())
        os.close(descriptor)
        return {}

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    settings = EngineSettings(kind=SERVER, lease=60.0)
    with opened(file) as store, Engine(
        store, workflows=WORKFLOWS, bodies={"nothing": leave}, clock=time, settings=settings
    ) as engine:  # fmt: skip
        engine.serve(stop)


def _request(name: str, plan: str) -> RunRequest:
    place = Place(repository="/nowhere")
    return RunRequest(workflow=name, plan=plan, revision=REVISION, trigger="api", actor="bench", place=place)


def main(what: str, file: str, rest: str) -> None:
    """Do one thing and say its seconds."""
    if what == "serve":
        serve(Path(file), Path(rest))
        return
    seconds = {"engine": drive, "bare": bare}[what](Path(file), int(rest))
    print(json.dumps({"seconds": seconds}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
