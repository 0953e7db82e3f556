"""Provisioning where Ironic fails, and where a run was killed: what was begun is taken up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.nodes.fake_ironic import FakeIronic
from tripleo_gitops.nodes.deployment import RoleRequest
from tripleo_gitops.nodes.instances import expand_roles
from tripleo_gitops.nodes.placement import Allocation
from tripleo_gitops.nodes.registered import RegisteredNode
from tripleo_gitops.operations.nodes.outcomes import FleetOptions, FleetOutcome
from tripleo_gitops.operations.nodes.provisioning import (
    Metal,
    TooFewNodes,
    apply_provisioning,
    config_drive,
    plan_provisioning,
)
from tripleo_gitops.operations.nodes.unprovisioning import apply_unprovisioning, plan_unprovisioning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OPTIONS = FleetOptions(tries=2, node_timeout=1000)


@dataclass
class FakeMetal(FakeIronic):
    """The Ironic in memory, with nodes that can be reserved; `refusing` gives no reservation for these nodes."""

    reserved: dict[str, Allocation] = field(default_factory=dict)
    refusing: set[str] = field(default_factory=set)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    drives: dict[str, Any] = field(default_factory=dict)

    def listed(self) -> tuple[RegisteredNode, ...]:
        return tuple(
            RegisteredNode(state=state, driver="fake-hardware", resource_class="baremetal") for state in self.states()
        )

    def provision(self, uuid: str, verb: str, **options: Any) -> None:
        super().provision(uuid, verb)
        if verb == "active":
            self.drives[uuid] = options["configdrive"]
        if verb == "deleted":
            self.reserved = {name: one for name, one in self.reserved.items() if one.node != uuid}

    def patch(self, uuid: str, operations: Sequence[Mapping[str, Any]], *, resets_interfaces: bool = False) -> None:
        assert not resets_interfaces, "no driver is changed"
        self.told[uuid] = {one["path"].rsplit("/", 1)[1]: one["value"] for one in operations}

    def allocations(self) -> tuple[Allocation, ...]:
        return tuple(self.reserved.values())

    def allocation(self, hostname: str) -> Allocation:
        return self.reserved[hostname]

    def allocate(self, hostname: str, *, node: str, resource_class: str, traits: Sequence[str], plan: str) -> None:
        assert (resource_class, list(traits)) == ("baremetal", [])
        state, got = ("error", None) if node in self.refusing else ("active", node)
        found = Allocation(uuid=hostname, hostname=hostname, node=got, state=state, plan=plan, last_error="taken")
        self.reserved[hostname] = found

    def release(self, uuid: str) -> None:
        self.reserved.pop(uuid, None)

    def power(self, uuid: str) -> tuple[str | None, bool, str | None]:
        return self.nodes[uuid].power_state, False, None

    def set_power(self, uuid: str, target: str, *, timeout: int) -> None:
        assert timeout > 0
        self.nodes[uuid] = replace(self.nodes[uuid], power_state=target)


@dataclass(frozen=True)
class Machines:
    """Nodes as provisioning lists them."""

    fake: FakeMetal

    def nodes(self) -> tuple[RegisteredNode, ...]:
        return self.fake.listed()

    def node(self, ident: str) -> RegisteredNode:
        return next(one for one in self.nodes() if one.uuid == ident)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.fake, name)


def provision(fake: FakeMetal, count: int) -> FleetOutcome:
    expansion = expand_roles([RoleRequest(name="Compute", count=count)], stack="lab")
    planned = plan_provisioning(Machines(fake), fake, expansion, plan="lab")
    metal = Metal(Machines(fake), fake, fake)
    return apply_provisioning(metal, planned, options=OPTIONS, clock=fake, show=lambda _: None)


def unprovision(fake: FakeMetal, *names: str) -> FleetOutcome:
    ending = plan_unprovisioning(fake, plan="lab", kept=(), named=names)
    return apply_unprovisioning(fake, fake, ending, options=OPTIONS, clock=fake, show=lambda _: None)


def test_instances_are_deployed_each_with_its_own_drive_and_the_second_time_changes_nothing() -> None:
    fake = FakeMetal()
    fake.add(3, "available")
    assert not provision(fake, 3).failed
    assert sorted(drive["meta_data"]["hostname"] for drive in fake.drives.values()) == [
        "lab-novacompute-0",
        "lab-novacompute-1",
        "lab-novacompute-2",
    ]
    asked = list(fake.asked)
    assert not provision(fake, 3).is_changed
    assert fake.asked == asked


def test_too_few_nodes_reserve_nothing() -> None:
    fake = FakeMetal()
    fake.add(2, "available")
    with pytest.raises(TooFewNodes, match="1 of 3"):
        provision(fake, 3)
    assert fake.reserved == {}


def test_a_deployment_that_failed_is_tried_again_and_then_told_for_its_node_alone() -> None:
    fake = FakeMetal(failing={("u0", "active"): 1, ("u1", "active"): 9})
    fake.add(3, "available")
    (failed,) = provision(fake, 3).failed
    assert failed.uuid == "u1"
    assert "the controller does not answer" in failed.reason
    assert {uuid: node.provision_state for uuid, node in fake.nodes.items()} == {
        "u0": "active",
        "u1": "deploy failed",
        "u2": "active",
    }
    fake.failing.clear()
    assert not provision(fake, 3).failed
    assert fake.nodes["u1"].provision_state == "active"


def test_a_node_that_somebody_takes_meanwhile_fails_for_its_instance_alone() -> None:
    fake = FakeMetal(refusing={"u0"})
    fake.add(2, "available")
    outcome = provision(fake, 2)
    assert [one.uuid for one in outcome.failed] == ["u0"]
    assert fake.nodes["u1"].provision_state == "active"
    assert len(fake.reserved) == 1


@pytest.mark.parametrize("state", ["available", "deploying", "deploy failed"])
def test_a_run_that_was_killed_is_taken_up_where_it_stopped(state: str) -> None:
    fake = FakeMetal()
    fake.add(2, state)
    reserved = Allocation(uuid="a", hostname="lab-novacompute-0", node="u1", state="active", plan="lab")
    fake.reserved["lab-novacompute-0"] = reserved
    if state == "deploying":
        fake._ends["u1"] = "active"
    assert not provision(fake, 1).failed
    assert fake.nodes["u1"].provision_state == "active"
    assert fake.nodes["u0"].provision_state == state
    assert list(fake.reserved) == ["lab-novacompute-0"]


def test_unprovisioning_gives_back_what_was_deployed_and_what_was_only_reserved() -> None:
    fake = FakeMetal()
    fake.add(2, "available")
    provision(fake, 1)
    fake.reserved["only"] = Allocation(uuid="only", hostname="only", node="u1", state="active", plan="lab")
    fake.reserved["foreign"] = Allocation(uuid="foreign", hostname="foreign", node=None, state="error", plan="other")
    assert not unprovision(fake).failed
    assert list(fake.reserved) == ["foreign"]
    assert {node.provision_state for node in fake.nodes.values()} == {"available"}


def test_a_node_that_cannot_be_emptied_keeps_its_reservation() -> None:
    fake = FakeMetal(failing={("u0", "deleted"): 9})
    fake.add(1, "active")
    fake.reserved["x"] = Allocation(uuid="x", hostname="x", node="u0", state="active", plan="lab")
    before = dict(fake.reserved)
    fake.held = {"u0": 10_000}
    assert unprovision(fake, "x").failed
    assert fake.reserved == before


def test_a_drive_lets_in_whom_the_file_names() -> None:
    role = RoleRequest(name="Compute", defaults={"ssh_public_keys": "ssh-ed25519 A a\n", "user_name": "ann"})
    (one,) = expand_roles([role], stack="lab").instances
    text = config_drive(one)["user_data"]
    assert text.startswith("#cloud-config\n")
    assert '"ssh_authorized_keys": ["ssh-ed25519 A a"]' in text
    assert '"name": "ann"' in text
