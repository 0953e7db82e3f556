"""Durable runs: what the engine costs a step, a long queue, a long past, and the way from a commit to Heat.

Each measured thing runs in a process of its own, and says its own seconds: loading DBOS counts for none of them but
the last. The peer of a step is bare DBOS with as many steps that do as little, on the same kind of database.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import CommandFailed, Row, Sample, compare, high_water_kib
from benchmarks.run_processes import count_finished, finish_many, opened, queue_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).parents[1]
EXAMPLE = PROJECT / "examples" / "plan-repo"
STEPS, TURNS = 20, 5
"""The longest workflow has nine steps; a run's record is read whole for each of its steps."""
PLANS = 200
SERVERS = 2
PAST = 10_000
PORT_FREE = 0


def rows(*, sample: bool) -> Iterator[Row]:
    """Yield seconds a step, of a queue's draining, of a commit's way to Heat; a server's memory with a long past."""
    with tempfile.TemporaryDirectory(prefix="bench-runs-") as name:
        directory = Path(name)
        yield from a_step(directory, turns=1 if sample else TURNS, steps=20 if sample else STEPS)
        yield a_queue(directory, plans=10 if sample else PLANS)
        for past in (0, 100 if sample else PAST):
            yield a_past(directory, past=past)
        yield a_commit(directory, turns=1 if sample else TURNS)


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
            while (done := count_finished(store)) < count:
                time.sleep(0.1)
                if time.monotonic() - begun > 1800:
                    raise CommandFailed(("serve",), status=1, output=f"{done} of {count} runs after half an hour")
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
        finish_many(store, past)
        count = past + queue_many(store, plans=10)
        begun = time.monotonic()
        with begin("serve", str(file), str(witness)) as server:
            while count_finished(store) < count:
                time.sleep(0.1)
            seconds = time.monotonic() - begun
            time.sleep(2.0)
            peak = round(high_water_kib(server.pid) / 1024, 1)
            server.terminate()
    return Row(case=f"50 runs after {past} others", ours_s=round(seconds, 2), peak_rss_mb=peak)


def a_commit(directory: Path, *, turns: int) -> Row:
    """Return how long it takes from a commit of the example plan to the first request that Heat gets."""
    plan = directory / "plan"
    tool = str(Path(sys.executable).parent / "tripleo-plan")
    with first_requests() as (port, arrivals):
        clouds = directory / "clouds.yaml"
        address = f"http://127.0.0.1:{port}/v1/project"
        clouds.write_text(json.dumps({"clouds": {"bench": {"auth_type": "none", "endpoint": address}}}))
        environment = dict(os.environ) | {
            "OS_CLOUD": "bench", "OS_CLIENT_CONFIG_FILE": str(clouds), "HOME": str(directory),
            "GIT_AUTHOR_NAME": "B", "GIT_AUTHOR_EMAIL": "b@example.org",
            "GIT_COMMITTER_NAME": "B", "GIT_COMMITTER_EMAIL": "b@example.org",
        }  # fmt: skip
        subprocess.run((tool, "init", str(plan)), env=environment, check=True, capture_output=True)
        seconds = []
        for turn in range(turns + 1):
            (plan / "README.md").write_text(f"turn {turn}\n")
            subprocess.run(
                (tool, "commit", "--all", "-m", "x"), cwd=plan, env=environment, check=True, capture_output=True
            )
            arrivals.clear()
            begun = time.monotonic()
            subprocess.run((tool, "deploy", "--yes"), cwd=plan, env=environment, check=False, capture_output=True)
            if not arrivals:
                raise CommandFailed(("tripleo-plan", "deploy"), status=1, output="Heat was not asked")
            seconds.append(arrivals[0] - begun)
    return Row(case="a commit until Heat is asked", ours_s=round(sorted(seconds[1:])[turns // 2], 3), requests=1)


@contextmanager
def first_requests() -> Iterator[tuple[int, list[float]]]:
    """Give the port of a service that writes down when it was asked, and answers that there is nothing."""
    arrivals: list[float] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # its name in http.server
            arrivals.append(time.monotonic())
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", PORT_FREE), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, arrivals
    finally:
        server.shutdown()
        server.server_close()


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
