"""`check` on the files of `baremetal/` that are no machines: each code, at its line, and what is right is not told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import CommandLine
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.operations.nodes.machine_file_checks import check_machine_files

if TYPE_CHECKING:
    from pathlib import Path

    from tripleo_gitops.plan.findings import Finding

ROLES = "- {name: Controller, CountDefault: 1}\n- {name: Compute, CountDefault: 1}\n"
NODES = "- {name: node-1, pm_type: fake-hardware}\n"
DEPLOYMENT = "baremetal/deployment.yaml"
GOOD = {
    "roles_data.yaml": ROLES,
    "baremetal/nodes.yaml": NODES,
    DEPLOYMENT: "- name: Compute\n  count: 1\n  instances:\n  - {name: node-1}\n",
    "baremetal/inspection-rules.yaml": "- {description: one, actions: [{op: fail}]}\n",
    "baremetal/profiles.yaml": "- {profile: compute, when: {cpus: 4}}\n",
}
CASES = [
    (DEPLOYMENT, "- name: Compute\n  count: many\n", ("machine-file-invalid", 2), "count is 'many'"),
    (DEPLOYMENT, "{}\n", ("machine-file-invalid", 1), "a list of roles is needed"),
    (
        DEPLOYMENT,
        "- name: Compute\n  count: 2\n  instances: [{hostname: aa}, {hostname: bb}]\n- {name: Compute}\n",
        ("machine-file-invalid", 1),
        "the role Compute is there twice",
    ),
    (DEPLOYMENT, "- name: Compute\n- name: Storage\n", ("deployment-unknown", 2), "the plan has no role Storage"),
    (
        DEPLOYMENT,
        "- name: Compute\n  instances:\n  - name: node-7\n",
        ("deployment-unknown", 3),
        "no file of the plan has a node node-7",
    ),
    ("baremetal/inspection-rules.yaml", "- {description: one}\n", ("machine-file-invalid", 1), "actions"),
    (
        "baremetal/profiles.yaml",
        "- {profile: a, when: {colour: red}}\n",
        ("machine-file-invalid", 1),
        "when is a mapping",
    ),
    ("baremetal/profiles.yml", "[]\n", ("machine-file-invalid", 1), "baremetal/profiles.yaml alone"),
]


def found(files: dict[str, str], **options: Any) -> list[Finding]:
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    return list(check_machine_files(tree, **options))


def test_files_that_are_right_are_not_told() -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(("path", "text", "where", "words"), CASES)
def test_what_is_wrong_is_told_with_its_line(path: str, text: str, where: tuple[str, int], words: str) -> None:
    (problem,) = found({**GOOD, path: text})
    assert (problem.code, problem.line, problem.path) == (*where, path)
    assert words in problem.message


def test_a_plan_without_roles_and_machines_is_not_told_about_names() -> None:
    assert found({DEPLOYMENT: "- name: Storage\n  instances: [{name: node-7}]\n"}) == []


def test_files_are_looked_at_when_what_they_name_changes_and_else_not() -> None:
    wrong = {**GOOD, DEPLOYMENT: "- name: Storage\n"}
    assert found(wrong, changed={"plan-environment.yaml"}) == []
    assert len(found(wrong, changed={"roles_data.yaml"})) == 1
    assert len(found(wrong, changed={"baremetal/nodes.yaml"})) == 1


def test_check_and_commit_refuse_a_deployment_file_that_cannot_be_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    CommandLine(tmp_path, capsys)("init", "site1")
    plan = CommandLine(tmp_path / "site1", capsys)
    (plan.directory / "baremetal").mkdir(exist_ok=True)
    (plan.directory / DEPLOYMENT).write_text("- name: Compute\n  counts: 2\n")
    said = plan("check", code=2)
    assert f"{DEPLOYMENT}:2" in said.out + said.err
    assert "machine-file-invalid" in said.out + said.err
    assert "machine-file-invalid" in plan("commit", "--all", "-m", "Servers", code=2).err
    (plan.directory / DEPLOYMENT).write_text("- name: Compute\n  count: 2\n")
    plan("check")
    plan("commit", "--all", "-m", "Servers")
