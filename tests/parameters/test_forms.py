"""The forms of a plan's parameters: as Heat answers, flat, as roles, and for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.parameters.plans import PLAN, tree_of, with_values
from tripleo_gitops.heat.flat import flatten, roles
from tripleo_gitops.operations.parameter_forms import UnknownParameter, ValueState, list_parameters, show_parameter
from tripleo_gitops.operations.resolution import resolve_plan

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parameters.conftest import Plan


def test_a_parameter_shows_who_set_it_and_what_that_overrode() -> None:
    facts = show_parameter(resolve_plan(tree_of()), "Size")
    assert (facts.value, facts.state, str(facts.origin)) == (3, ValueState.SET, "plan-environment.yaml:8")
    assert [(one.value, str(one.origin)) for one in facts.overridden] == [
        (2, "environments/site.yaml:3"),
        (2, "environments/base.yaml:4"),
    ]
    assert (facts.default, facts.type, facts.constraints) == (1, "Number", ({"MinValue": 1, "MaxValue": 5},))
    assert [(use.place, use.is_computed) for use in facts.uses] == [("/", False), ("/Compute/0", True)]


def test_a_default_shows_the_template_that_has_it() -> None:
    facts = show_parameter(resolve_plan(tree_of()), "Plain")
    assert (facts.value, facts.state, str(facts.origin)) == (1, ValueState.DEFAULT, "service.yaml:5")


def test_a_value_that_stacks_compute_everywhere_is_not_shown() -> None:
    facts = show_parameter(resolve_plan(tree_of()), "RoleParameters")
    assert (facts.state, facts.to_document().get("value", "none")) == (ValueState.COMPUTED, "none")


def test_hidden_values_are_masked_and_so_are_those_that_no_template_declares() -> None:
    values = with_values("  Password: swordfish\n  Nobody: swordfish\n")
    found = list_parameters(resolve_plan(tree_of(values)))
    assert "swordfish" not in json.dumps([one.to_document() for one in found]) + repr(found)
    by_name = {one.name: one for one in found}
    assert (by_name["Password"].state, by_name["Nobody"].state) == (ValueState.SET, ValueState.UNUSED)


def test_every_declared_or_set_parameter_is_listed_once() -> None:
    names = [one.name for one in list_parameters(resolve_plan(tree_of(with_values("  Nobody: 1\n"))))]
    assert len(names) == len(set(names))
    assert {"Size", "Tuned", "RoleParameters", "Nobody"} <= set(names)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UnknownParameter, match="Nope"):
        show_parameter(resolve_plan(tree_of()), "Nope")


def test_the_flat_form_names_every_stack_and_every_parameter_once() -> None:
    tree = resolve_plan(tree_of()).parameters
    flat = flatten(tree).to_document()
    root = next(one for one in flat["resources"].values() if one["name"] == "Root")
    below = {flat["resources"][one]["name"]: flat["resources"][one]["type"] for one in root["resources"]}
    assert below == {"Compute": "OS::Heat::ResourceGroup", "ComputeServiceChain": "service.yaml"}
    assert flat["parameters"]["Size"] == {
        "type": "Number",
        "description": "",
        "noEcho": "false",
        "label": "Size",
        "default": 3,
        "minValue": 1,
        "maxValue": 5,
        "name": "Size",
    }
    assert flat == flatten(resolve_plan(tree_of()).parameters).to_document()


def test_a_parameter_that_one_template_hides_is_hidden_in_the_flat_form() -> None:
    hiding = PLAN["service.yaml"] + "  Name: {type: string, default: x, hidden: true}\n"
    flat = flatten(resolve_plan(tree_of({"service.yaml": hiding})).parameters)
    assert flat.parameters["Name"]["noEcho"] == "true"


def test_roles_have_their_count_and_only_their_own_parameters() -> None:
    (role,) = roles(resolve_plan(tree_of(with_values("  ComputeCount: 2\n"))).parameters)
    assert (role.name, role.type, role.count) == ("Compute", "OS::TripleO::Compute", 2)
    assert role.parameters == ("ComputeCount", "ComputeParameters")


def test_the_commands_speak_of_the_work_tree_or_of_a_revision(plan: Plan) -> None:
    plan.edit("plan-environment.yaml", "Size: 3", "Size: 4")
    assert plan("parameters", "get", "Size").out == "4\n"
    assert plan("parameters", "get", "Size", "HEAD").out == "3\n"
    assert plan("parameters", "get", "Servers").out == '["b", "c"]\n'
    assert plan("parameters", "get", "Password").out == "******\n"
    assert plan("parameters", "get", "Nope", code=2).out == ""


def test_list_and_show_print_for_people_and_for_programs(plan: Plan) -> None:
    row = next(line for line in plan("parameters", "list").out.splitlines() if line.startswith("Size "))
    assert row.split() == ["Size", "3", "set", "plan-environment.yaml:8"]
    names = [one["name"] for one in plan("parameters", "list", "--set", "-o", "json").data]
    assert names == ["Servers", "Size"]
    shown = plan("parameters", "show", "Size").out
    assert "environments/site.yaml:3" in shown
    assert plan("parameters", "show", "Size", "-o", "json").data["overridden"][0]["value"] == 2


def test_tree_prints_what_heat_would_answer_in_each_form(plan: Plan) -> None:
    assert plan("parameters", "tree", "HEAD").data["NestedParameters"]["Compute"]["Type"] == "OS::Heat::ResourceGroup"
    assert set(plan("parameters", "tree", "--flat").data) == {"resources", "parameters"}
    assert [role["name"] for role in plan("parameters", "tree", "--roles").data] == ["Compute"]
    assert "one" in plan("parameters", "tree", "--flat", "--roles", code=2).err


def test_a_directory_is_taken_with_a_plan_and_with_templates_alone(plan: Plan) -> None:
    expected = plan("parameters", "tree").data
    here = str(plan.directory)
    assert plan("parameters", "tree", "--plan", here).data == expected
    environments = ["-e", "environments/base.yaml", "-e", "environments/site.yaml"]
    alone = plan("parameters", "get", "Size", "--plan", here, "--template", "overcloud.yaml", *environments)
    assert alone.out == "2\n"
    (plan.directory / "plan-environment.yaml").unlink()
    assert plan("parameters", "get", "Size", "--plan", here, *environments).out == "2\n"


def test_a_template_with_environments_is_taken_as_heat_s_own_client_does(plan: Plan, tmp_path: Path) -> None:
    for path, text in {
        "t/web.yaml": "heat_template_version: wallaby\nparameters: {a: {type: json}}\nresources:\n"
        "  one: {type: ../lib/one.yaml}\n",
        "lib/one.yaml": "heat_template_version: wallaby\nparameters: {b: {type: string, default: x}}\n",
        "e/first.yaml": "parameters: {a: {x: 1}}\n",
        "e/second.yaml": "parameters: {a: {y: 2}}\n",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    files = ["--template", str(tmp_path / "t/web.yaml"), "-e", str(tmp_path / "e/first.yaml")]
    second = ["-e", str(tmp_path / "e/second.yaml")]
    assert plan("parameters", "get", "a", *files).out == '{"x": 1}\n'
    assert plan("parameters", "get", "a", *files, *second).out == '{"y": 2}\n'
    assert plan("parameters", "show", "b", *files, "-o", "json").data["origin"]["file"] == "lib/one.yaml"
    missing = plan("parameters", "list", "--template", str(tmp_path / "nope.yaml"), code=2)
    assert "nope.yaml" in missing.err


def test_sides_of_a_question_are_not_mixed(plan: Plan) -> None:
    assert "one of them" in plan("parameters", "list", "HEAD", "--plan", ".", code=2).err
    assert "--template" in plan("parameters", "list", "-e", "x.yaml", code=2).err


def test_render_writes_a_revision_or_a_directory(plan: Plan, tmp_path: Path) -> None:
    (plan.directory / "roles_data.yaml").write_text("- {name: Compute, tags: [primary]}\n")
    (plan.directory / "more.j2.yaml").write_text("roles: {{ roles | length }}")
    plan("render", "--plan", str(plan.directory), "--output", str(tmp_path / "a"))
    assert (tmp_path / "a" / "more.yaml").read_text() == "roles: 1"
    plan("render", "HEAD", "--output", str(tmp_path / "b"))
    assert not (tmp_path / "b" / "more.yaml").exists()
    assert "not empty" in plan("render", "HEAD", "--output", str(tmp_path / "b"), code=2).err
    assert "not both" in plan("render", "HEAD", "--plan", ".", "--output", str(tmp_path / "c"), code=2).err
