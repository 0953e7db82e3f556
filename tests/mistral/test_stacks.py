"""Stacks over Mistral: chosen nodes go, and a stack that is deleted is followed for as long as was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

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

    removed = installed.run(f"{SCALES}.delete_node", plan_name=name, nodes=["Compute/0"], timeout=60)
    assert (removed["state"], removed["output"]["message"]) == ("SUCCESS", "Nodes removed."), removed["output"]
    assert members(installed, name, "Compute") == {"1"}
    newest = installed.call("tripleo.git.revisions", container=name)[0]
    assert (newest["subject"], newest["deployed"]) == ("Remove Compute/0", True)
    assert removed["output"]["revision"].endswith(newest["commit"])

    narrowed = installed.run(f"{DEPLOYMENT}.config_download_deploy", plan_name=name, tags="facts", verbosity=1)
    assert (narrowed["state"], narrowed["output"]["message"]) == (
        "ERROR",
        "workflow post-deploy has no input tags; it takes none",
    )
    played = installed.run(
        f"{DEPLOYMENT}.config_download_deploy", plan_name=name, work_dir="/srv", tags="", blacklist=[]
    )
    assert played["state"] == "SUCCESS", played["output"]

    refused = installed.run(f"{STACKS}.delete_stack", stack=name, timeout=0)
    assert "is no time to delete a stack in" in refused["output"]["message"]
    assert members(installed, name, "Compute") == {"1"}
    left = installed.run(f"{DEPLOYMENT}.undeploy_plan", container=name, timeout=0.0001)
    assert (left["state"], left["output"]["status"]) == ("ERROR", "FAILED")
    assert f"stack {name} is still DELETE_IN_PROGRESS" in left["output"]["message"]
    gone = installed.run(f"{STACKS}.delete_stack", stack=name, timeout=120)
    assert (gone["state"], gone["output"]["message"]) == ("SUCCESS", "Stack deleted."), gone["output"]
    assert HeatStacks(installed.connection).find(name) is None


def test_what_failed_in_a_deployment_is_told_and_how_it_stands_is_noted_again(
    installed: Mistral, name: str, example: Path
) -> None:
    make_small_plan(installed, name, example)
    asked = f"{DEPLOYMENT}.get_deployment_failures"
    assert installed.run(asked, plan=name)["output"]["deployment_failures"] == {}
    fails = {"ControllerCount": 0, "AllNodesValidationFails": True}
    installed.call("tripleo.parameters.update", container=name, parameters=fails, validate=False)
    assert installed.run("tripleo.git.v1.deploy", container=name)["state"] == "ERROR"
    found = installed.run(asked, plan=name)["output"]["deployment_failures"]
    ((task, said),) = found["AllNodesValidation"]
    assert (task, said["status"]) == ("AllNodesValidation", "CREATE_FAILED"), found

    noted = f"{name}-messages"
    installed.upload(noted, {"deployment_status.yaml": b"deployment_status: DEPLOYING\n"}, usage=False)
    recovered = installed.run(f"{DEPLOYMENT}.recover_deployment_status", container=name)
    assert recovered["output"]["deployment_status"] == "DEPLOY_FAILED", recovered
    kept = yaml.safe_load(installed.containers.get(noted, "deployment_status.yaml") or b"")
    assert kept["deployment_status"] == "DEPLOY_FAILED"


def test_horizons_address_is_what_the_stack_tells(installed: Mistral, name: str) -> None:
    endpoints = {"HorizonPublic": {"uri": "http://192.0.2.10/dashboard"}}
    template = {"heat_template_version": "wallaby", "outputs": {"EndpointMap": {"value": endpoints}}}
    installed.connection.orchestration.create_stack(name=name, template=template)
    ready = installed.run(f"{STACKS}.wait_for_stack_complete_or_failed", stack=name, timeout=60)
    assert ready["output"]["stack_status"] == "CREATE_COMPLETE", ready["output"]
    asked = f"{DEPLOYMENT}.get_horizon_url"
    assert installed.run(asked, stack=name)["output"]["horizon_url"] == "http://192.0.2.10/dashboard"
    refused = installed.run(asked, stack=f"{name}-not")
    assert (refused["state"], refused["output"]["message"]) == (
        "ERROR",
        f"there is no stack {name}-not to tell where Horizon is",
    )


def test_nodes_of_a_stack_that_is_not_there_are_not_removed(installed: Mistral, plan: str) -> None:
    head = installed.call("tripleo.git.revisions", container=plan)[0]
    refused = installed.run(f"{SCALES}.delete_node", container=plan, nodes=["Compute/0"])
    assert refused["state"] == "ERROR"
    assert f"there is no stack {plan}" in refused["output"]["message"]
    assert installed.call("tripleo.git.revisions", container=plan)[0] == head
    assert installed.run("tripleo.plan_management.v1.list_networks", container=plan)["output"]["network_data"]
