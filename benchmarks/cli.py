"""How long a command takes before it does anything: beside a bare interpreter, and OpenStack's own client."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Row, compare, time_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.measure import Work

PROJECT = Path(__file__).parents[1]
EXAMPLE = PROJECT / "examples" / "plan-repo"
OURS = (sys.executable, "-c", "from tripleo_gitops.cli.main import main; main()")
"""What the installed script `tripleo-plan` does."""

CLEAN, DIFFERENT = 0, 1
RUNS, SAMPLE_RUNS = 15, 3


def rows(*, sample: bool) -> Iterator[Row]:
    """Yield `help` (peers: Python alone, `openstack --help`) and `diff` of one value of the example plan."""
    runs = SAMPLE_RUNS if sample else RUNS
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    peers: dict[str, Work] = {"python -c pass": command(sys.executable, "-c", "pass")}
    if not sample:
        peers["openstack --help"] = command(sys.executable, "-m", "openstackclient.shell", "--help")
    yield from compare("help", command(*OURS, "--help", environment=environment), peers, runs=runs)
    with changed_example() as plan:
        diff = command(*OURS, "diff", cwd=plan, environment=environment, statuses=(DIFFERENT,))
        yield from compare("diff", diff, {"git diff": command("git", "diff", cwd=plan)}, runs=runs)


def command(
    *words: str,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    statuses: tuple[int, ...] = (CLEAN,),
) -> Work:
    """Return a command as something to measure."""
    return lambda: time_command(words, cwd=cwd, environment=environment, statuses=statuses)


@contextmanager
def changed_example() -> Iterator[Path]:
    """Give a clone of the example plan whose work tree has one changed value, and take it away again."""
    git = ("git", "-c", "user.name=Bench", "-c", "user.email=bench@localhost")
    with tempfile.TemporaryDirectory(prefix="bench-cli-") as directory:
        plan = Path(directory) / "plan"
        shutil.copytree(EXAMPLE, plan)
        for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "Begin")):
            time_command((*git, *words), cwd=plan)
        environment = plan / "plan-environment.yaml"
        text = environment.read_text()
        environment.write_text(text.replace("ControllerCount: 1", "ControllerCount: 2"))
        yield plan
