"""The demo's parts, each from nothing: how long the main job takes a person who begins today."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.measure import CommandFailed, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROJECT = Path(__file__).parents[1]
SCRIPT = PROJECT / "examples" / "demo.py"
RUNS, SAMPLE_RUNS = 3, 1


def rows(*, sample: bool) -> Iterator[Row]:
    """Yield a row for each part of the demo that its last line has a time for; there is no peer."""
    runs = [seconds_of_a_demo() for _ in range(SAMPLE_RUNS if sample else RUNS)]
    for part in runs[0]:
        yield Row(case=part, ours_s=round(median(run[part] for run in runs), 2))


def seconds_of_a_demo() -> Mapping[str, float]:
    """Run the demo with an undercloud of its own, and return the seconds of its parts; nothing is left running."""
    with tempfile.TemporaryDirectory(prefix="bench-demo-") as name:
        directory = Path(name)
        environment = environment_with_the_tool()
        state = ("--state-dir", str(directory / "cloud"))
        demo = (sys.executable, str(SCRIPT), "--directory", str(directory / "plans"), *state)
        try:
            output = output_of(demo, environment=environment)
        finally:
            output_of(("tripleo-plan", "undercloud", "down", *state), environment=environment)
        seconds: dict[str, float] = json.loads(output.splitlines()[-1])["seconds"]
        return seconds


def environment_with_the_tool() -> dict[str, str]:
    """Return this environment with this interpreter's scripts first, and without a cloud that was chosen before."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    return kept | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def output_of(command: tuple[str, ...], *, environment: Mapping[str, str]) -> str:
    """Return what a command prints; raises CommandFailed."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandFailed(command, status=done.returncode, output=done.stdout + done.stderr)
    return done.stdout
