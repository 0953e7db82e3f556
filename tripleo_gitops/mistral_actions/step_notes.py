"""The log of one step that Mistral runs: written down while it works, read by whoever follows the run."""

from __future__ import annotations

import logging
import os
import time
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING

from tripleo_gitops.errors import GitopsError
from tripleo_gitops.operations.steps import Level, NotYet
from tripleo_gitops.runs.diary import Diary
from tripleo_gitops.runs.mistral_runs import failure_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.operations.steps import Approval
    from tripleo_gitops.runs.execution_notes import ExecutionNotes
    from tripleo_gitops.runs.record import LogLine

LOG = logging.getLogger(__name__)


class StepNotes:
    """What a step says, and what was said in it before by an executor that died, or that could not go on."""

    def __init__(self, notes: ExecutionNotes, run: str, step: str) -> None:
        self._notes, self._run, self._step = notes, run, step
        self._diary = Diary(partial(notes.write, run), now=time.time, clock=time)
        self.texts: list[str] = []

    @property
    def was_begun(self) -> bool:
        """Whether somebody worked at the step before."""
        return self._before is not None

    @property
    def attempt(self) -> int:
        """Which try this is: one more than the times that the step failed."""
        return self._notes.failures(self._run, self._step) + 1

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """Who said yes to the run until now."""
        return self._notes.approvals(self._run)

    def write(self, text: str, level: Level) -> None:
        """Take a line down, for followers, for Mistral's result and for the executor's own log."""
        self.texts.append(f"{level.value}: {text}" if level is not Level.INFO else text)
        LOG.info("run %s, step %s: %s", self._run, self._step, text)
        self._diary.say(text, step=self._step, level=level)

    @contextmanager
    def taken_down(self) -> Iterator[None]:
        """Say who works at the step, and how it failed or what it waits for; all is written down in the end."""
        before = self._before
        if before is None or before.level is not Level.WARNING:
            self._say(f"{'taken up' if before else 'begun'} by {os.uname().nodename}:{os.getpid()}", Level.DEBUG)
        try:
            yield
        except NotYet as exc:
            if before is None or before.text != str(exc):
                self._say(str(exc), Level.WARNING)
            raise
        except GitopsError as exc:
            self._say(failure_line(str(exc), exc.reason), Level.ERROR)
            raise
        finally:
            self._diary.flush()

    @cached_property
    def _before(self) -> LogLine | None:
        return self._notes.last(self._run, self._step)

    def _say(self, text: str, level: Level) -> None:
        self._diary.say(text, step=self._step, level=level)
