"""Run validations: several at once, but so many at most; each can be stopped, from another process too."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tripleo_gitops.ansible.play import Outcome, PlayLine
from tripleo_gitops.errors import GitopsError
from tripleo_gitops.operations.playbooks.validation_results import MOST_FAILURES, ValidationRecord, ValidationState
from tripleo_gitops.operations.steps import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future
    from datetime import datetime
    from pathlib import Path

    from tripleo_gitops.ansible.play import PlayResult, Surroundings
    from tripleo_gitops.operations.playbooks.plays import Player, Stage
    from tripleo_gitops.operations.playbooks.validation_results import ValidationResults
    from tripleo_gitops.validations.validation import Validation

BEAT_SECONDS = 1.0
LISTEN_SECONDS = 0.2
MOST_LINES = 500
ENDINGS = {Outcome.PASSED: ValidationState.PASSED, Outcome.NO_HOSTS: ValidationState.SKIPPED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationJob:
    """One validation to run: with which values, as an error or a warning; where its playbook and its roles are."""

    validation: Validation
    is_warning: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    playbook: str | Path = ""
    surroundings: Surroundings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRound:
    """Validations that are run together: for whom, how many at once, how long each may take."""

    run: str
    plan: str
    revision: str
    actor: str
    group: str | None
    parallel: int
    time_limit: float
    limit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveillance:
    """How a round speaks and listens: lines, whether to go on, where records are kept, the time, new ids."""

    log: Callable[[str, Level], None]
    check: Callable[[], None]
    results: ValidationResults
    now: Callable[[], datetime]
    new_id: Callable[[], str]


class _Stopped(Exception):
    """Somebody asked for one validation to stop."""


def run_validations(
    jobs: tuple[ValidationJob, ...], *, stage: Stage, player: Player, around: ValidationRound, watch: Surveillance
) -> tuple[ValidationRecord, ...]:
    """Run validations and return their records, in the order of the jobs.

    What `watch.check` raises stops them all and is raised again, once their records say so.
    """
    return _Round(stage, player, around, watch).run(jobs)


@dataclass(slots=True)
class _Running:
    """One validation under way."""

    job: ValidationJob
    record: ValidationRecord
    stop: threading.Event = field(default_factory=threading.Event)
    by: str = ""


class _Round:
    """One round. Plays run in threads; everything else — lines, records, whether to go on — in the caller's."""

    def __init__(self, stage: Stage, player: Player, around: ValidationRound, watch: Surveillance) -> None:
        self._stage, self._player, self._around, self._watch = stage, player, around, watch
        self._lines: queue.SimpleQueue[tuple[str, PlayLine]] = queue.SimpleQueue()
        self._under_way: dict[Future[PlayResult], _Running] = {}
        self._done: dict[str, ValidationRecord] = {}

    def run(self, jobs: tuple[ValidationJob, ...]) -> tuple[ValidationRecord, ...]:
        waiting = list(reversed(jobs))
        beaten = self._watch.now()
        with ThreadPoolExecutor(max_workers=self._around.parallel, thread_name_prefix="validation") as pool:
            try:
                while waiting or self._under_way:
                    while waiting and len(self._under_way) < self._around.parallel:
                        self._begin(waiting.pop(), pool)
                    self._listen()
                    self._watch.check()
                    if (self._watch.now() - beaten).total_seconds() >= BEAT_SECONDS:
                        beaten = self._watch.now()
                        self._heed_stops()
                    self._gather()
            except BaseException:
                self._stop_all()
                raise
        return tuple(self._done[job.validation.id] for job in jobs)

    def _begin(self, job: ValidationJob, pool: ThreadPoolExecutor) -> None:
        around, one = self._around, job.validation
        record = ValidationRecord(
            id=self._watch.new_id(),
            run=around.run,
            plan=around.plan,
            revision=around.revision,
            validation=one.id,
            name=one.name,
            origin=str(one.origin),
            group=around.group,
            is_warning=job.is_warning,
            actor=around.actor,
            state=ValidationState.RUNNING,
            started=self._watch.now(),
        )
        self._watch.results.begin(record)
        self._watch.log(f"[{one.id}] begins: {one.name}", Level.INFO)
        running = _Running(job, record)
        self._under_way[pool.submit(self._play, running)] = running

    def _play(self, running: _Running) -> PlayResult:
        job, name = running.job, running.record.validation

        def check() -> None:
            if running.stop.is_set():
                raise _Stopped

        options = {"surroundings": job.surroundings} if job.surroundings is not None else {}
        play = self._stage.play(
            job.playbook or job.validation.path,
            time_limit=self._around.time_limit,
            extra_vars=dict(job.parameters),
            limit=self._around.limit,
            **options,
        )
        return self._player.play(play, tell=lambda line: self._lines.put((name, line)), check=check)

    def _listen(self) -> None:
        """Write the lines that came; wait a little for one where there is none."""
        wait = LISTEN_SECONDS
        for _line in range(MOST_LINES):  # a play that talks without end must not keep the others waiting
            try:
                name, line = self._lines.get(timeout=wait) if wait else self._lines.get_nowait()
            except queue.Empty:
                return
            wait = 0.0
            self._watch.log(f"[{name}] {line.text}", Level.WARNING if line.failed else Level.INFO)

    def _heed_stops(self) -> None:
        running = {one.record.id: one for one in self._under_way.values()}
        for name, who in self._watch.results.beat(tuple(running)).items():
            running[name].by = who
            running[name].stop.set()

    def _gather(self) -> None:
        for future in [one for one in self._under_way if one.done()]:
            self._end(self._under_way.pop(future), future)

    def _end(self, running: _Running, future: Future[PlayResult]) -> None:
        self._listen()
        record = replace(_ended(running.record, future, by=running.by), ended=self._watch.now())
        self._watch.results.end(record)
        self._done[record.validation] = record
        level = Level.INFO if record.state in ENDINGS.values() else Level.WARNING if record.is_warning else Level.ERROR
        words = f": {record.problem}" if record.problem else ""
        self._watch.log(f"[{record.validation}] {record.state} after {record.seconds:.1f} s{words}", level)

    def _stop_all(self) -> None:
        """Stop what is under way, wait for its processes to be gone, and keep records of that."""
        for running in self._under_way.values():
            running.by = running.by or "the run, which ended"
            running.stop.set()
        for future, running in self._under_way.items():
            future.exception()
            record = replace(_ended(running.record, future, by=running.by), ended=self._watch.now())
            self._watch.results.end(record)


def _ended(record: ValidationRecord, future: Future[PlayResult], *, by: str) -> ValidationRecord:
    """Return a record with how its play ended."""
    error = future.exception()
    if isinstance(error, _Stopped):
        return replace(record, state=ValidationState.STOPPED, problem=f"stopped by {by}", stop_asked_by=by)
    if isinstance(error, GitopsError):
        return replace(record, state=ValidationState.FAILED, detail=error.reason, problem=str(error))
    result = future.result()
    return replace(
        record,
        state=ENDINGS.get(result.outcome, ValidationState.FAILED),
        detail=str(result.outcome),
        problem=result.problem,
        hosts=result.hosts,
        failures=tuple(
            {"host": one.host, "task": one.task, "message": one.message} for one in result.failures[:MOST_FAILURES]
        ),
    )
