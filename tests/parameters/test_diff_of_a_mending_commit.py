"""A commit that mends a plan can be looked at: of a broken older side is compared what can be."""

from __future__ import annotations

import pytest

from tests.parameters.plans import PLAN, tree_of
from tripleo_gitops.errors import GitopsError
from tripleo_gitops.operations.comparison import diff_report
from tripleo_gitops.operations.comparison.diff import PlanDiff, diff_plans

BASE = "environments/base.yaml"
BROKEN: dict[str, tuple[dict[str, str | None], str]] = {
    "a type that is not there": ({"overcloud.yaml": PLAN["overcloud.yaml"].replace("service.yaml", "OS::No::Such")},
                                 "OS::No::Such"),
    "a file that is missing": ({"service.yaml": None}, "service.yaml"),
    "an environment that is no YAML": ({BASE: "a: [\n"}, "base.yaml"),
    "a plan environment that is no YAML": ({"plan-environment.yaml": "a: [\n"}, "plan-environment.yaml"),
}  # fmt: skip


def diff(old: dict[str, str | None], new: dict[str, str | None]) -> PlanDiff:
    return diff_plans(tree_of(old), tree_of(new), old_label="old", new_label="new")


@pytest.mark.parametrize("name", BROKEN)
def test_a_mending_commit_shows_what_it_can(name: str) -> None:
    broken, words = BROKEN[name]
    found = diff(broken, {})
    assert [change.path for change in found.files] == list(broken)
    assert words in found.old_refusal
    assert found.parameters.parameters == found.parameters.resources == found.models == ()
    assert found.to_document()["old_refusal"] == found.old_refusal
    for shown in (diff_report.markdown(found), diff_report.html(found, is_page=True)):
        assert "not compared" in shown
        assert words in shown


@pytest.mark.parametrize("name", BROKEN)
def test_a_commit_that_breaks_a_plan_is_refused(name: str) -> None:
    broken, words = BROKEN[name]
    with pytest.raises(GitopsError, match=words):
        diff({}, broken)


def test_what_differs_beside_parameters_is_told_of_a_side_that_is_broken() -> None:
    broken, _ = BROKEN["a type that is not there"]
    mended = {BASE: PLAN[BASE].replace("resource_registry:\n", "resource_registry:\n  OS::A: OS::Heat::None\n")}
    assert [one.path for one in diff(broken, mended).parameters.registry] == [("OS::A",)]


def test_a_side_that_is_whole_has_no_refusal() -> None:
    found = diff({}, {"service.yaml": PLAN["service.yaml"] + "# x\n"})
    assert found.old_refusal == ""
    assert found.to_document()["old_refusal"] is None
