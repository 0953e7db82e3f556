"""A run's log as its process writes it: gathered for a moment, then written all at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tripleo_gitops.operations.steps import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.runs.lines import Entry

GATHER_SECONDS = 0.2
GATHER_LINES = 500


class Diary:
    """Lines on their way into the log; a reader sees them a fifth of a second later at most.

    `write` puts them down for good; `now` gives seconds since the epoch.
    """

    def __init__(self, write: Callable[[Sequence[Entry]], None], *, now: Callable[[], float], clock: Clock) -> None:
        self._write, self._now, self._clock = write, now, clock
        self._lines: list[Entry] = []
        self._written = clock.monotonic() - GATHER_SECONDS
        self._lock = threading.Lock()

    def say(self, text: str, *, step: str | None = None, level: Level = Level.INFO, is_last: bool = False) -> None:
        """Add a line, and write all down when it is time to; not where the last line is to be taken with `take`."""
        with self._lock:
            self._lines.append((self._now(), step, level, text))
            is_time = self._clock.monotonic() - self._written >= GATHER_SECONDS or len(self._lines) >= GATHER_LINES
        if is_time and not is_last:
            self.flush()

    def take(self) -> list[Entry]:
        """Return what was gathered, for the caller to write down."""
        with self._lock:
            lines, self._lines = self._lines, []
            self._written = self._clock.monotonic()
        return lines

    def flush(self) -> None:
        """Write down what was gathered; raises TenureLost where the run is another process' by now."""
        with self._lock:
            lines, self._lines = self._lines, []
            self._written = self._clock.monotonic()
            if lines:
                self._write(lines)
