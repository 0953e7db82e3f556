"""A plan is loaded whole from its tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.documents.tree import MemoryTree, MissingFile
from tripleo_gitops.plan.names import InvalidPlanName, parse_plan_name
from tripleo_gitops.plan.plan import is_plan, load_plan
from tripleo_gitops.plan.settings import PlanSettings

if TYPE_CHECKING:
    from pathlib import Path


def tree_of(text: str) -> MemoryTree:
    return MemoryTree({"plan-environment.yaml": text.encode()})


def test_the_example_plan_is_loaded(example: Path) -> None:
    files = {str(p.relative_to(example)): p.read_bytes() for p in example.rglob("*") if p.is_file()}
    plan = load_plan(MemoryTree(files))
    assert plan.name == "overcloud"
    assert plan.environment.template == "overcloud.yaml"
    assert {role.name for role in plan.roles} >= {"Controller", "Compute"}
    assert plan.capabilities.topics
    assert plan.networks
    assert not plan.settings.deploy.on_push


def test_the_name_that_the_caller_knows_wins() -> None:
    assert load_plan(tree_of("template: t\nname: in-file\n")).name == "in-file"
    assert load_plan(tree_of("template: t\nname: in-file\n"), name=parse_plan_name("other")).name == "other"
    assert load_plan(tree_of("template: t\n")).name == "overcloud"


def test_a_plan_needs_nothing_but_its_plan_environment() -> None:
    plan = load_plan(tree_of("template: t\n"))
    assert (plan.roles, plan.networks, plan.capabilities.topics) == ((), (), ())
    assert plan.settings == PlanSettings()


def test_a_tree_that_is_no_plan_is_not_loaded() -> None:
    assert not is_plan(MemoryTree({"README.md": b""}))
    with pytest.raises(MissingFile):
        load_plan(MemoryTree({"README.md": b""}))


def test_a_name_that_a_service_refuses_is_refused() -> None:
    with pytest.raises(InvalidPlanName, match="Heat"):
        load_plan(tree_of("template: t\nname: 1st\n"))
