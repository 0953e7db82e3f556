"""Durable runs: what the engine costs a step, a long queue, a long past, and the way from a commit to Heat.

Each measured thing runs in a process of its own, and says its own seconds: loading DBOS counts for none of them but
the last ones. The peer of a step is bare DBOS with as many steps that do as little, on the same kind of database.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import first_request
from benchmarks.cli import OURS, command
from benchmarks.measure import CommandFailed, Row, Sample, compare, high_water_kib
from benchmarks.run_processes import count_finished, finish_many, opened, queue_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tripleo_gitops.runs.store import RunStore

PROJECT = Path(__file__).parents[1]
STEPS, TURNS = 20, 5
"""The longest workflow has nine steps; a run's record is read whole for each of its steps."""
PLANS = 200
SERVERS = 2
PASTS = (0, 1_000, 10_000)
LONGEST_SECONDS = 1800
SWEEPS_SECONDS = 2.0
"""A server looks for work twice meanwhile, and once for runs that are too old to keep."""


def rows(*, sample: bool) -> Iterator[Row]:
    """Yield seconds a step, of a queue's draining, of a commit's way to Heat; a server's memory with a long past."""
    with tempfile.TemporaryDirectory(prefix="bench-runs-") as name:
        directory = Path(name)
        yield from a_step(directory, turns=1 if sample else TURNS, steps=20 if sample else STEPS)
        yield a_queue(directory, plans=10 if sample else PLANS)
        for past in (0, 100) if sample else PASTS:
            yield a_past(directory, past=past)
        yield from a_reader(directory, past=past, runs=1 if sample else TURNS)
        yield from first_request.rows(directory, turns=1 if sample else TURNS)


def a_step(directory: Path, *, turns: int, steps: int) -> Iterator[Row]:
    """Yield what a step that does nothing costs, beside bare DBOS."""
    numbers = iter(range(1000))

    def work(what: str) -> Callable[[], Sample]:
        return lambda: Sample(
            said(what, str(directory / f"{what}-{next(numbers)}.sqlite"), str(steps))["seconds"] / steps
        )

    peers = {"bare DBOS": work("bare")}
    yield from compare(f"a step, of {steps}", work("engine"), peers, runs=turns)


def a_queue(directory: Path, *, plans: int) -> Row:
    """Return how long servers take for a queue; raises CommandFailed where a run is lost or was done twice."""
    file, witness = directory / "queue.sqlite", directory / "witness"
    with opened(file) as store:
        count = queue_many(store, plans=plans)
        servers = [begin("serve", str(file), str(witness)) for _ in range(SERVERS)]
        begun = time.monotonic()
        try:
            await_finished(store, count)
            seconds = time.monotonic() - begun
        finally:
            for server in servers:
                server.terminate()
                server.wait()
    times = Counter(witness.read_text().split())
    if len(times) != count or set(times.values()) != {1}:
        raise CommandFailed(
            ("serve",), status=1, output=f"{count} runs, {len(times)} done, {max(times.values())} times"
        )
    return Row(case=f"{count} queued runs, {plans} plans, {SERVERS} servers", ours_s=round(seconds, 2))


def a_past(directory: Path, *, past: int) -> Row:
    """Return the peak memory of a server that works at a few runs, with so many finished ones in its database."""
    file, witness = directory / f"past-{past}.sqlite", directory / f"witness-{past}"
    with opened(file) as store:
        count = queue_many(store, plans=10)
        with serving(file, witness):
            await_finished(store, count)  # DBOS makes its tables, and has runs of which more can be made
        finish_many(store, past)
        more, begun = past + count + queue_many(store, plans=10), time.monotonic()
        with serving(file, witness) as server:
            await_finished(store, more)
            seconds = time.monotonic() - begun
            time.sleep(SWEEPS_SECONDS)
            peak = round(high_water_kib(server.pid) / 1024, 1)
    return Row(case=f"{count} runs after {past + count} others", ours_s=round(seconds, 2), peak_rss_mb=peak)


def a_reader(directory: Path, *, past: int, runs: int) -> Iterator[Row]:
    """Yield what commands that read runs take with the longest past, and their memory."""
    environment = os.environ | {"TRIPLEO_PLAN_RUNS": f"sqlite:///{directory / f'past-{past}.sqlite'}"}
    for words in (
        ("list",), ("list", "-n", "1000"), ("list", "--before", "40"), ("list", "--plan", "past-7"), ("show", "60"),
        ("logs", "60"), ("why", "60"),
    ):  # fmt: skip
        work = command(*OURS, "run", *words, environment=environment)
        yield from compare(f"run {' '.join(words)}, of {past}", work, {}, runs=runs)


@contextmanager
def serving(file: Path, witness: Path) -> Iterator[subprocess.Popen[str]]:
    """Give a server's process, and end it."""
    with begin("serve", str(file), str(witness)) as server:
        try:
            yield server
        finally:
            server.terminate()


def await_finished(store: RunStore, count: int) -> None:
    """Wait until so many runs ended well."""
    ends = time.monotonic() + LONGEST_SECONDS
    while (done := count_finished(store)) < count:
        time.sleep(0.1)
        if time.monotonic() > ends:
            raise CommandFailed(("serve",), status=1, output=f"{done} of {count} runs after {LONGEST_SECONDS} s")


def begin(*words: str) -> subprocess.Popen[str]:
    """Begin a process of `benchmarks.run_processes`."""
    command = (sys.executable, "-m", "benchmarks.run_processes", *words)
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)


def said(*words: str) -> dict[str, float]:
    """Return what a process says in its last line."""
    with begin(*words) as process:
        output, _ = process.communicate()
    if process.returncode:
        raise CommandFailed(words, status=process.returncode, output=output)
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found
