"""One parameter diff in this process, measured: what `benchmarks.parameters` runs again and again."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from tripleo_gitops.cli.main import collect_rarely
from tripleo_gitops.heat.functions.yaql_expression import parse_expression
from tripleo_gitops.operations.comparison.diff import diff_plans
from tripleo_gitops.repository.cache import DiskCache
from tripleo_gitops.repository.directory import DirectoryTree
from tripleo_gitops.repository.objects import PlanRepository

PROJECT = Path(__file__).parents[1]
TOLD = "-file-"


class CountingCache(DiskCache):
    """The cache, which counts the templates that were parsed because it did not know them."""

    parsed = 0

    def put(self, key: str, content: bytes) -> None:
        self.parsed += TOLD in key
        super().put(key, content)


def measure_one(repository: Path, old: str, new: str, cache: Path) -> dict[str, Any]:
    """Return seconds, peak memory in MiB and the count of parsed templates of one diff in this process."""
    example = DirectoryTree(PROJECT / "examples" / "plan-repo")
    with PlanRepository.open(repository) as opened:
        opened.resolve(old)
    parse_expression("$.data")
    collect_rarely()
    diff_plans(None, example, old_label="nothing", new_label="example")
    diff_plans(example, example, old_label="example", new_label="example")
    counting = CountingCache(cache)
    started = time.perf_counter()
    with PlanRepository.open(repository, cache=counting) as opened:
        trees = [opened.tree(opened.resolve(name)) for name in (old, new)]
        diff_plans(trees[0], trees[1], old_label=old, new_label=new, cache=counting)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_rss_mb": round(peak, 1), "parsed": counting.parsed}


if __name__ == "__main__":
    print(json.dumps(measure_one(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]))))
