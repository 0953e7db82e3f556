"""A mirror's memory: for plans of ever more files, for the same files with more in them, and for many plans at once.

Each row is one process that syncs into containers that are not there yet: its seconds, and the peak of the memory
that it has for itself (the repository's pack is mapped besides). There is no peer: the figures are to be compared with
each other.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Row, anonymous_kib, time_command
from benchmarks.mirror import swift

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faults.mirrors import Access

PROJECT = Path(__file__).parents[1]
KIBIBYTE = 1024
FILES = (1_600, 12_800, 50_000)
PLANS = (1, 1_000)
FEW_FILES = 5
A_DIRECTORY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """How many files a plan has, of how many bytes each, and into how many containers it is put."""

    name: str
    files: int
    size: int
    plans: int = 1


CASES = (
    *(Case(name=f"files-{files}", files=files, size=4 * KIBIBYTE) for files in FILES),
    Case(name=f"files-{FILES[0]}-of-128-KiB", files=FILES[0], size=128 * KIBIBYTE),
    *(Case(name=f"plans-{plans}", files=FEW_FILES, size=KIBIBYTE, plans=plans) for plans in PLANS),
)
SAMPLE = (Case(name="files-20", files=20, size=KIBIBYTE), Case(name="plans-2", files=2, size=KIBIBYTE, plans=2))


def rows(*, sample: bool) -> Iterator[Row]:
    """Yield a row for each case."""
    with ExitStack() as opened:
        directory = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="bench-scale-")))
        access = opened.enter_context(swift(directory / "cloud"))
        for case in SAMPLE if sample else CASES:
            repository = directory / case.name
            fill(repository, files=case.files, size=case.size)
            yield measure(case, repository, access, directory / f"machine-{case.name}")


def measure(case: Case, repository: Path, access: Access, state: Path) -> Row:
    """Return what a process takes that syncs a case's plans."""
    words = (str(repository), str(state), case.name, str(case.plans))
    environment = os.environ | {"BENCH_ENDPOINT": access.endpoint, "BENCH_TOKEN": access.token}
    command = (sys.executable, "-m", "benchmarks.one_sync", *words)
    found = time_command(command, cwd=PROJECT, environment=environment, memory=anonymous_kib)
    return Row(case=case.name, ours_s=found.seconds, peak_rss_mb=found.peak_rss_mb)


def fill(repository: Path, *, files: int, size: int) -> None:
    """Make a repository with one commit of so many files of random text, all of them different."""
    subprocess.run(("git", "init", "-q", "-b", "main", str(repository)), check=True)
    importer = subprocess.Popen(("git", "fast-import", "--quiet"), cwd=repository, stdin=subprocess.PIPE)
    assert importer.stdin is not None, "it was asked for"
    chance = random.Random(files)
    importer.stdin.write(b"commit refs/heads/main\ncommitter Bench <bench@localhost> 0 +0000\ndata 0\n")
    for number in range(files):
        importer.stdin.write(f"M 644 inline files/{number // A_DIRECTORY}/{number}.txt\ndata {size}\n".encode())
        importer.stdin.write(chance.randbytes(size // 2).hex().encode() + b"\n")
    with importer:
        importer.stdin.close()
    if importer.returncode:
        raise subprocess.CalledProcessError(importer.returncode, "git fast-import")
