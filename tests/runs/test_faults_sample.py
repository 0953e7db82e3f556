"""A sample of the fault cases: processes killed anywhere, locks, stand-stills, crowds of servers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from faults.postgresql import find_programs

PROJECT = Path(__file__).parents[2]
SAMPLE = 7


def test_no_sampled_fault_loses_or_doubles_a_run() -> None:
    if find_programs() is None:
        pytest.skip("PostgreSQL's server is not installed; Debian: apt-get install postgresql")
    command = (sys.executable, "-m", "faults", "runs", "--sample", str(SAMPLE))
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    found = re.search(r"runs: (\d+) cases .* (\d+) failed", done.stdout)
    assert found, done.stdout + done.stderr
    assert (int(found[1]), int(found[2])) == (SAMPLE + 1, 0), done.stdout + done.stderr
    assert "on postgresql" in done.stdout
