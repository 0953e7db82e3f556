"""A selection is written so that only its own entries come, go and move."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tripleo_gitops.documents.edit import UneditableDocument
from tripleo_gitops.plan.plan_environment import InlineEnvironment, parse_plan_environment
from tripleo_gitops.plan.selection import plan_selection_edit

PLAN = """\
# the plan
template: t.yaml
environments:
  # what all stand on
  - path: base.yaml   # always first
  - data: {parameter_defaults: {A: 1}}
  - path: net.yaml    # the network
  - path: own.yaml
passwords: {}  # none
"""


def edited(text: str, *selected: str) -> str:
    return plan_selection_edit(text.encode(), selected).decode()


def test_the_same_selection_changes_no_byte() -> None:
    assert edited(PLAN, "base.yaml", "net.yaml", "own.yaml") == PLAN


def test_an_entry_is_added_where_it_belongs() -> None:
    new = edited(PLAN, "base.yaml", "net.yaml", "tls.yaml", "own.yaml")
    assert new == PLAN.replace("# the network\n", "# the network\n  - path: tls.yaml\n")


def test_an_entry_is_added_at_the_end_and_at_the_beginning() -> None:
    new = edited(PLAN, "zero.yaml", "base.yaml", "net.yaml", "own.yaml", "last.yaml")
    expected = PLAN.replace("  - path: base.yaml", "  - path: zero.yaml\n  - path: base.yaml")
    assert new == expected.replace("own.yaml\n", "own.yaml\n  - path: last.yaml\n")


def test_an_entry_is_removed() -> None:
    assert edited(PLAN, "base.yaml", "own.yaml") == PLAN.replace("  - path: net.yaml    # the network\n", "")


def test_an_entry_that_moves_takes_its_comment_along() -> None:
    new = edited(PLAN, "base.yaml", "own.yaml", "net.yaml")
    lines = "  - path: net.yaml    # the network\n  - path: own.yaml\n"
    moved = PLAN.replace(lines, "  - path: own.yaml\n  - path: net.yaml    # the network\n")
    assert sorted(new) == sorted(PLAN)
    assert parse_plan_environment(new.encode()).selected_paths == ("base.yaml", "own.yaml", "net.yaml")
    assert new == moved or "path: net.yaml    # the network" in new


def test_a_second_mention_goes() -> None:
    text = "template: t\nenvironments:\n- path: a\n- path: b\n- path: a\n"
    assert edited(text, "a", "b") == "template: t\nenvironments:\n- path: a\n- path: b\n"


def test_a_plan_without_environments_gets_the_list() -> None:
    assert edited("template: t\n", "a", "b") == "template: t\nenvironments:\n  - path: a\n  - path: b\n"
    assert edited("template: t\nenvironments: []\n", "a") == "template: t\nenvironments:\n  - path: a\n"
    assert edited("template: t\nenvironments:\n", "a") == "template: t\nenvironments:\n  - path: a\n"


def test_nothing_selected_leaves_an_empty_list() -> None:
    assert edited("template: t\nenvironments:\n- path: a\n") == "template: t\nenvironments: []\n"


def test_a_list_in_brackets_is_edited_in_brackets() -> None:
    text = "template: t\nenvironments: [{path: a}, {path: c}]\n"
    assert edited(text, "a", "b", "c") == "template: t\nenvironments: [{path: a}, {path: b}, {path: c}]\n"


def test_an_aliased_list_is_refused() -> None:
    text = "template: t\nworkflow_parameters: {w: {l: &l [{path: a}]}}\nenvironments: *l\n"
    with pytest.raises(UneditableDocument):
        edited(text, "a", "b")


NAMES = [f"{letter}.yaml" for letter in "abcdefg"]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([*NAMES, None]), max_size=8),
    st.lists(st.sampled_from(NAMES), unique=True),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_selection_can_be_written_and_inline_environments_stay(
    before: list[str | None], after: list[str], newline: str
) -> None:
    entries = [
        f"- path: {name}  # {name}" if name else f"- data: {{parameter_defaults: {{N: {index}}}}}"
        for index, name in enumerate(before)
    ]
    content = newline.join(["template: t.yaml", "environments:", *entries, "passwords: {A: b}", ""]).encode()
    result = plan_selection_edit(content, after)
    old, new = parse_plan_environment(content), parse_plan_environment(result)
    assert new.selected_paths == tuple(after)
    assert [dict(e.data) for e in new.environments if isinstance(e, InlineEnvironment)] == [
        dict(e.data) for e in old.environments if isinstance(e, InlineEnvironment)
    ]
    assert result.count(b"\r") in (0, result.count(b"\n"))
    for name in set(after) & set(before):
        assert f"- path: {name}  # {name}".encode() in result
