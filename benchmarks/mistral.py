"""What the tool's actions add to Mistral's own time: synchronous ones beside `std.noop`, in turns, on one Mistral."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import openstack.config
import openstack.connection

from benchmarks.measure import Row, interleave, time_call
from tripleo_gitops.openstack.swift import SwiftContainers
from tripleo_gitops.operations.announcement import USAGE_KEY, USAGE_VALUE
from tripleo_gitops.operations.manifest import md5_of
from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.config import DEFAULT_SERVICES, Service, Undercloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openstack.connection import Connection

RUNS, SAMPLE_RUNS = 30, 3
PLAN = "bench"
NOOP = "std.noop"
ACTIONS = (
    ("convert-status", "tripleo.deployment.convert_status", {"status": "CREATE_COMPLETE"}),
    ("role-list", "tripleo.role.list", {"container": PLAN}),
    ("plan-list", "tripleo.plan.list", {}),
    ("capabilities-get", "tripleo.heat_capabilities.get", {"container": PLAN}),
)
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
            yield from _measured(openstack.connection.Connection(config=loader.get_one("undercloud")), sample=sample)
        finally:
            supervisor.down(cloud)


def _measured(connection: Connection, *, sample: bool) -> Iterator[Row]:
    _make_plan(connection)
    works = {
        name: partial(time_call, partial(_call, connection, action, inputs))
        for name, action, inputs in ((NOOP, NOOP, {}), *ACTIONS)
    }
    for work in works.values():
        work()
    medians = interleave(works, runs=SAMPLE_RUNS if sample else RUNS)
    for name, _action, _inputs in ACTIONS:
        yield Row(case=name, ours_s=medians.seconds[name], peer=NOOP, peer_s=medians.seconds[NOOP])


def _make_plan(connection: Connection) -> None:
    containers = SwiftContainers(connection)
    containers.create(PLAN, {USAGE_KEY: USAGE_VALUE})
    for path in EXAMPLE.rglob("*"):
        if path.is_file():
            content, name = path.read_bytes(), path.relative_to(EXAMPLE).as_posix()
            containers.put(PLAN, name, content, md5=md5_of(content), content_type="text/plain")
    _call(connection, "tripleo.git.create_plan", {"container": PLAN})


def _call(connection: Connection, action: str, inputs: dict[str, str]) -> None:
    body = {"name": action, "input": json.dumps(inputs), "params": json.dumps({"run_sync": True})}
    answer = connection.workflow.post("/action_executions", json=body)
    if answer.json().get("state") != "SUCCESS":
        raise RuntimeError(f"{action}: {answer.text[:500]}")
