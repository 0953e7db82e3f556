"""Deploys from the command line, through the engine of runs: scaled down, stopped, undeployed, seen by others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.command_line import CommandLine
from tests.deploy.conftest import SECRET

if TYPE_CHECKING:
    from tests.deploy.conftest import Bench

pytestmark = pytest.mark.undercloud


@pytest.fixture
def site(bench: Bench, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Return the command line in the small plan's repository."""
    return CommandLine(bench.directory, capsys)


def test_a_node_is_removed_by_name_and_only_the_count_is_in_the_plan(bench: Bench, site: CommandLine) -> None:
    said = site("deploy", "--yes", "-o", "json")
    assert (said.data["stack_status"], said.data["state"], said.data["run"]) == ("CREATE_COMPLETE", "succeeded", 1)
    before = (bench.directory / "plan-environment.yaml").read_text()
    removed = site("scale-down", "small-controller-0", "--yes", "--allow-delete", "-o", "json")
    assert removed.data["values"]["ControllerRemovalPolicies"] == [{"resource_list": ["0"]}]
    paths = {one.path for one in bench.stacks.resources(bench.stack)}
    assert "Controller/1" in paths
    assert "Controller/0" not in paths
    after = (bench.directory / "plan-environment.yaml").read_text()
    assert set(after.splitlines()) - set(before.splitlines()) == {"  ControllerCount: 1"}
    assert bench.git("log", "-1", "--format=%s") == "Remove Controller/0"
    again = site("deploy", "--yes", "--allow-delete", "-o", "json")  # the node stays away, though nobody says so
    assert "Controller/0" not in {one.path for one in bench.stacks.resources(bench.stack)}
    assert "no node Controller/7" in site("scale-down", "Controller/7", "--yes", code=2).err
    assert SECRET not in said.out + said.err + removed.out + removed.err + again.out + again.err


def test_undeploying_needs_more_than_yes_and_leaves_the_plan(bench: Bench, site: CommandLine) -> None:
    site("deploy", "--yes")
    refused = site("undeploy", "--yes", code=2)
    assert "undeploying small deletes all of its 6 resources" in refused.err
    assert "--allow-delete" in refused.err
    assert "Heat stops nothing" in site("cancel", "--yes", code=2).err
    assert site("undeploy", "--yes", "--allow-delete", "-o", "json").data["deleted"] is True
    assert site("status", "-o", "json").data["stack_status"] is None
    assert "no stack small" in site("undeploy", "--yes", code=2).err


def test_a_run_is_recorded_with_what_was_shown_and_what_was_given(bench: Bench, site: CommandLine) -> None:
    detached = site("deploy", "--yes", "--detach", "-o", "json").data
    assert detached["state"] == "queued"
    record = site("run", "show", "1", "-o", "json").data
    assert record["shown"]["digest"] == record["shown"]["digest"].lower()
    assert "stack small (none)" in json.dumps(record["shown"])
    assert record["inputs"]["values"]["StackAction"] == "CREATE"
    assert record["inputs"]["bound"]["stack_id"] is None
    assert SECRET not in json.dumps(record)
    assert site("run", "resume", "1", "-o", "json").data["state"] == "succeeded"
    assert bench.stack.status == "CREATE_COMPLETE"
