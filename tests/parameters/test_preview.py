"""Heat's preview and our diff: what counts as the same, and what is told to differ."""

from __future__ import annotations

import pytest

from tripleo_gitops.heat.changes import ParameterDiff, Replacement, ResourceChange
from tripleo_gitops.openstack.stack import PreviewedResource
from tripleo_gitops.operations.comparison.preview import compare_preview

CHANGED = ResourceChange("/a", "T", "T", ("x",), Replacement.NO)
MAYBE = ResourceChange("/a", "T", "T", ("x",), Replacement.MAYBE)
REPLACED = ResourceChange("/a", "T", "T", ("x",), Replacement.YES)


@pytest.mark.parametrize(
    ("action", "change", "agrees"),
    [
        ("updated", CHANGED, True),
        ("replaced", CHANGED, False),
        ("unchanged", CHANGED, False),
        ("updated", MAYBE, True),
        ("replaced", MAYBE, True),
        ("replaced", REPLACED, True),
        ("updated", REPLACED, False),
        ("added", ResourceChange("/a", None, "T"), True),
        ("deleted", ResourceChange("/a", "T", None), True),
        ("unchanged", None, True),
        ("updated", None, False),
    ],
)
def test_heat_s_word_and_ours_are_compared(action: str, change: ResourceChange | None, *, agrees: bool) -> None:
    ours = ParameterDiff(resources=(change,) if change else ())
    found = compare_preview((PreviewedResource("/a", "T", action),), ours)
    assert [one.path for one in found.differing] == ([] if agrees else ["/a"])
    assert len(found.resources) == (action != "unchanged")


def test_an_untouched_stack_that_heat_looks_into_is_no_difference() -> None:
    looked_into = PreviewedResource("/a", "T", "updated", holds_stack=True)
    assert compare_preview((looked_into,), ParameterDiff()).differing == ()


def test_what_is_in_a_stack_that_heat_does_not_tell_of_is_not_compared() -> None:
    ours = ParameterDiff(resources=(ResourceChange("/a/inner", "T", "T"), ResourceChange("/b", "T", "T")))
    found = compare_preview((PreviewedResource("/a", "T", "unchanged"),), ours)
    assert [(one.path, one.heat, one.ours) for one in found.differing] == [("/b", "not named", "updated")]
