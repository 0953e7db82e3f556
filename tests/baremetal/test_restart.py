"""Ironic that is killed in the midst of it: the command waits or says so, and the next one finishes the job."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest
from platformdirs import user_cache_path

from tripleo_gitops.errors import GitopsError
from tripleo_gitops.nodes.desired import DesiredNode, DesiredPort
from tripleo_gitops.openstack.baremetal import IronicNodes
from tripleo_gitops.openstack.connection import connect
from tripleo_gitops.openstack.ironic_requests import IronicRequests
from tripleo_gitops.operations.nodes.outcomes import FleetOptions, FleetOutcome
from tripleo_gitops.operations.nodes.registration import plan_registration
from tripleo_gitops.operations.nodes.workflow import After, register_nodes
from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.clouds import CLOUD
from tripleo_gitops.undercloud.config import Condition, Service, Undercloud

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.undercloud
NODES = 12


@pytest.fixture
def own(tmp_path: Path, metal: object) -> Iterator[Undercloud]:
    """Return an undercloud of this test's own, since what it kills is nobody else's; `metal` made the schemas."""
    cache = user_cache_path("tripleo-gitops")
    services = (Service.KEYSTONE, Service.IRONIC)
    config = Undercloud(state_dir=tmp_path / "own", cache_dir=cache, services=services)
    supervisor.up(config, progress=lambda _line: None)
    yield config
    supervisor.down(config)


def test_an_ironic_that_is_killed_in_the_midst_costs_nothing_but_time(own: Undercloud) -> None:
    ironic = IronicNodes(IronicRequests(connect(CLOUD, clouds_file=own.state_dir / "clouds.yaml")))
    desired = [machine(number) for number in range(NODES)]
    options = FleetOptions(concurrency=3, outage=180, node_timeout=120)

    def register() -> FleetOutcome:
        planned = plan_registration(ironic, desired, plan="p")
        after = After(introspects_new=True, provides=True)
        return register_nodes(ironic, planned, after, options=options, clock=time, show=lambda _: None)

    killed = threading.Thread(target=kill_and_start, args=(own, ironic))
    killed.start()
    with contextlib.suppress(GitopsError):  # some nodes may fail, or the command may give up
        register()
    killed.join()
    for _ in range(3):
        if not register().failed:
            break
    states = {node.state.provision_state for node in ironic.nodes()}
    assert (len(ironic.nodes()), states) == (NODES, {"available"})
    assert all(len(node.ports) == 1 for node in ironic.nodes())
    assert register().outcomes == ()


def kill_and_start(config: Undercloud, ironic: IronicNodes) -> None:
    """Kill Ironic once the first nodes are there, then start it again."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(ironic.states()) < NODES // 2:
        time.sleep(0.1)
    (found,) = [one for one in supervisor.status(config) if one.service is Service.IRONIC]
    assert found.pid is not None
    os.kill(found.pid, signal.SIGKILL)
    while any(
        one.service is Service.IRONIC and one.condition is not Condition.DEAD for one in supervisor.status(config)
    ):
        time.sleep(0.1)
    supervisor.up(config, progress=lambda _line: None)


def machine(number: int) -> DesiredNode:
    return DesiredNode(
        label=f"n{number}",
        name=f"n{number}",
        source="n.yaml",
        driver="fake-hardware",
        plan="p",
        ports=(DesiredPort(address=f"52:54:00:00:00:{number:02x}"),),
    )
