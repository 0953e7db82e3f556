"""Commands that only read runs load no client of OpenStack: it takes longer than all else of them together."""

from __future__ import annotations

import subprocess
import sys

import pytest

READ = """
import sys
from tripleo_gitops.cli.main import run
run(sys.argv[1:])
print([name for name in ("openstack", "dbos", "apprise", "jinja2") if name in sys.modules])
"""


@pytest.mark.parametrize("words", ["run list", "run show 1", "run logs 1", "run why 1", "run workflows"])
def test_reading_runs_loads_little(words: str) -> None:
    done = subprocess.run(
        (sys.executable, "-c", READ, *words.split()), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
