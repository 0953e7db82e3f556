"""A run in this process' hands: its log on the way, and whether it is still wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.operations.steps import Level, RunCancelled, StepTimedOut
from tripleo_gitops.runs.diary import Diary
from tripleo_gitops.runs.record import Failure, RunState, StepState
from tripleo_gitops.runs.tenure import TenureLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.runs.tenure import Tenure
    from tripleo_gitops.runs.workflow import Step

MEASURE_SECONDS = 5.0
OVERTIME_SECONDS = 60.0
"""How long after its limit a step may take to look at the time itself; then its run ends without it."""


class HeldRun:
    """A tenure that is looked after: `look` now and then from one thread, `check` from the one that works at the run.

    `is_allowed` says whether this process may work at runs at all, `overtime` how many seconds after its limit a step
    that never looks is given up: its run fails, and nothing of what its thread still does is written down.
    """

    def __init__(
        self,
        tenure: Tenure,
        *,
        is_allowed: Callable[[], bool],
        clock: Clock,
        overtime: float = OVERTIME_SECONDS,
    ) -> None:
        self._tenure, self._is_allowed, self._overtime = tenure, is_allowed, overtime
        self.diary = Diary(tenure.say, now=tenure.store.now, clock=clock)
        self._is_lost = False
        self._cancelled_by: str | None = None
        self._clock, self._measured = clock, clock.monotonic()
        self._step: tuple[int, Step, Callable[[], float]] | None = None

    def look(self) -> None:
        """Read what others wrote about the run, and write down what it said."""
        stands = self._tenure.standing()
        self._is_lost, self._cancelled_by = not stands.is_ours, stands.cancel_asked_by
        if stands.is_ours:
            try:
                self.diary.flush()
                self._write_spent()
                self._give_up_overdue()
            except TenureLost:
                self._is_lost = True

    def measure(self, position: int, step: Step, spent: Callable[[], float]) -> None:
        """Let `look` write down now and then how long a step has taken, and give it up where that is far too long."""
        self._step, self._measured = (position, step, spent), self._clock.monotonic()

    def rest(self) -> None:
        """Measure nothing more: the step has come to its end."""
        self._step = None

    def _write_spent(self) -> None:
        found, now = self._step, self._clock.monotonic()
        if found is not None and now - self._measured >= MEASURE_SECONDS:
            self._measured = now
            position, _, spent = found
            self._tenure.spend(position, spent=spent())

    def _give_up_overdue(self) -> None:
        if self._step is None:
            return
        position, step, spent = self._step
        if (taken := spent()) <= step.time_limit + self._overtime:
            return
        failure = Failure(StepTimedOut.reason, str(StepTimedOut(step.name, limit=step.time_limit)))
        said = f"after {taken:.0f} s the step had not looked at the time: it is given up, whatever it still does"
        self.diary.say(said, step=step.name, level=Level.ERROR)
        self.diary.flush()
        self._tenure.fail_step(position, state=StepState.FAILED, failure=failure, spent=taken)
        self._tenure.finish(RunState.FAILED, failure=failure)
        self._is_lost = True

    def check(self) -> None:
        """Raise TenureLost where nothing more may be done, RunCancelled where somebody asked for the end."""
        if self._is_lost or not self._is_allowed():
            raise TenureLost(self._tenure.run)
        if self._cancelled_by is not None:
            raise RunCancelled(f"stopped, as {self._cancelled_by} asked")
