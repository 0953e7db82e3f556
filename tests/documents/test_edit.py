"""Editing changes the one value that is named; every example shows the whole text before and after."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tripleo_gitops.documents.edit import (
    UneditableDocument,
    append_item,
    remove_item,
    set_value,
    unset_value,
)
from tripleo_gitops.documents.yaml import InvalidDocument

PLAN = """\
# The plan
version: 1.0   # of the format

name: 'overcloud'
environments:
  - path: base.yaml     # always first
  # the network
  - path: net.yaml

parameter_defaults:
  # how many
  Count: 3  # three
  Key: |
    -----BEGIN
    abc

  List: [a, b]   # flow
  Map: {x: 1,
        y: 2}
# the end
"""


def edited(text: str, path: tuple[str | int, ...], value: Any) -> str:
    return set_value(text.encode(), path, value, source="x.yaml").decode()


def without(text: str, path: tuple[str | int, ...]) -> str:
    return unset_value(text.encode(), path, source="x.yaml").decode()


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("parameter_defaults", "Count"), 5, "Count: 3  # three", "Count: 5  # three"),
        (("parameter_defaults", "Count"), "3", "Count: 3  # three", 'Count: "3"  # three'),
        (("parameter_defaults", "Count"), None, "Count: 3  # three", "Count: null  # three"),
        (("parameter_defaults", "Count"), "a\nb\n", "Count: 3  # three\n", "Count: |  # three\n    a\n    b\n"),
        (("parameter_defaults", "Count"), ["a"], "Count: 3  # three\n", "Count:  # three\n    - a\n"),
        (("parameter_defaults", "Count"), {}, "Count: 3  # three", "Count: {}  # three"),
        (("name",), "site-1", "name: 'overcloud'", "name: site-1"),
        (("name",), "yes", "name: 'overcloud'", 'name: "yes"'),
        (("name",), "2013-05-23", "name: 'overcloud'", 'name: "2013-05-23"'),
        (("parameter_defaults", "Key"), "x", "Key: |\n    -----BEGIN\n    abc\n", "Key: x\n"),
        (("parameter_defaults", "List", 1), "c d", "[a, b]", "[a, c d]"),
        (("parameter_defaults", "List", 1), {"a": [1, "x, y"]}, "[a, b]", '[a, {a: [1, "x, y"]}]'),
        (("parameter_defaults", "Map", "y"), 3, "y: 2}", "y: 3}"),
        (("parameter_defaults", "Map", "z"), 3, "y: 2}", "y: 2,\n        z: 3}"),
        (("environments", 1, "path"), "flat.yaml", "path: net.yaml", "path: flat.yaml"),
        (
            ("environments", 0, "note"),
            "x",
            "- path: base.yaml     # always first\n",
            "- path: base.yaml     # always first\n    note: x\n",
        ),
        (("parameter_defaults", "New"), True, "        y: 2}\n", "        y: 2}\n  New: true\n"),
        (
            ("parameter_defaults", "New", "deeper"),
            [1, {"a": None}],
            "        y: 2}\n",
            "        y: 2}\n  New:\n    deeper:\n      - 1\n      - a: null\n",
        ),
        (("passwords", "Admin"), "x", "        y: 2}\n", "        y: 2}\npasswords:\n  Admin: x\n"),
    ],
)
def test_setting_a_value_changes_nothing_else(path: tuple[str | int, ...], value: Any, old: str, new: str) -> None:
    assert PLAN.count(old) == 1
    assert edited(PLAN, path, value) == PLAN.replace(old, new)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (("parameter_defaults", "Count"), "  Count: 3  # three\n", ""),
        (("parameter_defaults", "Key"), "  Key: |\n    -----BEGIN\n    abc\n", ""),
        (("parameter_defaults", "List", 0), "[a, b]", "[b]"),
        (("parameter_defaults", "List", 1), "[a, b]", "[a]"),
        (("parameter_defaults", "Map", "x"), "{x: 1,\n        y: 2}", "{y: 2}"),
        (("environments", 0), "  - path: base.yaml     # always first\n", ""),
        (("environments", 0, "path"), "path: base.yaml     # always first", "{}     # always first"),
        (("version",), "version: 1.0   # of the format\n", ""),
        (
            ("environments",),
            "environments:\n  - path: base.yaml     # always first\n  # the network\n  - path: net.yaml\n",
            "",
        ),
    ],
)
def test_unsetting_removes_the_entry_and_nothing_else(path: tuple[str | int, ...], old: str, new: str) -> None:
    assert PLAN.count(old) == 1
    assert without(PLAN, path) == PLAN.replace(old, new)


def test_what_is_not_there_is_unset_without_a_change() -> None:
    assert without(PLAN, ("parameter_defaults", "Nothing")) == PLAN
    assert without(PLAN, ("a", "b", "c")) == PLAN
    assert without("", ("a",)) == ""


def test_setting_the_value_that_is_there_changes_no_byte() -> None:
    assert edited("a:   'x'   # spelled so\n", ("a",), "x") == "a:   'x'   # spelled so\n"


def test_setting_an_equal_value_of_another_type_is_a_change() -> None:
    assert edited("a: 1\n", ("a",), True) == "a: true\n"
    assert edited("a: 1\n", ("a",), 1.0) == "a: 1.0\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "a:\n  b: 1\n"),
        ("# only a comment", "# only a comment\na:\n  b: 1"),
        ("# only a comment\n", "# only a comment\na:\n  b: 1\n"),
        ("---\n", "---\na:\n  b: 1\n"),
        ("{}\n", "a:\n  b: 1\n"),
        ("~\n", "a:\n  b: 1\n"),
        ("a:\n", "a:\n  b: 1\n"),
        ("a:   # why\n", "a:   # why\n  b: 1\n"),
        ("a: {}\n", "a:\n  b: 1\n"),
        ("a: {}   # why\n", "a:   # why\n  b: 1\n"),
        ("a: null\nz: 1\n", "a:\n  b: 1\nz: 1\n"),
        ("z: 1", "z: 1\na:\n  b: 1"),
        ("z: 1\r\n", "z: 1\r\na:\r\n  b: 1\r\n"),
        ("\ufeffz: 1\n", "\ufeffz: 1\na:\n  b: 1\n"),
        ("a:\n    c: 1\n\n\n# end\n", "a:\n    c: 1\n    b: 1\n\n\n# end\n"),
        ("a: {c: 1}\n", "a: {c: 1, b: 1}\n"),
        ("a: {c: 1,}\n", "a: {c: 1, b: 1,}\n"),
        ("'a': {c: 1}\n", "'a': {c: 1, b: 1}\n"),
        ("z: 1\n...\n", "z: 1\na:\n  b: 1\n...\n"),
    ],
)
def test_missing_parents_are_made(before: str, after: str) -> None:
    assert edited(before, ("a", "b"), 1) == after


def test_json_stays_json() -> None:
    before = '{\n  "a": [1, 2],\n  "b": {"c": "x"}\n}\n'
    after = edited(edited(before, ("b", "d"), ["é", None]), ("e",), {"f": True})
    assert json.loads(after) == {"a": [1, 2], "b": {"c": "x", "d": ["é", None]}, "e": {"f": True}}
    assert after.startswith('{\n  "a": [1, 2],\n  "b": {"c": "x", "d": ["é", null]},\n  "e":')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("l: [a]\n", "l: [a, new]\n"),
        ("l: []  # none\n", "l:  # none\n  - new\n"),
        ("l:\n- a   # first\n# tail\n", "l:\n- a   # first\n- new\n# tail\n"),
        ("l:\n    - a\nz: 1\n", "l:\n    - a\n    - new\nz: 1\n"),
        ("l:\n  -\n    a: 1", "l:\n  -\n    a: 1\n  - new"),
        ("l:\n", "l:\n  - new\n"),
        ("z: 1\n", "z: 1\nl:\n  - new\n"),
    ],
)
def test_items_are_appended_in_the_style_of_their_list(before: str, after: str) -> None:
    assert append_item(before.encode(), ("l",), "new", source="x").decode() == after


def test_a_mapping_is_appended_beside_its_dash() -> None:
    before = b"environments:\n  - path: a.yaml\n"
    after = append_item(before, ("environments",), {"path": "b.yaml"}, source="x")
    assert after == b"environments:\n  - path: a.yaml\n  - path: b.yaml\n"


def test_the_last_item_that_is_removed_leaves_an_empty_list() -> None:
    assert remove_item(b"l:\n  - a  # one\nz: 1\n", ("l",), 0, source="x") == b"l: []  # one\nz: 1\n"
    assert remove_item(b"l: [ a ]\n", ("l",), 0, source="x") == b"l: []\n"
    assert remove_item(b"- a\n", (), 0, source="x") == b"[]\n"
    assert remove_item(b"- a\n- b", (), 1, source="x") == b"- a"
    assert remove_item(b"- a\n", (), 7, source="x") == b"- a\n"


ANCHORED = """\
base: &base
  a: 1
derived:
  <<: *base
  b: 2
alias: *base
"""


def test_a_key_that_comes_by_a_merge_key_is_set_beside_it() -> None:
    assert edited(ANCHORED, ("derived", "a"), 9) == ANCHORED.replace("  b: 2\n", "  b: 2\n  a: 9\n")


def test_a_value_beside_an_alias_is_set() -> None:
    assert edited(ANCHORED, ("alias",), 9) == ANCHORED.replace("alias: *base", "alias: 9")


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        (ANCHORED, ("base", "a"), "other values would change"),
        (ANCHORED, ("alias", "a"), "alias of &base"),
        ("a: {x: 1}\nb: &x {c: 1}\nd: [*x]\n", ("d", 0, "c"), "alias of &x"),
        ("a: 1\n", ("a", "b"), "no mapping stands"),
        ("a: [1]\n", ("a", 3), "the list has 1 items"),
        ("a: [1]\n", ("a", "b"), "the list has 1 items"),
        ("? a\n: 1\n", ("a",), "'?'"),
        ("a: 1\n", (), "name a key"),
    ],
)
def test_what_cannot_be_set_alone_is_refused(text: str, path: tuple[str | int, ...], words: str) -> None:
    with pytest.raises(UneditableDocument, match="by hand") as refused:
        edited(text, path, "new")
    assert words in str(refused.value)
    assert str(refused.value).startswith("x.yaml")


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        (ANCHORED, ("derived", "a"), "merge key"),
        (ANCHORED, ("base", "a"), "*base has no anchor"),
        (ANCHORED, ("base",), "*base has no anchor"),
        ("a: 1\nb: 2\na: 3\n", ("a",), "occurs twice"),
        ("- a: 1\n  # about b\n  b: 2\n", (0, "a"), "comment would be lost"),
        ("a: [1, # one\n  2]\n", ("a", 0), "comment would be lost"),
    ],
)
def test_what_cannot_be_removed_alone_is_refused(text: str, path: tuple[str | int, ...], words: str) -> None:
    with pytest.raises(UneditableDocument) as refused:
        without(text, path)
    assert words in str(refused.value)


def test_several_documents_and_broken_ones_are_refused_as_when_they_are_read() -> None:
    for text in ("a: 1\n---\nb: 1\n", "a: [\n", "a: !!python/none\n"):
        with pytest.raises(InvalidDocument):
            edited(text, ("a",), 2)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), "\ud800", {"a": {1, 2}}])
def test_a_value_that_yaml_cannot_say_is_refused(value: Any) -> None:
    with pytest.raises(UneditableDocument):
        edited("a: 1\n", ("a",), value)


def test_the_last_of_two_equal_keys_is_set_since_it_is_the_one_that_counts() -> None:
    assert edited("a: 1\nb: 2\na: 3\n", ("a",), 4) == "a: 1\nb: 2\na: 4\n"


def test_editing_goes_on_where_only_the_second_parser_takes_the_document() -> None:
    text = "x: {get_attr:[Controller, name]}\ny: 1  # one\n"
    assert edited(text, ("y",), 2) == text.replace("y: 1", "y: 2")
    assert edited(text, ("z",), 2) == text + "z: 2\n"
