"""Who set a value, in which commit, and its history; and that only what may matter is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.parameters.plans import PLAN
from tripleo_gitops.operations.blame import ParameterHistory
from tripleo_gitops.repository.commit_log import CommitLog
from tripleo_gitops.repository.objects import PlanRepository

if TYPE_CHECKING:
    from tests.parameters.conftest import Plan


def subjects(plan: Plan, name: str, *options: str) -> list[str]:
    return [one["subject"] for one in plan("log", name, *options, "-o", "json").data]


@pytest.fixture
def story(plan: Plan) -> Plan:
    """A value that is set, set again, taken away, and files around it that change."""
    plan.edit("plan-environment.yaml", "Size: 3", "Size: 4")
    plan.commit("Four")
    (plan.directory / "README").write_text("unrelated\n")
    plan.commit("Unrelated")
    plan.edit("plan-environment.yaml", "parameter_defaults:\n  Size: 4\n", "")
    plan.commit("As the site says")
    plan.edit("environments/site.yaml", "  # how large\n  Size: 2\n", "")
    plan.commit("As the base says")
    plan.edit("environments/base.yaml", "parameter_defaults:\n  Size: 2\n", "")
    plan.commit("As the template says")
    plan.edit("overcloud.yaml", "Size: {type: number, default: 1", "Size: {type: number, default: 5")
    plan.commit("Another default")
    return plan


def test_log_names_each_commit_that_changed_the_value_or_who_sets_it(story: Plan) -> None:
    assert subjects(story, "Size") == [
        "Another default",
        "As the template says",
        "As the base says",
        "As the site says",
        "Four",
        "Begin",
    ]
    values = [one["new"]["value"] for one in story("log", "Size", "-o", "json").data]
    assert values == [5, 1, 2, 2, 4, 3]
    assert subjects(story, "Size", "-n", "2") == ["Another default", "As the template says"]
    assert subjects(story, "Servers") == ["Begin"]


def test_blame_names_the_commit_the_place_and_what_was_before(story: Plan) -> None:
    found = story("blame", "Size", "HEAD~3", "-o", "json").data
    assert (found["subject"], found["new"]["value"], found["old"]["value"]) == ("As the site says", 2, 4)
    assert (found["new"]["origin"]["file"], found["new"]["origin"]["line"]) == ("environments/site.yaml", 3)
    printed = story("blame", "Size").out
    assert "Test Operator" in printed
    assert "Another default" in printed
    assert "Nope" in story("blame", "Nope", code=2).err


def test_a_merge_is_blamed_only_where_it_decides(plan: Plan) -> None:
    plan.git("switch", "-qc", "side")
    plan.edit("plan-environment.yaml", "Size: 3", "Size: 5")
    plan.commit("Five on the side")
    plan.git("switch", "-q", "main")
    (plan.directory / "README").write_text("x\n")
    plan.commit("Elsewhere")
    plan.git("merge", "-q", "--no-edit", "side")
    assert plan("blame", "Size", "-o", "json").data["subject"] == "Five on the side"
    assert subjects(plan, "Size") == ["Five on the side", "Begin"]


def test_a_hidden_value_s_history_is_told_without_the_value(plan: Plan) -> None:
    for word in ("swordfish", "pufferfish"):
        text = PLAN["plan-environment.yaml"] + f"  Password: {word}\n"
        (plan.directory / "plan-environment.yaml").write_text(text)
        plan.commit(f"Password {word[:5]}")
    said = plan("log", "Password", "-o", "json")
    assert [one["subject"] for one in said.data] == ["Password puffe", "Password sword", "Begin"]
    assert "swordfish" not in said.out
    assert "pufferfish" not in said.out


def test_a_revision_that_cannot_be_read_is_told_and_does_not_end_the_history(plan: Plan) -> None:
    plan.edit("plan-environment.yaml", "Size: 3", "Size: [")
    plan.commit("Broken")
    plan.edit("plan-environment.yaml", "Size: [", "Size: 4")
    plan.commit("Mended")
    assert subjects(plan, "Size") == ["Mended", "Broken", "Begin"]
    assert "plan-environment.yaml" in plan("log", "Size", "-o", "json").data[1]["new"]["problem"]


def test_only_revisions_whose_relevant_files_changed_are_read(plan: Plan) -> None:
    for number in range(20):
        (plan.directory / "README").write_text(f"{number}\n")
        plan.edit("service.yaml", "Plain:", "Plainer:") if number == 5 else None
        plan.commit(f"Unrelated {number}")
    plan.edit("plan-environment.yaml", "Size: 3", "Size: 4")
    plan.commit("Four")
    with PlanRepository.open(plan.directory) as repository, CommitLog.of(repository) as log:
        history = ParameterHistory(repository, log, "Size")
        assert len(list(history.changes(repository.resolve()))) == 2
        assert history.resolved == 2
        other = ParameterHistory(repository, log, "Flag")
        assert len(list(other.changes(repository.resolve()))) == 1
        assert other.resolved == 3
