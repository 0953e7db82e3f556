"""Ours and a peer, measured in turns, so that a busy machine slows both alike."""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import GitopsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Work = Callable[[], "Sample"]

POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case of a benchmark: seconds of ours and of a peer (None: there is none), requests, peak memory."""

    case: str
    ours_s: float
    peer: str = ""
    peer_s: float | None = None
    requests: int | None = None
    peak_rss_mb: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times longer than ours the peer takes; None without a peer."""
        return None if self.peer_s is None else round(self.peer_s / self.ours_s, 4)

    def to_document(self) -> dict[str, Any]:
        """Return the row as plain data, with its ratio."""
        return asdict(self) | {"ratio": self.ratio}


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one thing: wall-clock seconds, and the peak of its processes' memory where it is known."""

    seconds: float
    peak_rss_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Medians:
    """What interleaved runs of ours and of peers come to, each by its name."""

    seconds: Mapping[str, float]
    peak_rss_mb: Mapping[str, float | None]


class CommandFailed(GitopsError):
    """A measured command that ended in an unexpected way: its figures would mean nothing."""

    reason = "CommandFailed"

    def __init__(self, command: Sequence[str], *, status: int, output: str) -> None:
        super().__init__(f"{' '.join(command)}: exit status {status}: {output.strip()[-500:]}")
        self.command, self.status = tuple(command), status


def time_call(work: Callable[[], object]) -> Sample:
    """Return how long a call in this process takes."""
    started = time.perf_counter()
    work()
    return Sample(time.perf_counter() - started)


def time_command(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    statuses: tuple[int, ...] = (0,),
    memory: Callable[[int], int] | None = None,
) -> Sample:
    """Return how long a command takes, and the peak of its resident memory in MiB, without what it starts.

    Its output is kept to itself; CommandFailed has the end of it, for a status that is not in `statuses`.
    """
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        with subprocess.Popen(command, cwd=cwd, env=environment, stdout=output, stderr=output) as process:
            peak = watch(process.pid, memory or high_water_kib)
            seconds = time.perf_counter() - started
        if process.returncode not in statuses:
            output.seek(0)
            text = output.read().decode(errors="replace")
            raise CommandFailed(command, status=process.returncode, output=text)
    return Sample(seconds, round(peak / 1024, 1) if peak else None)


def watch(pid: int, memory: Callable[[int], int]) -> int:
    """Wait until a process ends, and return the most memory that it was seen to hold, in KiB."""
    peak, end = 0, os.pidfd_open(pid)
    try:
        while not select.select([end], [], [], POLL_SECONDS)[0]:
            peak = max(peak, memory(pid))
    finally:
        os.close(end)
    return peak


def high_water_kib(pid: int) -> int:
    """Return the most memory that a process has held since it was started, in KiB; 0 for one that is gone.

    The kernel keeps it (`VmHWM`), so that looking now and then is enough, but for the last moments.
    """
    return _status_kib(pid, "VmHWM")


def anonymous_kib(pid: int) -> int:
    """Return the memory that a process has for itself now, in KiB, without the files that it has mapped; 0 if gone."""
    return _status_kib(pid, "RssAnon")


def _status_kib(pid: int, field: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{field}:")), 0)


def interleave(works: Mapping[str, Work], *, runs: int, warm_up: int = 1) -> Medians:
    """Run the works in turns, `runs` times after `warm_up` turns that do not count; return the medians."""
    samples: dict[str, list[Sample]] = {name: [] for name in works}
    for turn in range(warm_up + runs):
        for name, work in works.items():
            sample = work()
            if turn >= warm_up:
                samples[name].append(sample)
    return Medians(
        seconds={name: round(median(s.seconds for s in found), 4) for name, found in samples.items()},
        peak_rss_mb={name: _median_peak(found) for name, found in samples.items()},
    )


def compare(case: str, ours: Work, peers: Mapping[str, Work], *, runs: int, warm_up: int = 1) -> tuple[Row, ...]:
    """Return a row for each peer, all measured in turns with ours; one row where there is no peer."""
    medians = interleave({"": ours, **peers}, runs=runs, warm_up=warm_up)
    seconds, peak = medians.seconds[""], medians.peak_rss_mb[""]
    if not peers:
        return (Row(case=case, ours_s=seconds, peak_rss_mb=peak),)
    return tuple(
        Row(case=case, ours_s=seconds, peer=peer, peer_s=medians.seconds[peer], peak_rss_mb=peak) for peer in peers
    )


def _median_peak(samples: Sequence[Sample]) -> float | None:
    known = [sample.peak_rss_mb for sample in samples if sample.peak_rss_mb is not None]
    return round(median(known), 1) if known else None
