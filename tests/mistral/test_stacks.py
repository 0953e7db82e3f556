"""Stacks over Mistral: chosen nodes go, and a stack that is deleted is followed for as long as was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mistral.conftest import Mistral, make_small_plan
from tripleo_gitops.openstack.heat import HeatStacks

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.undercloud
SCALES, STACKS, DEPLOYMENT = "tripleo.scale.v1", "tripleo.stack.v1", "tripleo.deployment.v1"


def members(mistral: Mistral, name: str, role: str) -> set[str]:
    """Return the members of a role's group in a stack."""
    stacks = HeatStacks(mistral.connection)
    found = stacks.find(name)
    assert found is not None
    holders = (one.path.rpartition("/") for one in stacks.resources(found))
    return {member for holder, _, member in holders if holder == role}


def test_chosen_nodes_go_and_the_stack_is_followed_for_as_long_as_asked(
    installed: Mistral, name: str, example: Path
) -> None:
    make_small_plan(installed, name, example)
    installed.call("tripleo.parameters.update", container=name, parameters={"ComputeCount": 2}, validate=False)
    deployed = installed.run("tripleo.git.v1.deploy", container=name)
    assert deployed["state"] == "SUCCESS", deployed["output"]
    assert members(installed, name, "Compute") == {"0", "1"}

    removed = installed.run(f"{SCALES}.delete_node", container=name, nodes=["Compute/0"])
    assert (removed["state"], removed["output"]["message"]) == ("SUCCESS", "Nodes removed."), removed["output"]
    assert members(installed, name, "Compute") == {"1"}
    newest = installed.call("tripleo.git.revisions", container=name)[0]
    assert (newest["subject"], newest["deployed"]) == ("Remove Compute/0", True)
    assert removed["output"]["revision"].endswith(newest["commit"])

    refused = installed.run(f"{STACKS}.delete_stack", stack=name, timeout=0)
    assert "is no time to delete a stack in" in refused["output"]["message"]
    assert members(installed, name, "Compute") == {"1"}
    left = installed.run(f"{DEPLOYMENT}.undeploy_plan", container=name, timeout=0.0001)
    assert (left["state"], left["output"]["status"]) == ("ERROR", "FAILED")
    assert f"stack {name} is still DELETE_IN_PROGRESS" in left["output"]["message"]
    gone = installed.run(f"{STACKS}.delete_stack", stack=name, timeout=120)
    assert (gone["state"], gone["output"]["message"]) == ("SUCCESS", "Stack deleted."), gone["output"]
    assert HeatStacks(installed.connection).find(name) is None


def test_nodes_of_a_stack_that_is_not_there_are_not_removed(installed: Mistral, plan: str) -> None:
    head = installed.call("tripleo.git.revisions", container=plan)[0]
    refused = installed.run(f"{SCALES}.delete_node", container=plan, nodes=["Compute/0"])
    assert refused["state"] == "ERROR"
    assert f"there is no stack {plan}" in refused["output"]["message"]
    assert installed.call("tripleo.git.revisions", container=plan)[0] == head
    assert installed.run("tripleo.plan_management.v1.list_networks", container=plan)["output"]["network_data"]
