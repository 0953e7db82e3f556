"""Hosts that provisioning knows before any stack does, in the inventory of playbooks."""

from __future__ import annotations

from typing import Any

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.nodes.deployment import RoleRequest
from tripleo_gitops.nodes.instances import deployed_environment, expand_roles
from tripleo_gitops.operations.playbooks.plays import Ground
from tripleo_gitops.plan.settings import PlanSettings

ROLES = (
    RoleRequest(
        name="Controller",
        count=2,
        instances=(
            {"hostname": "alpha", "networks": [{"network": "ctlplane", "fixed_ip": "192.168.24.10"}]},
            {"hostname": "gone", "provisioned": False},
            {"hostname": "beta"},
        ),
    ),
    RoleRequest(name="Compute", count=1),
)


def hosts(outputs: dict[str, Any], roles: tuple[RoleRequest, ...] = ROLES) -> dict[str, dict[str, str]]:
    """The address of each host, by its role."""
    environment = deployed_environment(expand_roles(roles, stack="site1"), {}, has_port_template=False)
    ground = Ground(
        plan="site1", revision="r", tree=MemoryTree({}), settings=PlanSettings(), outputs=outputs,
        servers=environment["parameter_defaults"],
    )  # fmt: skip
    groups = ground.inventory().document()
    return {
        role: {name: found["ansible_host"] for name, found in groups[role]["hosts"].items()}
        for role in ("Controller", "Compute")
        if role in groups
    }


def test_provisioned_instances_are_hosts_of_their_roles_before_there_is_a_stack() -> None:
    assert hosts({}) == {
        "Controller": {"alpha": "192.168.24.10", "beta": "beta"},
        "Compute": {"site1-novacompute-0": "site1-novacompute-0"},
    }


def test_what_a_stack_says_of_a_role_stays() -> None:
    outputs = {
        "RoleNetHostnameMap": {"Controller": {"ctlplane": ["alpha.ctlplane.local"]}, "Compute": {}},
        "RoleNetIpMap": {"Controller": {"ctlplane": ["10.0.0.7"]}},
    }
    assert hosts(outputs) == {
        "Controller": {"alpha": "10.0.0.7"},
        "Compute": {"site1-novacompute-0": "site1-novacompute-0"},
    }


def test_an_instance_that_was_taken_off_is_no_host() -> None:
    assert "gone" not in hosts({})["Controller"]


def test_without_provisioning_there_are_no_hosts_but_the_stacks() -> None:
    assert hosts({}, ()) == {}


def test_playbooks_are_told_only_what_the_stack_says() -> None:
    ground = Ground(plan="site1", revision="r", tree=MemoryTree({}), settings=PlanSettings(), servers={"x": 1})
    assert ground.outputs == {}
