"""Kill, stop and starve what works at runs, and look whether every run ends, and nothing is done twice at once."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from faults.run_cases import Case, Crowd, Killed, Locked, Stopped
from faults.run_witness import ENDS, WORKFLOWS, Witness, problems_with, wait_until
from faults.run_worker import STOOD_STILL, Job, ask, spawn
from tripleo_gitops.runs.database import open_database
from tripleo_gitops.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tripleo_gitops.runs.record import RunRecord

LONGEST_SECONDS = 240.0
SHORT_LEASE = 1.0
IN_A_CROWD = ("plain", "trying", "waiting", "slow")


@dataclass(frozen=True, slots=True)
class Failure:
    """A case, and what went wrong in it."""

    case: Case
    what: str


@dataclass(slots=True)
class Report:
    """What came of the cases: how many, how often a process died, how many steps were done again, what failed."""

    cases: dict[str, int] = field(default_factory=dict)
    deaths: int = 0
    repeated: int = 0
    runs: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def line(self) -> str:
        """The one line of figures."""
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.cases.items())
        return (
            f"runs: {sum(self.cases.values())} cases ({kinds}), {self.runs} runs, {self.deaths} processes killed, "
            f"{self.repeated} steps done again after that, {len(self.failures)} failed"
        )


class Ground:
    """A database of its own for each case, and the processes that work there."""

    def __init__(self, directory: Path, number: int, *, url: str | None) -> None:
        self.directory = directory / f"case-{number}"
        self.directory.mkdir()
        self.url = url or f"sqlite:///{self.directory / 'runs.sqlite'}"
        self.witness = Witness(self.directory / "marks")
        self._children: set[int] = set()
        self.deaths = 0

    def begin(self, job: Job) -> int:
        """Begin a process."""
        child = spawn(job)
        self._children.add(child)
        return child

    def job(self, **options: object) -> Job:
        """Return a job here."""
        return Job(url=self.url, witness=self.directory / "marks", **options)  # type: ignore[arg-type]

    def has_ended(self, child: int) -> bool:
        """Return whether a process is gone; raises AssertionError for one that ended with an error of its own."""
        found, status = os.waitpid(child, os.WNOHANG)
        if not found:
            return False
        self._children.discard(child)
        self.deaths += os.WIFSIGNALED(status)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) in {0, STOOD_STILL}, (
            "a process ended with an error of its own"
        )
        return True

    def lives(self, child: int) -> bool:
        """Return whether a process is still there."""
        return child in self._children and not self.has_ended(child)

    def kill(self, child: int) -> None:
        """Kill a process, and wait until it is gone."""
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: self.has_ended(child), seconds=60)

    def clear(self) -> None:
        """Leave no process behind."""
        for child in tuple(self._children):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGCONT)
            self.kill(child)

    @contextmanager
    def store(self) -> Iterator[RunStore]:
        """Give the records."""
        database = open_database(self.url, clock=time, say=lambda _text: None)
        try:
            yield RunStore(database, now=time.time)
        finally:
            database.close()

    def runs(self) -> tuple[RunRecord, ...]:
        """Return all runs."""
        with self.store() as store:
            return store.page(limit=1000)

    def are_over(self, count: int) -> bool:
        """Return whether so many runs are there and all at their end."""
        found = self.runs()
        return len(found) == count and all(run.state.is_end for run in found)


def run_cases(
    directory: Path, cases: Sequence[Case], *, say: Callable[[str], None], databases: Sequence[str] = ()
) -> Report:
    """Run cases and return what came of them; crowds also on each of the `databases`, which are URLs."""
    report = Report()
    crowds = [case for case in cases if isinstance(case, Crowd)]
    grounds = [*((case, None) for case in cases), *zip(crowds, databases, strict=False)]
    for number, (case, url) in enumerate(grounds):
        failed = len(report.failures)
        run_case(case, Ground(directory, number, url=url), report)
        for failure in report.failures[failed:]:
            say(f"{failure.case}: {failure.what}")
        if number % 50 == 49:
            say(report.line)
    return report


def run_case(case: Case, ground: Ground, report: Report) -> None:
    """Run one case, and add what came of it to the report."""
    kind = type(case).__name__.lower() + ("" if ground.url.startswith("sqlite") else " on postgresql")
    report.cases[kind] = report.cases.get(kind, 0) + 1
    ways: dict[type[Case], Callable[[Case, Ground], int]] = {
        Killed: _killed, Locked: _locked, Stopped: _stopped, Crowd: _crowd,
    }  # fmt: skip
    try:
        expected = ways[type(case)](case, ground)
    except AssertionError as exc:
        report.failures.append(Failure(case, str(exc)))
        return
    finally:
        ground.clear()
        report.deaths += ground.deaths
    _check(case, ground, expected, report)


def _killed(case: Killed, ground: Ground) -> int:
    """One process after the other dies; the last one, which may be a server, comes to the end."""
    for blow in case.blows:
        child = ground.begin(ground.job(drives=case.workflow, blow=blow, trouble=case.trouble))
        assert wait_until(lambda child=child: ground.has_ended(child), seconds=LONGEST_SECONDS), "a process hangs"
    if case.by_server and ground.runs():
        child = ground.begin(ground.job())
        is_over = wait_until(lambda: ground.are_over(1), seconds=LONGEST_SECONDS)
        os.kill(child, signal.SIGTERM)
        assert is_over, "the run does not end"
    else:
        child = ground.begin(ground.job(drives=case.workflow, trouble=case.trouble))
    assert wait_until(lambda: ground.has_ended(child), seconds=LONGEST_SECONDS), "the last process hangs"
    return 1


def _locked(case: Locked, ground: Ground) -> int:
    """Somebody else holds the database now and then, for longer than its drivers wait."""
    child = ground.begin(ground.job(drives=case.workflow))
    for after, seconds in case.holds:
        time.sleep(after)
        with sqlite3.connect(ground.url.removeprefix("sqlite:///"), timeout=30) as holder:
            holder.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            holder.rollback()
        holder.close()
    assert wait_until(lambda: ground.has_ended(child), seconds=LONGEST_SECONDS), "the process hangs"
    return 1


def _stopped(case: Stopped, ground: Ground) -> int:
    """A server stands still, another takes its run over, and the first one wakes up again."""
    begun = time.monotonic()
    with ground.store() as store:
        ask(store, "slow", plan="plan")
    first = ground.begin(ground.job(lease=SHORT_LEASE))
    assert wait_until(lambda: bool(ground.witness.marks()), seconds=LONGEST_SECONDS), "nothing begins"
    time.sleep(case.after)
    os.kill(first, signal.SIGSTOP)
    second = ground.begin(ground.job(lease=SHORT_LEASE))
    time.sleep(case.seconds)
    os.kill(first, signal.SIGCONT)
    while not wait_until(lambda: ground.are_over(1), seconds=2.0):
        second = second if ground.lives(second) else ground.begin(ground.job())
        assert time.monotonic() - begun < LONGEST_SECONDS, "the run does not end"
    time.sleep(0.3)  # whoever woke up has the time to do what it must not
    return 1


def _crowd(case: Crowd, ground: Ground) -> int:
    """Two servers work at many runs; now and then one of them dies, and another comes."""
    numbers = random.Random(case.seed)
    expected = 0
    with ground.store() as store:
        for plan in range(case.plans):
            for workflow in numbers.sample(IN_A_CROWD, 3):
                ask(store, workflow, plan=f"plan-{plan}")
                expected += 1
    servers = [ground.begin(ground.job()) for _ in range(2)]
    for _ in range(case.kills):
        time.sleep(numbers.uniform(0.1, 0.8))
        victim = servers.pop(numbers.randrange(len(servers)))
        if ground.lives(victim):
            ground.kill(victim)
        servers.append(ground.begin(ground.job()))
    assert wait_until(lambda: ground.are_over(expected), seconds=3 * LONGEST_SECONDS), "not all runs end"
    return expected


def _check(case: Case, ground: Ground, expected: int, report: Report) -> None:
    runs, marks = ground.runs(), ground.witness.marks()
    report.runs += len(runs)
    steps = {workflow.name: tuple(step.name for step in workflow.steps) for workflow in WORKFLOWS}
    found = problems_with(marks, order={run.id: steps[run.workflow] for run in runs})
    if len(runs) != expected:
        found.append(f"{len(runs)} runs, not {expected}")
    for run in runs:
        if run.state != ENDS[run.workflow]:
            found.append(f"run {run.number} of {run.workflow} is {run.state}: {run.error}")
        ended = {mark.step for mark in marks if mark.run == run.id and mark.kind == "end"}
        missing = [step.name for step in run.steps if step.state == "succeeded" and step.name not in ended]
        found += [f"run {run.number}: step {name} counts as done, and was not" for name in missing]
    begun = [(mark.run, mark.step) for mark in marks if mark.kind == "begin"]
    report.repeated += len(begun) - len(set(begun))
    report.failures += [Failure(case, what) for what in found]
