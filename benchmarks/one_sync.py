"""Syncs in a process of their own, whose memory is then its own: what `benchmarks.scale` runs.

`python -m benchmarks.one_sync REPOSITORY STATE CONTAINER COUNT`, with the project's Swift in $BENCH_ENDPOINT and a
token in $BENCH_TOKEN: puts the repository's HEAD into COUNT containers, one after the other.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from benchmarks.mirror import PARALLEL
from faults.mirrors import Access, mirror_of
from tripleo_gitops.operations.mirror.history import PlanHistory
from tripleo_gitops.operations.mirror.sync import sync_mirror
from tripleo_gitops.repository.objects import PlanRepository


def sync_all(repository: Path, state: Path, container: str, count: int) -> None:
    """Sync HEAD of a repository into containers that are numbered."""
    store = Access(os.environ["BENCH_ENDPOINT"], os.environ["BENCH_TOKEN"]).store()
    for number in range(count):
        mirror = mirror_of(store, f"{container}-{number}", state, clock=time, seed=number, parallel=PARALLEL)
        with PlanRepository.open(repository) as opened:
            sync_mirror(mirror, PlanHistory(opened, mirror.memory), opened.resolve("HEAD"))


if __name__ == "__main__":
    sync_all(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
