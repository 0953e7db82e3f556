"""A run in this process' hands: its log on the way, and whether it is still wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.operations.steps import RunCancelled
from tripleo_gitops.runs.diary import Diary
from tripleo_gitops.runs.tenure import TenureLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.runs.tenure import Tenure

MEASURE_SECONDS = 5.0


class HeldRun:
    """A tenure that is looked after: `look` now and then from one thread, `check` from the one that works at the run.

    `is_allowed` says whether this process may work at runs at all.
    """

    def __init__(self, tenure: Tenure, *, is_allowed: Callable[[], bool], clock: Clock) -> None:
        self._tenure, self._is_allowed = tenure, is_allowed
        self.diary = Diary(tenure.say, now=tenure.store.now, clock=clock)
        self._is_lost = False
        self._cancelled_by: str | None = None
        self._clock, self._measured = clock, clock.monotonic()
        self._step: tuple[int, Callable[[], float]] | None = None

    def look(self) -> None:
        """Read what others wrote about the run, and write down what it said."""
        stands = self._tenure.standing()
        self._is_lost, self._cancelled_by = not stands.is_ours, stands.cancel_asked_by
        if stands.is_ours:
            try:
                self.diary.flush()
                self._write_spent()
            except TenureLost:
                self._is_lost = True

    def measure(self, position: int, spent: Callable[[], float]) -> None:
        """Let `look` write down now and then how long the step at `position` has taken."""
        self._step, self._measured = (position, spent), self._clock.monotonic()

    def _write_spent(self) -> None:
        step, now = self._step, self._clock.monotonic()
        if step is not None and now - self._measured >= MEASURE_SECONDS:
            self._measured = now
            self._tenure.spend(step[0], spent=step[1]())

    def check(self) -> None:
        """Raise TenureLost where nothing more may be done, RunCancelled where somebody asked for the end."""
        if self._is_lost or not self._is_allowed():
            raise TenureLost(self._tenure.run)
        if self._cancelled_by is not None:
            raise RunCancelled(f"stopped, as {self._cancelled_by} asked")
