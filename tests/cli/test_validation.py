"""Validations from the command line, played for real on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.command_line import CommandLine

LOOK = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    metadata: {{name: {name}, groups: [{group}]}}
    wanted: 1
  tasks:
    - name: Look
      {task}
"""


def write(plan: CommandLine, name: str, task: str, *, group: str = "mine") -> None:
    (plan.directory / "validations" / f"{name}.yaml").write_text(LOOK.format(name=name.title(), group=group, task=task))


def settings(plan: CommandLine, *changes: tuple[str, str], more: str = "") -> None:
    file = plan.directory / "tripleo-plan.toml"
    text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(f"{text}\n{more}\n")


def commit(plan: CommandLine) -> str:
    said: str = plan("commit", "--all", "-m", "More", "-o", "json").data["revision"]
    return said


def test_the_example_plans_validations_are_listed_by_group(plan: CommandLine) -> None:
    found = {one["id"]: one for one in plan("validation", "list", "-o", "json").data}

    assert sorted(found) == ["endpoints", "enough-nodes", "unique-ports"]
    assert found["unique-ports"]["groups"] == ["pre-introspection", "pre-deployment"]
    listed = plan("validation", "list", "--group", "post-deployment").out.splitlines()
    assert [line.split()[0] for line in listed] == ["ID", "endpoints"]


def test_groups_say_how_many_are_in_them_and_which_hold_a_step_up(plan: CommandLine) -> None:
    found = {one["group"]: one for one in plan("validation", "groups", "-o", "json").data}

    assert (found["pre-deployment"]["validations"], found["pre-deployment"]["gate"]) == (2, True)


def test_a_validation_is_shown_with_its_parameters(plan: CommandLine) -> None:
    found = plan("validation", "show", "enough-nodes", "-o", "json").data

    assert (found["name"], found["file"], found["parameters"]["spare_nodes"]) == (
        "Enough nodes",
        "validations/enough-nodes.yaml",
        0,
    )
    assert "no validation nope" in plan("validation", "show", "nope", code=2).err


def test_a_plans_own_validation_comes_before_the_shipped_one(
    plan: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shipped" / "playbooks").mkdir(parents=True)
    for name in ("endpoints", "other"):
        (tmp_path / "shipped" / "playbooks" / f"{name}.yaml").write_text("- hosts: all\n")
    monkeypatch.setenv("TRIPLEO_VALIDATIONS_PATH", str(tmp_path / "shipped"))
    found = {one["id"]: one["from"] for one in plan("validation", "list", "-o", "json").data}

    assert found == {"endpoints": "plan", "enough-nodes": "plan", "other": "shipped", "unique-ports": "plan"}


def test_a_group_is_run_and_what_it_found_is_kept_with_the_run_and_the_revision(plan: CommandLine) -> None:
    write(plan, "fails", "ansible.builtin.fail: {msg: 'wanted {{ wanted }}'}")
    write(plan, "warns", "ansible.builtin.fail: {msg: never mind}")
    write(plan, "passes", "ansible.builtin.debug: {msg: fine}")
    settings(plan, ("warning = []", "warning = ['warns']"), more="[validations.parameters.fails]\nwanted = 7")
    revision = commit(plan)
    said = plan("validation", "run", "--group", "mine", "-o", "json", code=1)
    found = {one["validation"]: one for one in said.data}

    assert {name: one["state"] for name, one in found.items()} == {
        "fails": "failed",
        "passes": "passed",
        "warns": "failed",
    }
    assert {one["revision"] for one in found.values()} == {revision}
    assert found["fails"]["problem"] == "localhost: Look: wanted 7"
    assert found["warns"]["warning"] is True
    assert "fine" in plan("run", "logs", found["fails"]["run"]).out

    assert plan("validation", "run", "warns", "passes").code == 0
    last = plan("validation", "results", "-o", "json").data
    assert sorted(one["validation"] for one in last) == ["fails", "passes", "warns"]
    assert len(plan("validation", "history", "warns", "-o", "json").data) == 2
    assert len(plan("validation", "results", "--run", found["fails"]["run"], "-o", "json").data) == 3


def test_a_running_validation_is_stopped_from_another_process(plan: CommandLine) -> None:
    write(plan, "hangs", "ansible.builtin.command: sleep 4931")
    commit(plan)
    command = ["-C", str(plan.directory), "validation", "run", "hangs"]
    code = "import sys; from tripleo_gitops.cli.main import run; sys.exit(run(sys.argv[1:]))"
    running = subprocess.Popen(
        [sys.executable, "-c", code, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        began = time.monotonic()
        while not sleeping() and time.monotonic() - began < 90:
            time.sleep(0.2)
        assert sleeping()
        assert "asked to stop" in plan("validation", "stop", "hangs").out
        said, _ = running.communicate(timeout=60)
    finally:
        running.kill()
        running.wait()

    assert running.returncode == 1
    assert "stopped by Test Operator" in said
    assert not sleeping()
    (kept,) = plan("validation", "history", "hangs", "-o", "json").data
    assert kept["state"] == "stopped"
    assert "no validation of hangs is running" in plan("validation", "stop", "hangs", code=2).err


def sleeping() -> bool:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if (entry / "cmdline").read_bytes() == b"sleep\0004931\0":
                    return True
            except OSError:
                continue
    return False


def test_a_validation_of_the_plan_that_cannot_be_read_is_not_passed_over(plan: CommandLine) -> None:
    (plan.directory / "validations" / "broken.yaml").write_text("- hosts: localhost\n  vars: {metadata: 3}\n")
    commit(plan)

    assert "broken.yaml:2" in plan("validation", "list").err
    said = plan("validation", "run", "unique-ports", code=2)
    assert "broken.yaml:2" in said.err


def test_post_deploy_steps_are_listed_and_done(plan: CommandLine) -> None:
    settings(
        plan,
        ('gates = ["pre-deployment", "post-deployment"]', "gates = []"),
        ('playbook = "playbooks/post-deploy.yaml"', 'command = ["echo", "canary said"]'),
    )
    commit(plan)

    steps = plan("post-deploy", "list", "-o", "json").data
    assert {"kind": "command", "does": "echo canary said"}.items() <= steps[-1].items()
    done = plan("post-deploy", "run", "-o", "json")
    assert done.data["steps"][-1]["outcome"] == "passed"
    assert "canary said" in plan("run", "logs", done.data["run"]).out


def test_the_inventory_without_a_stack_is_this_machine(plan: CommandLine) -> None:
    said = plan("inventory", "-o", "json")

    assert said.data["Undercloud"]["hosts"] == {"undercloud": {}}
    assert "no outputs of a stack" in said.err
