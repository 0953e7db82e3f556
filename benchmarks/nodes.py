"""Machines: 100 registered, introspected and provided, beside what Ironic itself takes; a repeat with nothing to do.

The peer asks Ironic in the same session with the same concurrency for nothing but what has to be asked: a node, a
port, and three verbs, each followed by looking at that node. Each turn has nodes of its own, removed after it.
"""

from __future__ import annotations

import json
import logging
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Row, interleave, time_call
from tripleo_gitops.nodes.desired import NodeDefaults
from tripleo_gitops.openstack.baremetal import IronicNodes
from tripleo_gitops.openstack.connection import connect
from tripleo_gitops.openstack.ironic_requests import IronicRequests
from tripleo_gitops.operations.nodes.files import nodes_of_file
from tripleo_gitops.operations.nodes.outcomes import FleetOptions
from tripleo_gitops.operations.nodes.registration import plan_registration
from tripleo_gitops.operations.nodes.workflow import After, register_nodes
from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.clouds import CLOUD
from tripleo_gitops.undercloud.config import Service, Undercloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.measure import Sample

NODES, SAMPLE_NODES = 100, 5
RUNS, REPEATS = 3, 7
CONCURRENCY = 20
POLL_SECONDS = 0.2
PLAN = "bench"
STEPS = (("manage", "manageable"), ("inspect", "manageable"), ("provide", "available"))


class CountedRequests(IronicRequests):
    """Requests to Ironic, counted."""

    count = 0

    def send(self, method: str, path: str, **options: Any) -> Any:
        self.count += 1
        return super().send(method, path, **options)


@dataclass
class Bench:
    """An Ironic, and the machines of each turn."""

    requests: CountedRequests
    ironic: IronicNodes
    nodes: int
    turns: Iterator[int]

    def machines(self) -> list[dict[str, Any]]:
        turn = next(self.turns)
        return [
            {
                "name": f"bench-{turn}-{number}",
                "pm_type": "fake-hardware",
                "ports": [{"address": f"52:54:{turn:02x}:00:{number >> 8:02x}:{number & 255:02x}"}],
                "capabilities": "profile:compute",
            }
            for number in range(self.nodes)
        ]

    def register(self, machines: list[dict[str, Any]]) -> int:
        """Register, introspect and provide as the tool does; return how many nodes something was done about."""
        content = json.dumps(machines).encode()
        desired = nodes_of_file(content, "nodes.json", None, NodeDefaults(plan=PLAN))
        planned = plan_registration(self.ironic, desired, plan=PLAN, is_whole=False)
        after = After(introspects_new=True, provides=True)
        options = FleetOptions(concurrency=CONCURRENCY, interval=POLL_SECONDS)
        done = register_nodes(self.ironic, planned, after, options=options, clock=time, show=lambda _: None)
        done.check()
        return len(done.outcomes)

    def clear(self) -> None:
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            list(pool.map(lambda state: self.ironic.delete(state.uuid), self.ironic.states()))


def rows(*, sample: bool) -> Iterator[Row]:
    """Yield `register-100` beside Ironic alone, and `repeat-100`, with the requests of one repeat."""
    logging.getLogger("keystoneauth").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="bench-nodes-") as place, _ironic(Path(place)) as requests:
        size = SAMPLE_NODES if sample else NODES
        bench = Bench(requests, IronicNodes(requests), size, count())
        medians = interleave(
            {"ours": lambda: _ours(bench), "ironic": lambda: _alone(bench)},
            runs=1 if sample else RUNS,
            warm_up=0 if sample else 1,
        )
        seconds = medians.seconds
        yield Row(
            case=f"register-{size}",
            ours_s=seconds["ours"],
            peer=f"Ironic alone, {CONCURRENCY} at once",
            peer_s=seconds["ironic"],
        )
        machines = bench.machines()
        bench.register(machines)
        repeated = interleave({"ours": lambda: _repeat(bench, machines)}, runs=1 if sample else REPEATS)
        before = requests.count
        assert bench.register(machines) == 0, "the second time changes nothing"
        yield Row(case=f"repeat-{size}", ours_s=repeated.seconds["ours"], requests=requests.count - before)


def _ours(bench: Bench) -> Sample:
    machines = bench.machines()
    found = time_call(lambda: bench.register(machines))
    bench.clear()
    return found


def _repeat(bench: Bench, machines: list[dict[str, Any]]) -> Sample:
    return time_call(lambda: bench.register(machines))


def _alone(bench: Bench) -> Sample:
    machines = bench.machines()

    def work() -> None:
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            list(pool.map(lambda machine: _one(bench.requests, machine), machines))

    found = time_call(work)
    bench.clear()
    return found


def _one(requests: IronicRequests, machine: dict[str, Any]) -> None:
    properties = {"capabilities": machine["capabilities"]}
    body = {"name": machine["name"], "driver": "fake-hardware", "properties": properties}
    uuid = requests.send("POST", "/nodes", body=body).json()["uuid"]
    requests.send("POST", "/ports", body={"node_uuid": uuid, "address": machine["ports"][0]["address"]})
    for verb, end in STEPS:
        requests.send("PUT", f"/nodes/{uuid}/states/provision", body={"target": verb})
        while True:
            time.sleep(POLL_SECONDS)
            found = requests.get(f"/nodes/{uuid}", fields="provision_state,reservation")
            if found["provision_state"] == end and not found["reservation"]:
                break


@contextmanager
def _ironic(place: Path) -> Iterator[CountedRequests]:
    config = Undercloud(
        state_dir=place / "state", cache_dir=place / "cache", services=(Service.KEYSTONE, Service.IRONIC)
    )
    try:
        running = supervisor.up(config, progress=lambda _line: None)
        yield CountedRequests(connect(CLOUD, clouds_file=running.clouds_file))
    finally:
        supervisor.down(config)
