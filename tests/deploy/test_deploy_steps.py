"""The steps of a deploy against a real Heat: created, updated, failed, gone on with, and what they refuse."""

from __future__ import annotations

import json

import pytest

from tests.deploy.conftest import SECRET, Bench
from tripleo_gitops.operations.nodes.deployment_demand import keep_environment
from tripleo_gitops.operations.stacks.deploy import StackFailed
from tripleo_gitops.operations.stacks.following import StackRolledBack, StackTakenOver
from tripleo_gitops.operations.stacks.tags import asked_by, deployed_revision

pytestmark = pytest.mark.undercloud


def test_a_deploy_creates_updates_and_gives_what_the_plan_does_not_say(bench: Bench) -> None:
    created = bench.run()
    assert (created["stack_status"], created["method"]) == ("CREATE_COMPLETE", "put")
    assert created["values"]["StackAction"] == "CREATE"
    assert created["values"]["DeployIdentifier"].isdecimal()
    assert created["outputs"]["said"] == "it is one"
    assert created["outputs"]["secret"] == "******"
    environment = bench.stacks.content(bench.stack).environment
    assert environment["parameter_defaults"]["DeployIdentifier"] == created["values"]["DeployIdentifier"]
    assert "DeployIdentifier" not in (bench.directory / "plan-environment.yaml").read_text()
    assert str(deployed_revision(bench.stack)) == bench.revision
    assert asked_by(bench.stack) == "run-1.1"

    bench.set(Value="two")
    updated = bench.run(skip_identifier=True)
    assert (updated["stack_status"], updated["outputs"]["said"]) == ("UPDATE_COMPLETE", "it is two")
    assert updated["values"] == {"DeployIdentifier": "", "StackAction": "UPDATE"}
    assert "Controller/1/Server" in bench.told.text
    assert SECRET not in bench.told.text + json.dumps([created, updated])


def test_a_request_that_heat_took_is_not_made_again_however_often_the_step_is(bench: Bench) -> None:
    first = bench.run()
    taken = bench.stack.updated
    again = bench.do("heat.deploy", first, run="run-1", resumed=True)
    assert (again["stack_status"], bench.stack.updated) == ("CREATE_COMPLETE", taken)
    assert "Heat took the request of this run already" in bench.told.text
    another_try = bench.do("heat.deploy", first, run="run-1", attempt=2)
    assert (another_try["stack_status"], bench.stack.updated) == ("CREATE_COMPLETE", taken)


def test_a_failure_is_told_as_a_tree_and_another_try_of_the_run_asks_again(bench: Bench) -> None:
    bench.run()
    bench.set(Fails="true", Value="three")
    with pytest.raises(StackFailed, match="UPDATE_FAILED"):
        bench.run()
    assert "Controller (OS::Heat::ResourceGroup) UPDATE_FAILED\n  0 (node.yaml) UPDATE_FAILED\n    Server" in (
        bench.told.text
    )
    assert "Test Resource failed Server" in bench.told.text
    failed = bench.stack.updated
    with pytest.raises(StackFailed):  # the same try is only looked at
        bench.do("heat.deploy", {"method": "put", "timeout": 5}, run="run-2", resumed=True)
    assert bench.stack.updated == failed
    with pytest.raises(StackFailed):
        bench.do("heat.deploy", {"method": "put", "timeout": 5}, run="run-2", attempt=2)
    assert bench.stack.updated != failed
    assert asked_by(bench.stack) == "run-2.2"


def test_an_update_that_heat_rolls_back_is_no_success_and_the_revision_before_is_the_deployed_one(bench: Bench) -> None:
    bench.run()
    before = bench.revision
    bench.set(Fails="true", Value="three")
    with pytest.raises(StackRolledBack, match="Test Resource failed"):
        bench.run(rollback=True)
    assert bench.stack.status == "ROLLBACK_COMPLETE"
    assert str(deployed_revision(bench.stack)) == before
    assert "Server (OS::Heat::TestResource) UPDATE_FAILED" in bench.told.text


def test_put_takes_away_what_patch_leaves(bench: Bench) -> None:
    bench.set(Other="kept")
    bench.run()
    bench.set(Other=None)
    bench.run(method="patch")
    assert bench.stacks.content(bench.stack).environment["parameter_defaults"]["Other"] == "kept"
    bench.run(method="put")
    assert "Other" not in bench.stacks.content(bench.stack).environment["parameter_defaults"]


def test_a_request_of_somebody_else_while_ours_is_followed_is_told(bench: Bench) -> None:
    bench.run()
    bench.set(Seconds="60")
    bench.set(Value="four")
    asked = []

    def interfere() -> bool:
        if not asked and bench.stack.status == "UPDATE_IN_PROGRESS":
            asked.append(True)
            bench.by_hand("put", wait=False, Seconds=0)
        return False

    bench.cancelled = interfere
    with pytest.raises(StackTakenOver, match="somebody who is no run of this tool"):
        bench.run()


def test_deleting_a_stack_twice_is_deleting_it_once(bench: Bench) -> None:
    bench.run()
    assert bench.run("undeploy", stack_id=bench.stack.id)["deleted"] is True
    assert bench.stacks.find("small") is None
    assert bench.run("undeploy")["deleted"] is False


def test_a_deploy_gives_heat_what_provisioning_left_on_this_machine(bench: Bench) -> None:
    servers = {"HostnameMap": {"a": "a"}, "ControllerCount": 1, "DeployedServerPortMap": {}}
    keep_environment(bench.config.provisioned_directory, "small", {"parameter_defaults": servers})
    given = bench.do("plan.render")["values"]
    assert given["ControllerCount"] == 1
    assert "HostnameMap" not in given  # no template of this plan declares it
    assert "servers are as `provision` left them" in bench.told.text
    created = bench.run(until="heat.deploy")
    assert created["stack_status"] == "CREATE_COMPLETE"
    assert bench.stacks.content(bench.stack).environment["parameter_defaults"]["ControllerCount"] == 1
    shown = bench.do("plan.render", {"bound": {"digest": "x"}, "values": {}})["values"]
    assert "ControllerCount" not in shown  # what was shown holds, whatever the machine knows by now
