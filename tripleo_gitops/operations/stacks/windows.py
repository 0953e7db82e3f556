"""When a plan may be deployed: windows by cron expression and length, in a time zone; what denies beats what allows."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from croniter import CroniterBadDateError, croniter

from tripleo_gitops.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_MINUTES = 31 * 24 * 60
LOOKED_AHEAD = 500
"""How many turns of windows are looked at to find the next time that is not denied."""


class WindowKind(StrEnum):
    """Whether deploying is allowed in a window only, or denied in it."""

    ALLOW = "allow"
    DENY = "deny"


class InvalidWindow(InvalidInput):
    """A window that can never be open, or whose cron expression or time zone nobody knows."""

    reason = "InvalidWindow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time that begins at each moment that `cron` names in a time zone, and lasts `minutes` of real time."""

    kind: WindowKind
    cron: str
    minutes: int
    zone: ZoneInfo
    plans: tuple[str, ...] = ("*",)

    def __post_init__(self) -> None:
        if not croniter.is_valid(self.cron) or len(self.cron.split()) != 5:
            raise InvalidWindow(f"{self.cron!r} is no cron expression of five fields, such as '0 22 * * 1-5'")
        if not 0 < self.minutes <= LONGEST_MINUTES:
            raise InvalidWindow(f"a window of {self.minutes} minutes: 1 to {LONGEST_MINUTES} are possible")

    def concerns(self, plan: str) -> bool:
        """Return whether the window is about a plan; `plans` are names or patterns such as `prod-*`."""
        return any(fnmatchcase(plan, pattern) for pattern in self.plans)

    def end_at(self, now: datetime) -> datetime | None:
        """Return when the window that is open at `now` closes; None while it is closed."""
        try:
            # croniter looks for what is before: a second on, so that the moment of beginning belongs to the window
            local = (now.replace(microsecond=0) + timedelta(seconds=1)).astimezone(self.zone)
            begun: datetime = croniter(self.cron, local).get_prev(datetime)
        except CroniterBadDateError:
            return None
        end = begun.astimezone(UTC) + timedelta(minutes=self.minutes)
        return end if now < end else None

    def beginnings(self, now: datetime) -> Iterator[datetime]:
        """Yield when the window opens after `now`, in order, in UTC."""
        moments = croniter(self.cron, now.astimezone(self.zone))
        try:
            while True:
                moment: datetime = moments.get_next(datetime)
                yield moment.astimezone(UTC)
        except CroniterBadDateError:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowAnswer:
    """Whether a plan may be deployed at a moment, and if not, when it may again, as far as that can be seen."""

    is_open: bool
    opens: datetime | None
    because: Window | None

    def words(self, now: datetime) -> str:
        """Return why not and when again, in one line."""
        if self.is_open or self.because is None:
            return "the deploy window is open"
        zone = self.because.zone
        again = f"opens {self.opens.astimezone(zone):%Y-%m-%d %H:%M %Z}" if self.opens else "no opening is in sight"
        what = "is denied by" if self.because.kind is WindowKind.DENY else "waits for"
        local = now.astimezone(zone)
        return (
            f"deploying {what} the window '{self.because.cron}' of {self.because.minutes} minutes "
            f"({zone.key}, now {local:%a %H:%M}); {again}"
        )


def read_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name; raises InvalidWindow."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as exc:
        raise InvalidWindow(f"{name!r} is no time zone, such as Europe/Berlin or UTC") from exc


def look_at_windows(windows: tuple[Window, ...], plan: str, *, now: datetime) -> WindowAnswer:
    """Return whether a plan may be deployed `now` (with a time zone).

    Denied windows beat allowed ones; where no window allows anything for the plan, all other times are allowed.
    """
    ours = [window for window in windows if window.concerns(plan)]
    because = _closed_by(ours, now)
    if because is None:
        return WindowAnswer(is_open=True, opens=None, because=None)
    return WindowAnswer(is_open=False, opens=_next_opening(ours, now), because=because)


def _closed_by(windows: list[Window], now: datetime) -> Window | None:
    """Return the window that stands against deploying, or None."""
    for window in windows:
        if window.kind is WindowKind.DENY and window.end_at(now) is not None:
            return window
    allowing = [window for window in windows if window.kind is WindowKind.ALLOW]
    if allowing and all(window.end_at(now) is None for window in allowing):
        return allowing[0]
    return None


def _next_opening(windows: list[Window], now: datetime) -> datetime | None:
    """Return the first moment after `now` at which nothing stands against deploying.

    It is a beginning of an allowed window, or the end of a denied one.
    """
    moments = heapq.merge(*(_turns(window, now) for window in windows))
    return next((one for one in islice(moments, LOOKED_AHEAD) if _closed_by(windows, one) is None), None)


def _turns(window: Window, now: datetime) -> Iterator[datetime]:
    """Yield, in order, when an allowed window opens or a denied one closes after `now`."""
    if window.kind is WindowKind.ALLOW:
        yield from window.beginnings(now)
        return
    end = window.end_at(now)
    if end is not None:
        yield end
    for moment in window.beginnings(now):
        yield moment + timedelta(minutes=window.minutes)
