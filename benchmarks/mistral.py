"""What the tool's actions add to Mistral's own time, and a deploy by Mistral beside one by the embedded engine.

Synchronous actions are measured beside `std.noop`, in turns, on one Mistral: the seconds of a call, and those that
Mistral's process computes for it, which say more on a busy machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openstack.config
import openstack.connection

from benchmarks.measure import Row, Sample, interleave, time_call, time_command
from tripleo_gitops.openstack.swift import SwiftContainers
from tripleo_gitops.operations.mirror.announcement import USAGE_KEY, USAGE_VALUE
from tripleo_gitops.operations.mirror.manifest import md5_of
from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.config import DEFAULT_SERVICES, Service, Undercloud

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openstack.connection import Connection

RUNS, SAMPLE_RUNS = 30, 7
PLAN = "bench"
NOOP = "std.noop"
ACTIONS = (
    ("convert-status", "tripleo.deployment.convert_status", {"status": "CREATE_COMPLETE"}),
    ("role-list", "tripleo.role.list", {"container": PLAN}),
    ("plan-list", "tripleo.plan.list", {}),
    ("capabilities-get", "tripleo.heat_capabilities.get", {"container": PLAN}),
)
COUNTED_TOGETHER = 10
"""Calls whose computing is counted at once: the kernel counts in hundredths of a second."""
DEPLOYS, SAMPLE_DEPLOYS = 3, 1
SMALL = {"AllNodesValidationSeconds": 0, "ComputeCount": 0, "ControllerCount": 1}
ENGINES = ("mistral", "embedded")
EXAMPLE = Path(__file__).parents[1] / "examples" / "plan-repo"


def rows(*, sample: bool) -> Iterator[Row]:
    """Yield one row an action: seconds of the call, and of a no-op beside it."""
    with tempfile.TemporaryDirectory(prefix="bench-mistral-") as directory:
        place = Path(directory)
        cloud = Undercloud(
            state_dir=place, cache_dir=place / "cache", services=(*DEFAULT_SERVICES, Service.MISTRAL), ephemeral=True
        )
        try:
            running = supervisor.up(cloud, progress=lambda _line: None)
            loader = openstack.config.OpenStackConfig(config_files=[str(running.clouds_file)], load_envvars=False)
            connection = openstack.connection.Connection(config=loader.get_one("undercloud"))
            yield from _measured(connection, _process_of(cloud), sample=sample)
            yield from _deploys(connection, place, running.clouds_file, sample=sample)
        finally:
            supervisor.down(cloud)


def _measured(connection: Connection, mistral: int, *, sample: bool) -> Iterator[Row]:
    _make_plan(connection)
    calls = {name: partial(_call, connection, action, inputs) for name, action, inputs in ((NOOP, NOOP, {}), *ACTIONS)}
    for call in calls.values():
        call()
    runs = SAMPLE_RUNS if sample else RUNS
    waited = interleave({name: partial(time_call, call) for name, call in calls.items()}, runs=runs)
    computed = interleave(
        {name: partial(_time_computing, mistral, call) for name, call in calls.items()}, runs=max(1, runs // 6)
    )
    for words, medians in (("", waited), (" (computing)", computed)):
        for name, _action, _inputs in ACTIONS:
            yield Row(case=f"{name}{words}", ours_s=medians.seconds[name], peer=NOOP, peer_s=medians.seconds[NOOP])


def _deploys(connection: Connection, place: Path, clouds_file: Path, *, sample: bool) -> Iterator[Row]:
    """Yield the row of a small plan's deploy and undeploy, by each engine in turns, from the command line."""
    plans, mistral = place / "mistral" / "plans", place / "mistral"
    _call(connection, "tripleo.parameters.update", {"container": PLAN, "parameters": SMALL, "validate": False})
    environment = {
        **os.environ,
        "OS_CLIENT_CONFIG_FILE": str(clouds_file),
        "OS_CLOUD": "undercloud",
        "SOPS_AGE_KEY_FILE": str(mistral / "age-key.txt"),
        "TRIPLEO_PLAN_RUNS": f"sqlite:///{place / 'runs.sqlite'}",
        "XDG_STATE_HOME": str(place / "state"),
    }
    clone = place / "clone"
    subprocess.run(("git", "clone", "--quiet", plans / f"{PLAN}.git", clone), check=True)
    tool = str(Path(sys.executable).parent / "tripleo-plan")
    time_command((tool, "mistral", "install"), environment=environment)

    def deploy(engine: str) -> Sample:
        done = time_command((tool, "deploy", "--yes", "--engine", engine), cwd=clone, environment=environment)
        undeploy = (tool, "undeploy", "--yes", "--allow-delete", "--engine", engine)
        time_command(undeploy, cwd=clone, environment=environment)
        return done

    works = {engine: partial(deploy, engine) for engine in ENGINES}
    medians = interleave(works, runs=SAMPLE_DEPLOYS if sample else DEPLOYS, warm_up=0 if sample else 1)
    yield Row(
        case="deploy by Mistral",
        ours_s=medians.seconds["mistral"],
        peer="embedded",
        peer_s=medians.seconds["embedded"],
        peak_rss_mb=medians.peak_rss_mb["mistral"],
    )


def _process_of(cloud: Undercloud) -> int:
    """Return the process of an undercloud's Mistral."""
    found = (one.pid for one in supervisor.status(cloud) if one.service is Service.MISTRAL)
    return next(pid for pid in found if pid is not None)


def _time_computing(process: int, call: Callable[[], None]) -> Sample:
    """Return the seconds that a process computes for one call, of several."""
    before = _computed(process)
    for _ in range(COUNTED_TOGETHER):
        call()
    return Sample((_computed(process) - before) / COUNTED_TOGETHER)


def _computed(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _make_plan(connection: Connection) -> None:
    containers = SwiftContainers(connection)
    containers.create(PLAN, {USAGE_KEY: USAGE_VALUE})
    for path in EXAMPLE.rglob("*"):
        if path.is_file():
            content, name = path.read_bytes(), path.relative_to(EXAMPLE).as_posix()
            containers.put(PLAN, name, content, md5=md5_of(content), content_type="text/plain")
    _call(connection, "tripleo.git.create_plan", {"container": PLAN})


def _call(connection: Connection, action: str, inputs: dict[str, Any]) -> None:
    body = {"name": action, "input": json.dumps(inputs), "params": json.dumps({"run_sync": True})}
    answer = connection.workflow.post("/action_executions", json=body)
    if answer.json().get("state") != "SUCCESS":
        raise RuntimeError(f"{action}: {answer.text[:500]}")
