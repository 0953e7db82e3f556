"""Calls of functions that yaql does not have are told with their place, and no other calls."""

from __future__ import annotations

import pytest

from tests.heat.releases import SELECTIONS, rendered
from tests.parameters.plans import PLAN, tree_of
from tripleo_gitops.documents.yaml import parse_template
from tripleo_gitops.heat.functions.yaql_names import unknown_functions
from tripleo_gitops.heat.yaql_calls import UnknownCalls, unknown_calls
from tripleo_gitops.operations.checking import check_tree
from tripleo_gitops.repository.cache import DiskCache

EXPRESSION = 'str("{0}".format($.data).split("/")[-1])'
CASES = {
    EXPRESSION: ("format",),
    "$.data.foo()": ("foo",),
    "bar($.data)": ("bar",),
    "format(1)": ("format",),
    "[bar(1)]": ("bar",),
    "{a => bar(1)}": ("bar",),
    "$.data.where(bar($)).foo()": ("bar", "foo"),
    "$.data?.foo()": ("foo",),
    "'a'.foo()": ("foo",),
    "let(x => 1) -> bar($x)": ("bar",),
    "$.data.format('x')": (),
    "'a'.toUpper()": (),
    "'a,b'.split(',')": (),
    "[1, 2].sum() + len('a')": (),
    "$.data.where($ =~ regex('a')).select(str($)).flatten().distinct()": (),
    "dict($.data.map.items().where($[0] in $.data.list))": (),
    "coalesce($.data, []).first(null)": (),
    "def(sq, $ * $) -> $.data.select(sq($))": (),
    "(": (),
    "": (),
}


@pytest.mark.parametrize("expression", CASES)
def test_calls_of_what_is_not_there_are_told(expression: str) -> None:
    assert unknown_functions(expression) == CASES[expression]


def test_the_place_is_that_of_the_expression() -> None:
    document = {"resources": {"a": {"properties": {"b": [{"yaql": {"expression": "foo()", "data": {}}}]}}}}
    place = ("resources", "a", "properties", "b", 0, "yaql", "expression")
    assert list(unknown_calls(document)) == [UnknownCalls(place, ("foo",))]


@pytest.mark.parametrize("version", SELECTIONS)
def test_released_templates_call_what_heat_has_but_for_one(version: str, released) -> None:
    released(version)
    tree = rendered(version)
    templates = [path for path in tree.paths() if path.endswith(".yaml") and b"yaql:" in tree.read(path)]
    documents = [parse_template(tree.read(path), source=path) for path in templates if not path.endswith(".j2.yaml")]
    assert {name for one in documents for found in unknown_calls(one) for name in found.names} == {"format"}


def test_the_check_names_file_and_line_again_and_again(tmp_path) -> None:
    template = f"{PLAN['service.yaml']}outputs:\n  o:\n    value:\n      yaql:\n        expression: {EXPRESSION}\n"
    tree, cache = tree_of({"service.yaml": f"{template}        data: x\n"}), DiskCache(tmp_path / "cache.sqlite")
    for _ in range(2):
        found = [one for one in check_tree(tree, cache=cache) if one.code == "yaql-function-unknown"]
        assert [(one.path, one.line) for one in found] == [("service.yaml", 10)]
        assert "`format`" in found[0].message


def test_a_clean_plan_is_looked_at_once(tmp_path) -> None:
    class Noting(DiskCache):
        def __init__(self, directory) -> None:
            super().__init__(directory)
            self.asked: list[str] = []

        def get(self, key: str) -> bytes | None:
            self.asked.append(key)
            return super().get(key)

    cache = Noting(tmp_path / "cache.sqlite")
    check_tree(tree_of({}), cache=cache)
    cache.asked.clear()
    check_tree(tree_of({}), cache=cache)
    assert [key for key in cache.asked if key.startswith("yaql1-file")] == []
    assert [key for key in cache.asked if key.startswith("yaql1-plan")]
