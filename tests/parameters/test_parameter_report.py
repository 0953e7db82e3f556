"""What a plan sets by itself is told apart: deprecated, unused, not taken by a role."""

from __future__ import annotations

from tests.parameters.plans import tree_of, with_values
from tripleo_gitops.operations.parameter_report import report_parameters
from tripleo_gitops.operations.resolution import resolve_plan


def test_a_good_plan_sets_nothing_in_vain() -> None:
    found = report_parameters(resolve_plan(tree_of({})))
    assert (found.deprecated, found.unused, found.misplaced) == (("OldSize",), (), ())
    assert found.given == {"Size"}


def test_each_kind_is_named() -> None:
    values = "  OldSize: 2\n  Elsewhere: 1\n  Sise: 1\n  ComputeParameters:\n    Tuned: 1\n    Plain: 1\n"
    found = report_parameters(resolve_plan(tree_of(with_values(values))))
    assert found.deprecated == ("OldSize",)
    assert "OldSize" in found.given
    assert found.unused == ("Elsewhere", "Sise")
    assert found.misplaced == ("Plain",)
