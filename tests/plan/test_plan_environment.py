"""plan-environment.yaml is read whole, or refused with the line of what is wrong."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.tree import MemoryTree, MissingFile
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.plan.plan_environment import (
    EnvironmentFile,
    InlineEnvironment,
    PlanEnvironment,
    parse_plan_environment,
    read_plan_environment,
)

WHOLE = b"""\
version: 1.0
name: site1
description: lab
template: overcloud.yaml
environments: [{path: base.yaml}, {data: {parameter_defaults: {A: 1}}}, {path: ./environments//net.yaml}]
parameter_defaults: {ControllerCount: 3}
derived_parameters: {ComputeParameters: {IsolCpusList: "2-7"}}
passwords: {AdminPassword: x}
resource_registry: {"OS::TripleO::Foo": foo.yaml}
role_tags: [ovs]
workflow_parameters: {tripleo.derive_params.v1.derive_parameters: {num_phy_cores_per_numa_node_for_pmd: 1}}
"""


def test_every_section_is_read() -> None:
    plan = parse_plan_environment(WHOLE)
    assert (plan.version, plan.name, plan.description, plan.template) == ("1.0", "site1", "lab", "overcloud.yaml")
    assert plan.environments == (
        EnvironmentFile("base.yaml"),
        InlineEnvironment({"parameter_defaults": {"A": 1}}, 1),
        EnvironmentFile("environments/net.yaml"),
    )
    assert plan.selected_paths == ("base.yaml", "environments/net.yaml")
    assert plan.parameter_defaults == {"ControllerCount": 3}
    assert plan.derived_parameters == {"ComputeParameters": {"IsolCpusList": "2-7"}}
    assert plan.passwords == {"AdminPassword": "x"}
    assert plan.resource_registry == {"OS::TripleO::Foo": "foo.yaml"}
    assert plan.role_tags == ("ovs",)
    assert "tripleo.derive_params.v1.derive_parameters" in plan.workflow_parameters
    assert plan.unknown_keys == ()


def test_sections_that_are_absent_or_null_are_empty() -> None:
    plan = parse_plan_environment(b"template: t.yaml\nenvironments:\npasswords: null\ndescription:\n")
    assert plan == PlanEnvironment(template="t.yaml")


def test_a_value_that_was_read_cannot_be_changed() -> None:
    plan = parse_plan_environment(WHOLE)
    with pytest.raises(TypeError):
        plan.parameter_defaults["A"] = 1  # type: ignore[index]  # the point of the test


def test_unknown_keys_are_told_and_left_out() -> None:
    assert parse_plan_environment(b"template: t.yaml\npasword: {}\n").unknown_keys == ("pasword",)


@pytest.mark.parametrize("version", ["1.0", "'1.0'", "1"])
def test_each_spelling_of_the_version_is_taken(version: str) -> None:
    assert parse_plan_environment(f"version: {version}\ntemplate: t.yaml\n".encode()).version == "1.0"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "a mapping with version"),
        ("- a\n", 1, "not a list"),
        ("name: x\n", 1, "'template' is missing"),
        ("template: t.yaml\nversion: 2.0\n", 2, "2.0 is not known"),
        ("template: t.yaml\nversion: true\n", 2, "True is not known"),
        ("template: [t.yaml]\n", 1, "text is needed, not a list"),
        ("template: /etc/passwd\n", 1, "is absolute"),
        ("template: ../../x.yaml\n", 1, "leads out of the plan"),
        ("template: http://x/y.yaml\n", 1, "is a URL"),
        ("template: t.yaml\nname: 1\n", 2, "text is needed, not a whole number"),
        ("template: t.yaml\nenvironments: {path: a}\n", 2, "a list is needed, not a mapping"),
        ("template: t.yaml\nenvironments:\n- path: a\n- b.yaml\n", 4, "environments[1]: `path: FILE`"),
        ("template: t.yaml\nenvironments:\n- path: a\n  data: {}\n", 3, "either `path` or `data`"),
        ("template: t.yaml\nenvironments:\n- {}\n", 3, "either `path` or `data`"),
        ("template: t.yaml\nenvironments:\n- path: a/../../b\n", 3, "leads out of the plan"),
        ("template: t.yaml\nenvironments:\n- path: ''\n", 3, "is no path"),
        ("template: t.yaml\nenvironments:\n- data: [a]\n", 3, "a mapping is needed, not a list"),
        ("template: t.yaml\nparameter_defaults:\n- A: 1\n", 2, "a mapping is needed, not a list"),
        ("template: t.yaml\nparameter_defaults:\n  1: a\n", 3, "1 is a whole number, a name is needed"),
        ("template: t.yaml\npasswords:\n  yes: a\n", 3, "true or false, a name is needed"),
        ("template: t.yaml\nworkflow_parameters:\n  w: 1\n", 3, "a mapping is needed"),
        ("template: t.yaml\nrole_tags: ovs\n", 2, "a list is needed"),
        ("template: t.yaml\nrole_tags: [ovs, 1]\n", 2, "text is needed"),
        ("template: t.yaml\na: [\n", 3, "expected"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse_plan_environment(text.encode())
    assert words in str(refused.value)
    assert str(refused.value).startswith("plan-environment.yaml")
    assert refused.value.line == (line if text else None)


def test_a_tree_without_the_file_is_no_plan() -> None:
    """TripleO's own processing takes it for a success that did nothing."""
    with pytest.raises(MissingFile, match="plan-environment"):
        read_plan_environment(MemoryTree({}))
