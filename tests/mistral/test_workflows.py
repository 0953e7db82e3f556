"""Workflows in Mistral: the embedded engine's own steps under TripleO's names, run to their ends on a real Mistral."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.command_line import CommandLine
from tests.mistral.conftest import Mistral, files_below
from tests.mistral.every_workflow import TURNS
from tests.mistral.listed import expected, listed
from tripleo_gitops.mistral_actions.table import ROWS
from tripleo_gitops.runs.plan_workflows import PLAN_WORKFLOW_NAMES
from tripleo_gitops.runs.run_workflows import GOES_ON, GRACE, NOT_YET, SERVED, task_name
from tripleo_gitops.runs.workbooks import workbooks
from tripleo_gitops.runs.workflows import WORKFLOWS

if TYPE_CHECKING:
    from pathlib import Path


SENT = ("finish", "send_message")


def _documents() -> dict[str, Any]:
    return {
        f"{book.name}.{name}": workflow
        for book in workbooks()
        for name, workflow in yaml.safe_load(book.text)["workflows"].items()
    }


@pytest.mark.parametrize("served", SERVED, ids=lambda served: served.full_name)
def test_a_workflow_in_mistral_has_the_engines_steps_in_their_order(served: Any) -> None:
    tasks = _documents()[served.full_name]["tasks"]
    assert [*tasks] == ["begin", *(task_name(step) for step in served.workflow.steps), *SENT]
    order = [*tasks]
    for step, following in zip(served.workflow.steps, order[2:], strict=False):
        task = tasks[task_name(step)]
        assert task["on-success"] == [{following: GOES_ON}, {"send_message": NOT_YET}]
        assert task["retry"]["count"] * task["retry"]["delay"] > task["timeout"]
        assert task["on-error"] == ["send_message"]
        assert task["timeout"] == step.time_limit + GRACE
        assert task["safe-rerun"] is True
        given = task["input"]
        assert (given["workflow"], given["version"], given["step"]) == (
            served.workflow.name,
            served.workflow.version,
            step.name,
        )


def test_each_workflow_of_the_engine_is_served_with_all_its_inputs() -> None:
    documents = _documents()
    for workflow in (known for known in WORKFLOWS if known.name not in PLAN_WORKFLOW_NAMES):
        served = documents[f"tripleo.git.v1.{workflow.name.replace('-', '_')}"]
        names = {name if isinstance(name, str) else next(iter(name)) for name in served["input"]}
        assert names == {"container", *workflow.inputs, "revision", "queue_name"}


def test_each_workflow_is_run_by_the_script_that_runs_every_one() -> None:
    assert {turn.workflow for turn in TURNS} == _documents().keys()


def test_workflows_call_actions_that_exist_with_inputs_that_those_have() -> None:
    rows = {row.name: row for row in ROWS}
    for name, workflow in _documents().items():
        for task in workflow["tasks"].values():
            if "action" in task:
                assert task.get("input", {}).keys() <= rows[task["action"]].inputs.keys(), name


@pytest.mark.undercloud
def test_installing_again_registers_nothing(installed: Mistral, tmp_path: Path, capsys: Any) -> None:
    run = CommandLine(tmp_path, capsys)
    assert ", 0 were registered" in run("mistral", "install").out
    assert run("mistral", "status", "-o", "json").data["installed"]


@pytest.mark.undercloud
def test_mistrals_own_command_line_lists_every_action_workbook_and_workflow(installed: Mistral) -> None:
    found = listed(installed.connection)
    for command, names in expected().items():
        assert names <= set(found[command]), command


@pytest.mark.undercloud
def test_a_plan_is_created_deployed_and_deleted_by_tripleos_workflows(
    installed: Mistral, name: str, example: Path
) -> None:
    installed.call("tripleo.plan.create_container", container=name)
    installed.upload(name, files_below(example), usage=False)
    created = installed.run("tripleo.plan_management.v1.create_deployment_plan", container=name)
    assert created["state"] == "SUCCESS"
    assert created["output"]["message"] == "Plan created."
    revision = created["output"]["revision"]
    deployed = installed.run("tripleo.deployment.v1.deploy_plan", container=name)
    assert (deployed["state"], deployed["output"]["message"]) == ("SUCCESS", "Deploy completed."), deployed
    assert deployed["output"]["outputs"]["stack_status"] == "CREATE_COMPLETE"
    status = installed.run("tripleo.deployment.v1.get_deployment_status", plan=name)
    assert status["output"]["deployment_status"] == "DEPLOY_SUCCESS"
    assert installed.call("tripleo.deployment.get_deployment_status", plan=name)["revision"] == revision
    refused = installed.run("tripleo.plan_management.v1.delete_deployment_plan", container=name)
    assert refused["state"] == "ERROR"
    assert f"stack {name} exists" in refused["output"]["message"]
    assert installed.run("tripleo.deployment.v1.undeploy_plan", container=name)["state"] == "SUCCESS"
    kept = yaml.safe_load(installed.containers.get(f"{name}-messages", "deployment_status.yaml") or b"")
    assert kept["deployment_status"] == "UNDEPLOYED"
    assert kept["workflow_status"]["payload"]["status"] == "SUCCESS"
    assert installed.run("tripleo.plan_management.v1.delete_deployment_plan", container=name)["state"] == "SUCCESS"
    assert installed.run("tripleo.plan_management.v1.list_plans")["output"]["plans"] == []


@pytest.mark.undercloud
def test_waiting_for_a_stack_that_is_not_there_ends_with_its_time_or_at_once(installed: Mistral, name: str) -> None:
    for workflow in ("wait_for_stack_in_progress", "wait_for_stack_complete_or_failed"):
        waited = installed.run(f"tripleo.stack.v1.{workflow}", stack=name, timeout=1)
        assert waited["state"] == "ERROR"
        said = (waited["output"]["status"], waited["output"]["message"], waited["output"]["stack_status"])
        assert said == ("FAILED", f"stack {name} is NO_STACK", "NO_STACK")
    gone = installed.run("tripleo.stack.v1.wait_for_stack_does_not_exist", stack=name)
    assert (gone["state"], gone["output"]["status"]) == ("SUCCESS", "SUCCESS")
