"""Validations over Mistral: listed, run, and what they found, by TripleO's workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import CommandLine
from tests.mistral.conftest import ActionFailed, Mistral, files_below

if TYPE_CHECKING:
    from pathlib import Path

    from tests.undercloud_fixture import RunningUndercloud

pytestmark = pytest.mark.undercloud
BOOK = "tripleo.validations.v1"
PLAYBOOK = b"""\
- hosts: undercloud
  gather_facts: false
  vars:
    metadata: {name: %(name)s, description: Says so, groups: [%(group)s]}
    limit: 3
  tasks:
    - %(task)s
"""


def _validation(name: bytes, group: bytes, task: bytes) -> bytes:
    return PLAYBOOK % {b"name": name, b"group": group, b"task": task}


@pytest.fixture
def validated(
    undercloud: RunningUndercloud,
    mistral: Mistral,
    name: str,
    example: Path,
    tmp_path: Path,
    capsys: Any,
    monkeypatch: Any,
) -> tuple[Mistral, str]:
    """Return Mistral with the tool's workbooks, and a plan with two validations of its own."""
    files = files_below(example)
    files["validations/mine.yaml"] = _validation(b"Mine", b"mine", b"ansible.builtin.assert: {that: limit == 3}")
    files["validations/never.yaml"] = _validation(b"Never", b"others", b"ansible.builtin.fail: {msg: too few}")
    mistral.upload(name, files)
    mistral.call("tripleo.git.create_plan", container=name)
    for key, value in undercloud.environment.items():
        monkeypatch.setenv(key, value)
    CommandLine(tmp_path, capsys)("mistral", "install")
    return mistral, name


def test_validations_are_listed_run_and_looked_up(validated: tuple[Mistral, str]) -> None:
    mistral, plan = validated
    listed = mistral.run(f"{BOOK}.list", plan=plan, group_names=["mine"])
    assert [(one["id"], one["parameters"]) for one in listed["output"]["validations"]] == [("mine", {"limit": 3})]
    groups = mistral.run(f"{BOOK}.list_groups", plan=plan)["output"]["groups"]
    assert {"mine", "others"} <= set(groups)
    assert mistral.call("tripleo.validations.enabled")["stdout"] == "Validations are enabled"
    passed = mistral.run(f"{BOOK}.run_validation", plan=plan, validation_name="mine")
    assert passed["state"] == "SUCCESS", passed["output"]
    failed = mistral.run(f"{BOOK}.run_groups", plan=plan, group_names=["mine", "others"])
    assert failed["state"] == "ERROR"
    assert "never failed" in failed["output"]["message"]
    found = mistral.run(f"{BOOK}.results", plan=plan)["output"]["results"]
    assert sorted((one["validation"], one["state"]) for one in found) == [
        ("mine", "passed"),
        ("mine", "passed"),
        ("never", "failed"),
    ]
    of_run = mistral.run(f"{BOOK}.results", plan=plan, execution=passed["id"])["output"]["results"]
    assert [one["validation"] for one in of_run] == ["mine"]
    nothing = mistral.run(f"{BOOK}.stop", plan=plan)
    assert nothing["state"] == "ERROR"
    assert "no validation" in nothing["output"]["message"]


def test_values_for_validations_are_refused_since_they_are_the_plans(validated: tuple[Mistral, str]) -> None:
    mistral, plan = validated
    with pytest.raises(ActionFailed, match=r"tripleo-plan\.toml"):
        mistral.call("tripleo.validations.run_validation", validation="mine", plan=plan, inputs={"limit": 4})
    refused = mistral.run(f"{BOOK}.run_validations", plan=plan, validation_names=["mine"], validation_inputs={"a": 4})
    assert refused["state"] == "ERROR"
    assert "validation_inputs" in refused["output"]["message"]
    said = mistral.call("tripleo.validations.run_validation", validation="mine", plan=plan)
    assert said["stderr"] == ""
