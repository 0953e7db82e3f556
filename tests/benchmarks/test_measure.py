"""Benchmarks measure ours and peers alike, and say what they measured."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from benchmarks.__main__ import names, write_rows
from benchmarks.measure import CommandFailed, Row, Sample, compare, interleave, time_command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def recording(name: str, seconds: list[float], order: list[str]) -> Callable[[], Sample]:
    """A work that takes these seconds in turn, and writes down when it was called."""
    left = iter(seconds)

    def work() -> Sample:
        order.append(name)
        return Sample(next(left), peak_rss_mb=10.0)

    return work


def test_works_run_in_turns_and_the_first_turn_does_not_count() -> None:
    order: list[str] = []
    works = {
        "ours": recording("ours", [99.0, 1.0, 3.0, 2.0], order),
        "peer": recording("peer", [99.0, 8.0, 4.0, 6.0], order),
    }
    medians = interleave(works, runs=3)
    assert order == ["ours", "peer"] * 4
    assert medians.seconds == {"ours": 2.0, "peer": 6.0}
    assert medians.peak_rss_mb == {"ours": 10.0, "peer": 10.0}


def test_a_ratio_says_how_many_times_longer_the_peer_takes() -> None:
    rows = compare("case", lambda: Sample(0.5), {"slow": lambda: Sample(5.0)}, runs=1)
    assert [(row.peer, row.ratio) for row in rows] == [("slow", 10.0)]


def test_a_case_without_a_peer_has_one_row_without_a_ratio() -> None:
    (row,) = compare("case", lambda: Sample(0.5), {}, runs=1)
    assert (row.ours_s, row.peer_s, row.ratio) == (0.5, None, None)


def test_memory_at_its_peak_is_seen_even_when_it_was_given_back() -> None:
    program = "import time; x = bytearray(b'x' * 80_000_000); time.sleep(0.1); del x; time.sleep(0.1)"
    sample = time_command([sys.executable, "-c", program])
    assert sample.seconds >= 0.2
    assert sample.peak_rss_mb is not None
    assert sample.peak_rss_mb > 76


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(CommandFailed, match="exit status 3: it broke") as caught:
        time_command([sys.executable, "-c", "import sys; print('it broke'); sys.exit(3)"])
    assert caught.value.status == 3


def test_an_expected_status_is_a_measurement() -> None:
    assert time_command([sys.executable, "-c", "raise SystemExit(1)"], statuses=(1,)).seconds > 0


def test_rows_are_written_with_all_their_columns(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.json", [Row(case="help", ours_s=0.1, peer="python", peer_s=0.05, requests=0)])
    assert json.loads((tmp_path / "rows.json").read_text()) == [
        {
            "case": "help",
            "ours_s": 0.1,
            "peer": "python",
            "peer_s": 0.05,
            "ratio": 0.5,
            "requests": 0,
            "peak_rss_mb": None,
        }
    ]


def test_every_benchmark_has_rows() -> None:
    assert "cli" in names()
    assert [name for name in names() if not hasattr(import_module(f"benchmarks.{name}"), "rows")] == []
