"""One run, executed by this process: its steps in their order, each tried, waited for and recorded."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.errors import GitopsError
from tripleo_gitops.operations.steps import Level, NotYet, RunCancelled, StepContext, StepTimedOut
from tripleo_gitops.runs.record import Failure, RunState, StepState
from tripleo_gitops.runs.rows import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.steps import StepBody
    from tripleo_gitops.runs.diary import Diary
    from tripleo_gitops.runs.record import RunRecord, StepRecord
    from tripleo_gitops.runs.tenure import Tenure
    from tripleo_gitops.runs.workflow import Step, Workflow

BUG = "Bug"
LONGEST_NAP = 1.0


class StepBroken(GitopsError):
    """A step that ended with something that is no error of ours: a bug, named by its type and place."""

    reason = BUG


class Watcher(Protocol):
    """Looks whether a run is still to be worked at by this process."""

    def check(self) -> None:
        """Raise TenureLost, or RunCancelled where somebody asked for that."""

    def measure(self, position: int, step: Step, spent: Callable[[], float]) -> None:
        """Write down now and then how long a step has taken, and end the run where that is far too long."""

    def rest(self) -> None:
        """Measure nothing more: the step has come to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an execution needs of its process: bodies by action, time, a place to work in, and who is told."""

    bodies: Mapping[str, StepBody]
    clock: Clock
    slot: Callable[[Watcher], AbstractContextManager[None]]
    tell: Callable[[], None]


class Execution:
    """A run in this process' hands."""

    def __init__(
        self, tenure: Tenure, workflow: Workflow, *, around: Surroundings, watcher: Watcher, diary: Diary
    ) -> None:
        self._tenure, self._workflow, self._around = tenure, workflow, around
        self._watcher, self._diary = watcher, diary

    def run(self, once: Callable[[Step, Callable[[], bool]], bool]) -> None:
        """Do the steps that are not done, and write the run's end.

        `once` does a step for good: it is given the step and what does it, and gives what that gave, now or then.
        Raises TenureLost where somebody else goes on with the run.
        """
        for position, step in enumerate(self._workflow.steps):
            if not once(step, lambda position=position, step=step: self._is_done(position, step)):  # type: ignore[misc]
                return
        self._diary.flush()
        if all(found.state is StepState.SUCCEEDED for found in self._tenure.store.get(self._tenure.run).steps):
            self._tenure.finish(RunState.SUCCEEDED)

    def _is_done(self, position: int, step: Step) -> bool:
        """Do one step; False where it ended the run. What was done before a kill is not done again."""
        record = self._tenure.store.get(self._tenure.run)
        found = record.steps[position]
        if record.state.is_end or found.state is StepState.SUCCEEDED:
            return not record.state.is_end
        meter = _Meter(self._around.clock, spent=found.spent)
        self._watcher.measure(position, step, lambda: meter.spent)
        try:
            outputs = self._tried(position, step, found.state is StepState.PENDING, meter=meter)
        except GitopsError as exc:
            self._watcher.rest()
            self._end_badly(position, step, exc, spent=meter.spent)
            return False
        self._watcher.rest()
        self._diary.say(f"done in {meter.spent:.1f} s", step=step.name, is_last=True)
        lines = self._diary.take()
        self._tenure.finish_step(position, outputs=outputs, spent=meter.spent, lines=lines)
        return True

    def _tried(self, position: int, step: Step, is_new: bool, *, meter: _Meter) -> Mapping[str, Any]:  # noqa: FBT001
        """Return what the step gave, after as many tries as its rule allows; raises its last error."""
        failed = 0
        while True:
            self._tenure.begin_step(position, is_new_try=is_new)
            try:
                return self._awaited(position, step, resumed=not is_new, meter=meter)
            except step.retry.on as exc:
                failed += 1
                if failed >= step.retry.attempts or isinstance(exc, StepTimedOut):
                    raise
                wait, is_new = step.retry.wait(failed), True
                self._diary.say(
                    f"{exc}; trying again in {wait:.0f} s ({failed} of {step.retry.attempts} tries failed)",
                    step=step.name,
                    level=Level.WARNING,
                )
            self._nap(wait, step, meter=meter)

    def _awaited(self, position: int, step: Step, *, resumed: bool, meter: _Meter) -> Mapping[str, Any]:
        """Return what the step gave once it can go on; raises StepTimedOut, RunCancelled, and its errors."""
        told = ""
        while True:
            try:
                return self._call(position, step, resumed=resumed, meter=meter)
            except NotYet as exc:
                if is_news := str(exc) != told:
                    told = str(exc)
                    self._diary.say(f"waits: {told}", step=step.name)
                self._tenure.await_step(position, words=told, spent=meter.spent, is_news=is_news)
                self._around.tell()
                self._nap(exc.retry_after, step, meter=meter)
                self._tenure.begin_step(position, is_new_try=False)
                resumed = True

    def _call(self, position: int, step: Step, *, resumed: bool, meter: _Meter) -> Mapping[str, Any]:
        """Call the step's body once, with what it asked for."""
        with self._around.slot(self._watcher):
            self._watcher.check()
            record = self._tenure.store.get(self._tenure.run)
            context = replace(self._context(record, record.steps[position], step, meter=meter), resumed=resumed)
            context.check()
            body = self._around.bodies.get(step.action)
            if body is None:
                raise StepBroken(f"nobody here knows how to do {step.action}; this tool may be older than the run")
            try:
                given = body(context)
                to_json(given)
            except GitopsError:
                raise
            except Exception as exc:
                self._diary.say(_place_of(exc), step=step.name, level=Level.ERROR)
                raise StepBroken(
                    f"step {step.name} broke with {type(exc).__name__}; this is a bug, its place is in the run's log"
                ) from exc
        return {name: given[name] for name in step.outputs if name in given}

    def _context(self, record: RunRecord, found: StepRecord, step: Step, *, meter: _Meter) -> StepContext:
        known = {**record.inputs, **record.result}
        clock = self._around.clock
        return StepContext(
            run_id=record.id,
            step=step.name,
            attempt=max(1, found.tries),
            plan=record.plan,
            revision=record.revision,
            actor=record.actor,
            trace_id=record.trace_id,
            place=record.place,
            inputs={name: known[name] for name in step.inputs if name in known},
            clock=clock,
            time_limit=step.time_limit,
            deadline=clock.monotonic() + step.time_limit - meter.spent,
            write=lambda text, level: self._diary.say(text, step=step.name, level=level),
            check_wanted=self._watcher.check,
            approvals=record.approvals,
            shown=record.shown.digest if record.shown else None,
        )

    def _nap(self, seconds: float, step: Step, *, meter: _Meter) -> None:
        ends = self._around.clock.monotonic() + seconds
        while (left := ends - self._around.clock.monotonic()) > 0:
            self._watcher.check()
            if meter.spent > step.time_limit:
                raise StepTimedOut(step.name, limit=step.time_limit)
            self._around.clock.sleep(min(left, LONGEST_NAP))
        self._watcher.check()

    def _end_badly(self, position: int, step: Step, exc: GitopsError, *, spent: float) -> None:
        is_cancelled = isinstance(exc, RunCancelled)
        failure = Failure(exc.reason, str(exc))
        self._diary.say(str(exc), step=step.name, level=Level.WARNING if is_cancelled else Level.ERROR)
        self._diary.flush()
        state = StepState.CANCELLED if is_cancelled else StepState.FAILED
        self._tenure.fail_step(position, state=state, failure=failure, spent=spent)
        self._tenure.finish(RunState.CANCELLED if is_cancelled else RunState.FAILED, failure=failure)


class _Meter:
    """Seconds spent at a step: those before this process had it, and those since."""

    def __init__(self, clock: Clock, *, spent: float) -> None:
        self._clock, self._before, self._begun = clock, spent, clock.monotonic()

    @property
    def spent(self) -> float:
        return self._before + self._clock.monotonic() - self._begun


def _place_of(exc: Exception) -> str:
    """Return where an exception came from, without its words: they may hold what must not be written down."""
    frames = traceback.extract_tb(exc.__traceback__)
    return f"{type(exc).__name__} at " + " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(frames[-12:]))
