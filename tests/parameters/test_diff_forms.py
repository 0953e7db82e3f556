"""What a diff says of a plan besides parameters, between which sides, and in which forms."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.parameters.plans import PLAN, tree_of, with_values
from tripleo_gitops.operations.comparison.diff import diff_plans
from tripleo_gitops.operations.comparison.diff_report import html, lines, markdown

if TYPE_CHECKING:
    from tests.parameters.conftest import Plan
    from tripleo_gitops.operations.comparison.diff import PlanDiff

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "diff-schema.md"
ROLES = "- name: Compute\n  tags: [primary]\n  ServicesDefault: [A, B]\n"


def diff(old: dict[str, str], new: dict[str, str]) -> PlanDiff:
    return diff_plans(tree_of(old), tree_of(new), old_label="one", new_label="other")


def told(found: PlanDiff) -> list[str]:
    return ["".join(segment.text for segment in line) for line in lines(found)]


def test_a_role_s_count_is_told_whoever_sets_it() -> None:
    roles = {"roles_data.yaml": ROLES}
    assert "  ~ role Compute: 1 → 3 nodes" in told(diff(roles, roles | with_values("  ComputeCount: 3\n")))
    found = diff(
        roles,
        roles
        | {"overcloud.yaml": PLAN["overcloud.yaml"].replace("default: 1}\n  ComputeP", "default: 2}\n  ComputeP")},
    )
    assert "  ~ role Compute: 1 → 2 nodes" in told(found)


def test_roles_and_networks_that_come_go_and_change_are_told_with_what_is_in_them() -> None:
    old = {"roles_data.yaml": ROLES, "network_data.yaml": "- {name: Storage, vip: true}\n"}
    new = {
        "roles_data.yaml": ROLES.replace("[A, B]", "[A, C]") + "- {name: Extra}\n",
        "network_data.yaml": "- {name: Storage, vip: false}\n",
    }
    found = told(diff(old, new))
    assert "  + role Extra: none → 0 nodes" in found
    assert "  ~ role Compute" in found
    assert any("ServicesDefault[1]: B → C" in line for line in found)
    assert "  ~ network Storage" in found
    assert "      ~ vip: true → false" in found
    gone = diff(new, old)
    assert "  - role Extra: 0 → none nodes" in told(gone)
    assert {(change.what, change.name, change.kind) for change in gone.models} == {
        ("role", "Extra", "removed"),
        ("role", "Compute", "changed"),
        ("network", "Storage", "changed"),
    }


def test_nothing_of_a_plan_is_markup_in_markdown_or_html() -> None:
    evil = with_values("  Name: '<script>alert(1)</script>`**x**`'\n")
    found = diff({}, evil)
    page = html(found, is_page=True)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    body = markdown(found)
    assert "``" in body
    assert not re.search(r"(?m)^- [^`]", body)


class Reader(HTMLParser):
    """The words of a page, and the tags that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open_tags: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, _attrs: Any) -> None:
        if tag != "meta":
            self.open_tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_html_is_whole_and_says_what_the_text_says() -> None:
    found = diff({}, with_values("  ComputeParameters: {Tuned: 2}\n"))

    reader = Reader()
    reader.feed(html(found, is_page=True))
    assert reader.open_tags == []
    assert all(line.strip() in reader.words for line in told(found))
    assert html(found, is_page=False).startswith("<section")


def test_an_empty_diff_says_so_in_every_form() -> None:
    found = diff({}, {})
    assert (found.is_empty, told(found)) == (True, [])
    assert "Nothing differs." in markdown(found)
    assert "Nothing differs." in html(found, is_page=True)


def test_hidden_values_are_in_no_form() -> None:
    found = diff(with_values("  Password: swordfish\n"), with_values("  Password: pufferfish\n"))
    said = json.dumps(found.to_document()) + markdown(found) + html(found, is_page=True) + "".join(told(found))
    assert "Password" in said
    assert "fish" not in said


def test_a_condition_on_a_secret_hides_only_what_depends_on_it() -> None:
    template = PLAN["overcloud.yaml"].replace(
        "resources:\n",
        "conditions:\n"
        "  given: {not: {equals: [{get_param: Password}, '']}}\n"
        "  both: {and: [given, {get_param: Flag}]}\n"
        "resources:\n",
        1,
    )
    secret = template.replace(
        "{RoleParameters: {get_param: ComputeParameters}}",
        "{RoleParameters: {get_param: ComputeParameters}, Plain: {if: [both, {get_param: ComputeCount}, 0]}}",
    )
    changes = with_values("  Flag: true\n  ComputeCount: 2\n  ComputeParameters: {Tuned: 2}\n")
    found = diff({"overcloud.yaml": secret, **with_values("  Flag: true\n")}, {"overcloud.yaml": secret, **changes})
    shown = {change.name: str(change.new) for change in found.parameters.derived}
    assert shown == {"RoleParameters": "{'Tuned': 2}", "Plain": "******"}


def test_staged_is_what_a_commit_would_hold_and_not_the_work_tree(plan: Plan) -> None:
    plan.edit("plan-environment.yaml", "Size: 3", "Size: 4")
    plan("diff", "--staged", code=0)
    plan.git("add", "--all")
    plan.edit("plan-environment.yaml", "Size: 4", "Size: 5")
    staged = plan("diff", "--staged", "-o", "json", code=1).data
    assert [one["new"]["value"] for one in staged["heat"]["parameters"]] == [4]
    assert staged["new"] == "index"
    assert plan("diff", "-o", "json", code=1).data["heat"]["parameters"][0]["new"]["value"] == 5


def test_the_exit_code_can_be_left_out(plan: Plan) -> None:
    plan.edit("plan-environment.yaml", "Size: 3", "Size: 4")
    plan("diff", "--exit-code", code=1)
    plan("diff", "--no-exit-code", code=0)


@pytest.mark.parametrize(
    "options", [["--live", "--mirror"], ["--staged", "HEAD~1", "HEAD"], ["--live", "A", "B"], ["--preview"]]
)
def test_sides_that_exclude_each_other_are_refused(plan: Plan, options: list[str]) -> None:
    assert "--" in plan("diff", *options, code=2).err


def test_every_key_of_the_data_is_in_its_schema() -> None:
    old = {"roles_data.yaml": ROLES, **with_values("  Servers: [d]\n  Nobody: 1\n")}
    new = {
        "roles_data.yaml": ROLES.replace("[A, B]", "[C]"),
        "environments/base.yaml": PLAN["environments/base.yaml"].replace("../compute", "../unselected"),
        "overcloud.yaml": PLAN["overcloud.yaml"].replace("{value: {get_param: Size}}", "{value: 1}"),
        **with_values("  Settings: {a: 2}\n  ComputeParameters: {Tuned: 1}\n"),
    }
    named = set(re.findall(r"`([a-z_]+)`", SCHEMA.read_text()))
    assert set(keys(diff(old, new).to_document())) - {"a", "Tuned"} <= named


def keys(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for inner in value.values() for key in keys(inner))]
    return [key for inner in value for key in keys(inner)] if isinstance(value, list) else []
