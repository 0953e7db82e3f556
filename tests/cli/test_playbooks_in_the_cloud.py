"""Validations and post-deploy steps with the outputs of a real stack, on a real Heat."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.command_line import CommandLine
from tripleo_gitops.openstack.connection import connect
from tripleo_gitops.openstack.heat import HeatStacks
from tripleo_gitops.openstack.stack import Phase, StackRequest
from tripleo_gitops.operations.resolution import resolve_plan
from tripleo_gitops.repository.directory import DirectoryTree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.undercloud_fixture import TenantAccess

pytestmark = pytest.mark.undercloud

CANARY = "canary-of-the-cloud-42"
SAY = """
- hosts: Controller
  gather_facts: false
  connection: local
  vars:
    ansible_host: localhost
  tasks:
    - ansible.builtin.debug:
        msg: "{{ inventory_hostname }} knows {{ stack_outputs.AdminPassword }} of {{ stack_outputs.KeystoneURL }}"
    - ansible.builtin.debug: {var: hostvars.undercloud.overcloud_keystone_url}
"""


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str], cloud: TenantAccess) -> Iterator[CommandLine]:
    """Return the command line in a clone of the example plan whose stack is there."""
    CommandLine(tmp_path, capsys)("init", "site1")
    plan = CommandLine(tmp_path / "site1", capsys)
    environment = plan.directory / "plan-environment.yaml"
    text = environment.read_text()
    head = "parameter_defaults:\n"
    assert head in text
    environment.write_text(text.replace(head, f"{head}  AdminPassword: {CANARY}\n", 1))
    (plan.directory / "playbooks" / "post-deploy.yaml").write_text(SAY)
    for command in (("add", "--all"), ("commit", "--quiet", "-m", "Begin")):  # ours refuses a secret in clear
        subprocess.run(["git", "-C", str(plan.directory), *command], check=True)
    stacks = HeatStacks(connect(os.environ["OS_CLOUD"], clouds_file=cloud.clouds_file))
    bundle = resolve_plan(DirectoryTree(plan.directory)).bundle
    request = StackRequest(
        template=bundle.template, environment=bundle.environment, files=bundle.files, timeout=5, tags=()
    )
    stacks.create("site1", request)
    while (stack := stacks.find("site1")) is None or stack.phase is Phase.IN_PROGRESS:
        time.sleep(0.5)
    assert stack.phase is Phase.COMPLETE, stack.reason
    yield plan
    stacks.delete(stack)


def test_playbooks_see_the_stack_and_its_secrets_are_seen_by_nobody_else(plan: CommandLine) -> None:
    shown = plan("inventory", "-o", "json").data
    assert shown["Controller"]["hosts"]["site1-controller-0"]["ansible_host"] == "192.168.24.10"
    assert shown["Controller"]["hosts"]["site1-controller-0"]["internal_api_ip"] == "172.16.2.10"
    assert shown["nova_compute"]["children"] == {"Compute": {}}
    assert CANARY not in str(shown)
    assert plan("inventory", "--reveal", "-o", "json").data["Undercloud"]["vars"]["overcloud_admin_password"] == CANARY

    done = plan("post-deploy", "run", "-o", "json").data
    log = plan("run", "logs", done["run"]).out
    assert [(one["kind"], one["outcome"], one["hosts"]) for one in done["steps"]] == [
        ("playbook", "passed", ["site1-controller-0"])
    ]
    assert "site1-controller-0 knows ****** of http://overcloud.example.org:5000/v3" in log
    assert CANARY not in log
    assert "[endpoints] passed" in log

    (found,) = plan("validation", "results", "--run", done["run"], "-o", "json").data
    assert (found["validation"], found["state"], found["group"]) == ("endpoints", "passed", "post-deployment")


FAILS = """
- hosts: localhost
  gather_facts: false
  vars: {metadata: {name: Never, groups: [pre-deployment]}}
  tasks:
    - ansible.builtin.fail: {msg: the machines are not there}
"""


def test_a_failing_validation_keeps_a_deployment_from_heat_and_a_warning_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cloud: TenantAccess
) -> None:
    CommandLine(tmp_path, capsys)("init", "site2")
    plan = CommandLine(tmp_path / "site2", capsys)
    (plan.directory / "validations" / "never.yaml").write_text(FAILS)
    plan("commit", "--all", "-m", "Begin")
    stacks = HeatStacks(connect(os.environ["OS_CLOUD"], clouds_file=cloud.clouds_file))

    said = plan("deploy", "--yes", code=2)
    assert "never failed: localhost: ansible.builtin.fail: the machines are not there" in " ".join(said.err.split())
    assert stacks.find("site2") is None

    settings = plan.directory / "tripleo-plan.toml"
    settings.write_text(settings.read_text().replace("warning = []", 'warning = ["never"]'))
    plan("commit", "--all", "-m", "Warn only")
    said = plan("deploy", "--yes")
    stack = stacks.find("site2")
    assert stack is not None
    assert stack.status == "CREATE_COMPLETE"
    assert "Log in at http://overcloud.example.org:5000/v3" in said.err
    found = {one["validation"]: one for one in plan("validation", "results", "-o", "json").data}
    assert {name: one["state"] for name, one in found.items()} == {
        "endpoints": "passed",
        "enough-nodes": "passed",
        "never": "failed",
        "unique-ports": "passed",
    }
    assert len({one["run"] for one in found.values()}) == 1
    stacks.delete(stack)
