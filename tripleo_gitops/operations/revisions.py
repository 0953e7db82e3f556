"""A revision of a plan, opened: checked, loaded, rendered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.operations.checking import check_plan
from tripleo_gitops.plan.plan import Plan, load_plan
from tripleo_gitops.sandbox.rendering import RenderOnce

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.plan.names import PlanName
    from tripleo_gitops.plan.rendering import RenderedTree
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import PlanRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAtRevision:
    """A revision of a plan that passed the checks: the plan, its tree as committed, and rendered."""

    revision: Revision
    name: PlanName
    plan: Plan
    tree: PlanTree
    rendered: RenderedTree


def open_plan(repository: PlanRepository, revision: str = "HEAD") -> PlanAtRevision:
    """Return the plan of a revision; raise BrokenPlan when the revision breaks a rule, UnknownRevision."""
    found = repository.resolve(revision)
    tree = repository.tree(found)
    renderer = RenderOnce()
    check_plan(tree, what=found.short, renderer=renderer, cache=repository.cache)
    plan = load_plan(tree)
    return PlanAtRevision(revision=found, name=plan.name, plan=plan, tree=tree, rendered=renderer(tree))


def plan_name_of(tree: PlanTree) -> PlanName:
    """Return the name that a plan tree gives itself."""
    return load_plan(tree).name
