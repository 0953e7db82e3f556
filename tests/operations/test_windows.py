"""Deploy windows: when a plan may be deployed, across time zones, summer time, and windows that deny."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tripleo_gitops.operations.stacks.windows import (
    InvalidWindow,
    Window,
    WindowKind,
    look_at_windows,
    read_zone,
)

BERLIN = ZoneInfo("Europe/Berlin")


def allow(cron: str, minutes: int, *, zone: ZoneInfo = BERLIN, plans: tuple[str, ...] = ("*",)) -> Window:
    return Window(kind=WindowKind.ALLOW, cron=cron, minutes=minutes, zone=zone, plans=plans)


def deny(cron: str, minutes: int, *, zone: ZoneInfo = BERLIN) -> Window:
    return Window(kind=WindowKind.DENY, cron=cron, minutes=minutes, zone=zone)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def is_open(windows: tuple[Window, ...], moment: str) -> bool:
    return look_at_windows(windows, "site1", now=berlin(moment)).is_open


def test_without_windows_a_plan_may_always_be_deployed() -> None:
    assert look_at_windows((), "site1", now=berlin("2026-03-01T12:00")).is_open


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-02T21:59:59", False),
        ("2026-03-02T22:00:00", True),
        ("2026-03-03T01:59:59", True),
        ("2026-03-03T02:00:00", False),
        ("2026-03-07T23:00:00", False),
    ],
)
def test_an_allowed_window_is_open_from_its_beginning_for_its_length(moment: str, expected: bool) -> None:
    assert is_open((allow("0 22 * * 1-5", 240),), moment) is expected


def test_what_denies_beats_what_allows_and_the_next_opening_is_after_it() -> None:
    windows = (allow("0 22 * * *", 240), deny("0 0 24 12 *", 3 * 24 * 60))
    answer = look_at_windows(windows, "site1", now=berlin("2026-12-24T22:30"))
    assert not answer.is_open
    assert answer.opens == berlin("2026-12-27T00:00")
    assert "is denied by the window '0 0 24 12 *'" in answer.words(berlin("2026-12-24T22:30"))
    assert "opens 2026-12-27 00:00 CET" in answer.words(berlin("2026-12-24T22:30"))


def test_a_window_that_only_denies_leaves_all_other_times_open() -> None:
    assert is_open((deny("0 8 * * *", 60),), "2026-03-02T07:59:59")
    assert not is_open((deny("0 8 * * *", 60),), "2026-03-02T08:30")


def test_a_window_of_other_plans_is_no_window() -> None:
    windows = (allow("0 22 * * *", 60, plans=("prod-*",)),)
    assert look_at_windows(windows, "lab", now=berlin("2026-03-02T12:00")).is_open
    assert not look_at_windows(windows, "prod-1", now=berlin("2026-03-02T12:00")).is_open


def test_a_window_lasts_its_minutes_when_the_clock_is_put_back() -> None:
    windows = (allow("0 1 * * *", 180),)  # 2026-10-25: 03:00 CEST is 02:00 CET again
    assert look_at_windows(windows, "site1", now=datetime(2026, 10, 25, 1, 59, tzinfo=UTC)).is_open
    assert not look_at_windows(windows, "site1", now=datetime(2026, 10, 25, 2, 1, tzinfo=UTC)).is_open


def test_the_time_zone_says_when_and_not_the_machine() -> None:
    at = datetime(2026, 3, 2, 21, 30, tzinfo=UTC)  # 22:30 in Berlin
    assert look_at_windows((allow("0 22 * * *", 60),), "site1", now=at).is_open
    assert not look_at_windows((allow("0 22 * * *", 60, zone=ZoneInfo("UTC")),), "site1", now=at).is_open


def test_a_day_that_never_comes_is_never_open() -> None:
    answer = look_at_windows((allow("0 0 30 2 *", 60),), "site1", now=berlin("2026-03-01T00:00"))
    assert not answer.is_open
    assert answer.opens is None
    assert "no opening is in sight" in answer.words(berlin("2026-03-01T00:00"))


@pytest.mark.parametrize("cron", ["", "* * * *", "61 * * * *", "@reboot", "* * * * * *", "nonsense"])
def test_what_is_no_cron_expression_is_refused(cron: str) -> None:
    with pytest.raises(InvalidWindow, match="no cron expression"):
        allow(cron, 60)


@pytest.mark.parametrize("minutes", [0, -1, 32 * 24 * 60])
def test_a_length_that_nobody_means_is_refused(minutes: int) -> None:
    with pytest.raises(InvalidWindow, match="minutes"):
        allow("0 0 * * *", minutes)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd"])
def test_a_time_zone_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(InvalidWindow, match="no time zone"):
        read_zone(name)


@settings(deadline=None, max_examples=50)
@given(
    seconds=st.integers(min_value=1_577_836_800, max_value=1_893_456_000),
    minutes=st.integers(min_value=1, max_value=300),
)
def test_at_the_next_opening_it_is_open(seconds: int, minutes: int) -> None:
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    windows = (allow("30 21 * * 1,3", minutes), deny("0 22 * * 3", 45))
    answer = look_at_windows(windows, "site1", now=moment)
    if not answer.is_open:
        assert answer.opens is not None
        assert answer.opens > moment
        assert look_at_windows(windows, "site1", now=answer.opens).is_open
