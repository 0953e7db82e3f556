"""Refuse a plan tree that breaks a rule of plans, with every finding at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import Refused
from tripleo_gitops.plan.checks import Finding, Severity, check

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree


class BrokenPlan(Refused):
    """A tree that breaks rules of a plan; holds every finding."""

    reason = "BrokenPlan"

    def __init__(self, findings: tuple[Finding, ...], *, what: str) -> None:
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        super().__init__(f"{what}: {errors} error{'s' if errors != 1 else ''} in the plan; mend what is named above")
        self.findings = findings


def check_plan(tree: PlanTree, *, what: str) -> tuple[Finding, ...]:
    """Return the findings about a tree that do not forbid it; raise BrokenPlan when one does.

    `what` says in the error which tree it was.
    """
    findings = check(tree)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise BrokenPlan(findings, what=what)
    return findings
