"""The way from a commit to Heat: real services, with a proxy before Heat that writes down when it was asked what.

The undercloud's Heat is asked by `tripleo-plan deploy --yes` of the example plan: first for the stack as it stands, to
show what changes, then, by the run, to update it. The second is measured with the plan's own pre-deployment
validations, which are played by Ansible, and without them: the rest is ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import openstack
import yaml

from benchmarks.measure import CommandFailed, Row
from faults.proxy import FaultProxy
from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.config import Undercloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faults.proxy import Fault, Request

TOOL = str(Path(sys.executable).parent / "tripleo-plan")
CLOUD = "undercloud"
GATES = 'gates = ["pre-deployment", "post-deployment"]'
ASKS_TO_DEPLOY = frozenset({"POST", "PUT"})
PERSON = {f"GIT_{who}_{what}": f"{what.lower()}@bench" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@dataclass(frozen=True, slots=True)
class Way:
    """Seconds from a commit to the first request that Heat gets, and to the one that makes it act."""

    heard: float
    asked: float


def rows(directory: Path, *, turns: int) -> Iterator[Row]:
    """Yield what it takes from a commit until Heat is asked anything, and until it is asked to update the stack."""
    with cloud(directory / "cloud") as (clouds, arrivals):
        environment = os.environ | PERSON | {
            "OS_CLOUD": CLOUD, "OS_CLIENT_CONFIG_FILE": str(clouds), "HOME": str(directory),
            "XDG_STATE_HOME": str(directory / "state"), "XDG_CACHE_HOME": str(directory / "cache"),
        }  # fmt: skip
        for name, what in (("bare", "no gates"), ("gated", "2 validations")):
            plan = directory / name
            run("init", str(plan), cwd=directory, environment=environment)
            if name == "bare":
                settings = plan / "tripleo-plan.toml"
                settings.write_text(settings.read_text().replace(GATES, "gates = []"))
            ways = [one_way(plan, turn, arrivals, environment=environment) for turn in range(turns + 1)][1:]
            heard = round(median(way.heard for way in ways), 3)
            if name == "bare":
                yield Row(case="commit to the first request", ours_s=heard, requests=1)
            asked = round(median(way.asked for way in ways), 3)
            yield Row(case=f"commit to the update, {what}", ours_s=asked)


def one_way(plan: Path, turn: int, arrivals: list[tuple[float, str]], *, environment: dict[str, str]) -> Way:
    """Commit a change and deploy it; return when Heat was asked, counted from the commit's end."""
    (plan / "README.md").write_text(f"turn {turn}\n")
    run("commit", "--all", "-m", "x", cwd=plan, environment=environment)
    arrivals.clear()
    begun = time.monotonic()
    run("deploy", "--yes", cwd=plan, environment=environment)
    asked = [moment for moment, method in arrivals if method in ASKS_TO_DEPLOY]
    if not asked:
        raise CommandFailed(("tripleo-plan", "deploy"), status=0, output="Heat was not asked for anything")
    return Way(arrivals[0][0] - begun, asked[0] - begun)


@contextmanager
def cloud(state_dir: Path) -> Iterator[tuple[Path, list[tuple[float, str]]]]:
    """Give a clouds.yaml whose Heat is behind a proxy, and the moments and methods of the requests that it gets."""
    config = Undercloud(state_dir=state_dir, cache_dir=state_dir / "cache")
    running = supervisor.up(config, progress=lambda _line: None)
    arrivals: list[tuple[float, str]] = []

    def note(request: Request) -> Fault | None:
        arrivals.append((time.monotonic(), request.method))
        return None

    try:
        loader = openstack.config.OpenStackConfig(config_files=[str(running.clouds_file)], load_envvars=False)
        heat = openstack.connection.Connection(config=loader.get_one(cloud=CLOUD)).orchestration.get_endpoint()
        with FaultProxy(heat) as proxy:
            proxy.decide = note
            clouds = yaml.safe_load(running.clouds_file.read_text())
            path = heat.partition("://")[2].partition("/")[2]
            clouds["clouds"][CLOUD]["orchestration_endpoint_override"] = f"{proxy.url}/{path}"
            behind = state_dir / "behind-proxy.yaml"
            behind.write_text(yaml.safe_dump(clouds))
            yield behind, arrivals
    finally:
        supervisor.down(config)


def run(*words: str, cwd: Path, environment: dict[str, str]) -> None:
    """Run the tool; raises CommandFailed with what it said, its standard error too."""
    done = subprocess.run((TOOL, *words), cwd=cwd, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise CommandFailed(("tripleo-plan", *words), status=done.returncode, output=done.stdout + done.stderr)
