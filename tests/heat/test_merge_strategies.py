"""Merge strategies beside Heat's own code, and text that is merged by its parameter's type."""

from __future__ import annotations

import copy
import json

from heat.common import environment_util
from heat.common.exception import ConflictingMergeStrategyForParam, InvalidMergeStrategyForParam
from heat.engine.hot.parameters import HOTParamSchema
from hypothesis import given, settings
from hypothesis import strategies as st

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.heat.environment import EnvironmentLayer, MergeRule, merge
from tripleo_gitops.heat.errors import InvalidEnvironment
from tripleo_gitops.heat.preparation import prepare

TYPES = {"S": "string", "L": "comma_delimited_list", "J": "json", "N": "number"}
INNER = st.dictionaries(st.sampled_from("ab"), st.sampled_from(["x", ["y"], {"k": "v"}]), min_size=1, max_size=2)
VALUES = {
    "S": st.sampled_from(["one", "two"]),
    "L": st.sampled_from(["a,b", "c"]),
    "J": INNER,
}
STRATEGIES = st.fixed_dictionaries({}, optional={name: st.sampled_from(["merge", "deep_merge"]) for name in VALUES})
LAYERS = st.lists(st.fixed_dictionaries({}, optional=VALUES), min_size=1, max_size=3)


def heats(layers, strategies):
    schemata = {name: HOTParamSchema(kind) for name, kind in TYPES.items()}
    files = {}
    for number, one in enumerate(layers):
        document = {"parameter_defaults": one, "parameter_merge_strategies": strategies}
        files[f"e{number}"] = json.dumps({key: value for key, value in document.items() if value})
    merged = {"parameter_defaults": {}, "parameters": {}, "resource_registry": {}}
    environment_util.merge_environments(list(files), files, merged, schemata)
    return merged["parameter_defaults"]


def ours(layers, strategies):
    documents = [{"parameter_defaults": one, "parameter_merge_strategies": strategies} for one in layers]
    types = {"S": "String", "L": "CommaDelimitedList", "J": "Json", "N": "Number"}
    layered = [EnvironmentLayer(f"e{number}", one) for number, one in enumerate(documents)]
    return merge(layered, rule=MergeRule.SERVER, types=types).document.get("parameter_defaults", {})


@settings(deadline=None)
@given(LAYERS, STRATEGIES)
def test_strategies_merge_as_heat_merges_or_both_refuse(layers, strategies):
    try:
        theirs = heats(copy.deepcopy(layers), strategies)
    except (ConflictingMergeStrategyForParam, InvalidMergeStrategyForParam, TypeError, AttributeError):
        try:
            ours(layers, strategies)
        except InvalidEnvironment:
            return
        raise
    assert ours(layers, strategies) == theirs


def test_text_is_merged_as_the_type_of_its_parameter_says():
    main = b"""heat_template_version: 2018-08-31
parameters:
  text: {type: string}
resources: {a: {type: child.yaml}}
"""
    child = b"heat_template_version: 2018-08-31\nparameters: {items: {type: comma_delimited_list, default: []}}\n"
    tree = MemoryTree({"main.yaml": main, "child.yaml": child})
    strategies = {"items": "merge", "text": "merge"}
    layers = [
        EnvironmentLayer(name, {"parameter_defaults": one, "parameter_merge_strategies": strategies})
        for name, one in (("low", {"items": "a", "text": "a"}), ("high", {"items": "b", "text": "b"}))
    ]
    environment, bundle = prepare(tree, "main.yaml", layers)
    assert environment.document["parameter_defaults"] == {"items": "a,b", "text": "ab"}
    assert bundle.environment == environment.document


def test_without_strategies_it_is_merge_and_collect():
    tree = MemoryTree({"main.yaml": b"heat_template_version: 2018-08-31\n"})
    environment, bundle = prepare(tree, "main.yaml", [EnvironmentLayer("e", {"parameter_defaults": {"A": 1}})])
    assert (environment.document, bundle.template_path) == ({"parameter_defaults": {"A": 1}}, "main.yaml")
