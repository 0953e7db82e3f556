"""The older side of a diff, which may be broken: the commit that mends a plan is to be looked at, too."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.documents.invalid import InvalidDocument
from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.heat.diff import diff_contents, diff_parameters
from tripleo_gitops.heat.errors import InvalidEnvironment, InvalidTemplate, OutsidePlan
from tripleo_gitops.plan.plan import load_plan
from tripleo_gitops.plan.template_engine import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.heat.changes import ParameterDiff
    from tripleo_gitops.operations.resolution import ResolvedPlan
    from tripleo_gitops.plan.plan import Plan

REFUSALS = (InvalidTemplate, InvalidEnvironment, OutsidePlan, InvalidDocument, MissingFile, TemplateError)


@dataclass(frozen=True, kw_only=True)
class OlderSide:
    """What is known of the older side, and what differs from it for Heat; `refusal` says why that is not all."""

    parameters: ParameterDiff
    plan: Plan | None = None
    resolved: ResolvedPlan | None = None
    refusal: str = ""


def compare_with_older(
    old: PlanTree | None, after: ResolvedPlan, *, resolve: Callable[[PlanTree], ResolvedPlan]
) -> OlderSide:
    """Return what differs from a plan tree (None: nothing) to a plan; raises only what the newer one is refused for.

    `resolve` says what the older tree means to Heat.
    """
    if old is None:
        return OlderSide(parameters=diff_parameters(None, after.side))
    try:
        before = resolve(old)
    except REFUSALS as exc:
        found = OlderSide(parameters=diff_contents(after.side, after.side), plan=_plan(old), refusal=str(exc))
    else:
        found = _compared(before, after)
    if found.refusal:
        _ = after.parameters  # it is the newer side's refusal that counts, where it has one
    return found


def _compared(before: ResolvedPlan, after: ResolvedPlan) -> OlderSide:
    try:
        parameters, refusal = diff_parameters(before.side, after.side), ""
    except REFUSALS as exc:
        parameters, refusal = diff_contents(before.side, after.side), str(exc)
    return OlderSide(parameters=parameters, plan=before.plan, resolved=before, refusal=refusal)


def _plan(tree: PlanTree) -> Plan | None:
    with suppress(*REFUSALS):
        return load_plan(tree)
    return None
