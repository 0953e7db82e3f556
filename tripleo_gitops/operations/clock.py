"""Time as operations see it: handed in, so that a test can hold it still."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Seconds that only go forward, and waiting."""

    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...
