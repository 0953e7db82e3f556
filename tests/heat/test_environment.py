"""The merged environment: precedence, provenance, references, merge strategies, and what is refused."""

from __future__ import annotations

import contextlib
import copy

import pytest
from heatclient.common.template_utils import deep_update
from hypothesis import given, settings
from hypothesis import strategies as st

from tripleo_gitops.documents.tree import MemoryTree, MissingFile
from tripleo_gitops.heat.environment import EnvironmentLayer, MergeRule, merge, read_layer
from tripleo_gitops.heat.errors import InvalidEnvironment, OutsidePlan

NAMES = st.sampled_from(["A", "B", "C"])
SCALARS = st.one_of(st.text(max_size=3), st.integers(0, 3), st.booleans(), st.none())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)
DEFAULTS = st.dictionaries(NAMES, VALUES, max_size=3)


def layer(origin: str, **sections: object) -> EnvironmentLayer:
    return EnvironmentLayer(origin, sections)


def defaults(*values: dict[str, object], **options: object) -> object:
    layers = [layer(f"{number}.yaml", parameter_defaults=one) for number, one in enumerate(values)]
    return merge(layers, **options).document.get("parameter_defaults", {})


def test_mappings_merge_and_lists_and_scalars_replace():
    merged = defaults({"A": {"x": 1, "y": {"z": 1}}, "B": [1, 2], "C": "c"}, {"A": {"y": {"w": 2}}, "B": [3], "C": "d"})
    assert merged == {"A": {"x": 1, "y": {"z": 1, "w": 2}}, "B": [3], "C": "d"}


def test_null_never_overwrites_a_mapping_and_does_overwrite_a_scalar():
    assert defaults({"A": {"x": 1}, "B": "b"}, {"A": None, "B": None}) == {"A": {"x": 1}, "B": None}


def test_a_mapping_over_a_scalar_is_refused_with_its_place():
    with pytest.raises(InvalidEnvironment, match=r"1\.yaml: parameter_defaults\.A\.x: a mapping cannot be laid over"):
        defaults({"A": {"x": "text"}}, {"A": {"x": {"y": 1}}})


@settings(deadline=None)
@given(st.lists(DEFAULTS, max_size=4))
def test_the_merge_is_that_of_heatclient_or_is_refused_where_that_crashes(documents):
    theirs: object = {}
    try:
        for document in copy.deepcopy(documents):
            theirs = deep_update(theirs, {"parameter_defaults": document})
    except (TypeError, AttributeError):
        with pytest.raises(InvalidEnvironment):
            defaults(*documents)
        return
    assert defaults(*documents) == (theirs or {}).get("parameter_defaults", {})


@settings(deadline=None)
@given(st.lists(DEFAULTS, min_size=1, max_size=4))
def test_every_scalar_has_a_setting_that_says_what_it_is(documents):
    try:
        merged = merge([layer(f"{number}", parameter_defaults=one) for number, one in enumerate(documents)])
    except InvalidEnvironment:
        return
    for path, value in _scalars(merged.document, ()):
        found = merged.setting(path)
        assert found is not None
        assert found.value == value
        assert merged.history(path)[-1] == found


def _scalars(value, path):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _scalars(inner, (*path, key))
    elif path:
        yield path, value


@settings(deadline=None)
@given(DEFAULTS)
def test_merging_changes_no_layer(document):
    before = copy.deepcopy(document)
    with contextlib.suppress(InvalidEnvironment):
        defaults(document, {"A": {"new": 1}}, {"A": {"more": 2}})
    assert document == before


def test_history_says_who_set_and_who_overrode():
    merged = merge([layer("low", parameter_defaults={"A": 1}), layer("high", parameter_defaults={"A": 2})])
    assert [(one.origin, one.value) for one in merged.history(("parameter_defaults", "A"))] == [("low", 1), ("high", 2)]
    assert merged.setting(("parameter_defaults", "nothing")) is None


def test_history_leaves_out_a_null_that_did_not_count():
    merged = merge([layer("low", parameter_defaults={"A": {"x": 1}}), layer("high", parameter_defaults={"A": None})])
    assert merged.setting(("parameter_defaults", "A")).origin == "low"


def test_places_are_told_in_the_origins_own_words():
    inline = EnvironmentLayer(
        "plan-environment.yaml", {"parameter_defaults": {"A": 1}}, key_path=lambda path: ("passwords", *path[1:])
    )
    assert merge([inline]).setting(("parameter_defaults", "A")).path == ("passwords", "A")


@pytest.mark.parametrize(
    ("origin", "base", "written", "path"),
    [
        ("environments/a.yaml", None, "../x.yaml", "x.yaml"),
        ("environments/a.yaml", None, "b/x.yaml", "environments/b/x.yaml"),
        ("plan-environment.yaml", None, "./x.yaml", "x.yaml"),
        ("user.yaml", "deep/er", "x.yaml", "deep/er/x.yaml"),
    ],
)
def test_registry_files_start_from_the_environment_that_names_them(origin, base, written, path):
    found = merge([EnvironmentLayer(origin, {"resource_registry": {"A::B": written}}, base=base)])
    assert found.document["resource_registry"] == {"A::B": path}


def test_base_url_moves_the_start_and_is_not_sent():
    registry = {
        "base_url": "../lib",
        "A": "a.yaml",
        "resources": {"r": {"base_url": "sub", "B": "b.yaml", "hooks": "pre-create"}},
    }
    found = merge([layer("environments/e.yaml", resource_registry=registry)]).document["resource_registry"]
    assert found == {"A": "lib/a.yaml", "resources": {"r": {"B": "lib/sub/b.yaml", "hooks": "pre-create"}}}


@pytest.mark.parametrize(
    "written", ["http://h/x.yaml", "file:///etc/passwd", "/etc/passwd", "../../x.yaml", "a/../../../x"]
)
def test_nothing_outside_the_plan_can_be_named(written):
    with pytest.raises(OutsidePlan, match=r"environments/e\.yaml: resource_registry\.A"):
        merge([layer("environments/e.yaml", resource_registry={"A": written})])


def test_what_heat_has_of_a_stack_is_taken_as_it_was_sent():
    sent = EnvironmentLayer("stack", {"resource_registry": {"A": "file:///home/x.yaml"}}, as_sent=True)
    assert merge([sent]).document["resource_registry"] == {"A": "file:///home/x.yaml"}


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ([], "an environment is a mapping, this is a list"),
        ({"parameter_default": {}}, "parameter_default: no section of an environment"),
        ({"parameters": []}, "parameters: must be a mapping"),
        ({"event_sinks": {}}, "event_sinks: must be a list"),
        ({"resource_registry": {"A": 1}}, r"resource_registry\.A: a registry entry is a type or a file"),
        ({"parameter_merge_strategies": {"A": "mix"}}, r"parameter_merge_strategies\.A: 'mix' is no merge strategy"),
    ],
)
def test_malformed_environments_are_refused_with_the_place(document, problem):
    with pytest.raises(InvalidEnvironment, match=f"e.yaml: {problem}"):
        merge([EnvironmentLayer("e.yaml", document)])


def test_an_empty_file_says_nothing_and_null_sections_are_left_out():
    tree = MemoryTree({"empty.yaml": b"# nothing\n", "null.yaml": b"parameter_defaults:\n"})
    assert merge([read_layer(tree, "empty.yaml"), read_layer(tree, "null.yaml")]).document == {}
    with pytest.raises(MissingFile):
        read_layer(tree, "gone.yaml")


def strategies(old, new, strategy, **options):
    named = {"parameter_merge_strategies": {"A": strategy}}
    layers = [
        EnvironmentLayer("low", {"parameter_defaults": {"A": old}, **named}),
        EnvironmentLayer("high", {"parameter_defaults": {"A": new}, **named}),
    ]
    return merge(layers, **options).document["parameter_defaults"]["A"]


@pytest.mark.parametrize(
    ("old", "new", "strategy", "result"),
    [
        ([1], [2], "merge", [1, 2]),
        ([1], [2], "overwrite", [2]),
        ("a", "b", "merge", "ab"),
        (1, 2, "merge", 3),
        ({"x": {"y": 1}}, {"x": {"z": 2}}, "merge", {"x": {"z": 2}}),
        ({"x": {"y": 1}}, {"x": {"z": 2}}, "deep_merge", {"x": {"y": 1, "z": 2}}),
        ({"x": [1], "t": "a"}, {"x": [2], "t": "b"}, "deep_merge", {"x": [1, 2], "t": "ab"}),
        ({"x": {"y": 1}}, {"x": {"z": 2}}, "overwrite", {"x": {"z": 2}}),
    ],
)
def test_merge_strategies(old, new, strategy, result):
    assert strategies(old, new, strategy) == result


def test_types_tell_a_list_from_text():
    assert strategies("a", "b", "merge", types={"A": "CommaDelimitedList"}) == "a,b"
    assert strategies('{"x": 1}', '{"y": 2}', "merge", types={"A": "Json"}) == {"x": 1, "y": 2}


def test_what_cannot_be_merged_as_asked_is_refused():
    with pytest.raises(InvalidEnvironment, match="cannot be merged"):
        strategies(True, False, "merge")
    with pytest.raises(InvalidEnvironment, match="cannot be merged"):
        strategies("{", {"y": 2}, "merge", types={"A": "Json"})


def test_strategies_that_contradict_are_refused():
    low = EnvironmentLayer("low", {"parameter_defaults": {"A": [1]}, "parameter_merge_strategies": {"A": "merge"}})
    high = EnvironmentLayer(
        "high", {"parameter_defaults": {"A": [2]}, "parameter_merge_strategies": {"A": "overwrite"}}
    )
    with pytest.raises(InvalidEnvironment, match=r"high: parameter_defaults\.A: merge strategy .* contradicts"):
        merge([low, high])


def test_heats_own_merge_replaces_parameters_as_wholes():
    assert defaults({"A": {"x": 1}}, {"A": {"y": 2}}, rule=MergeRule.SERVER) == {"A": {"y": 2}}
    assert defaults({"A": {"x": 1}}, {"A": None}, rule=MergeRule.SERVER) == {"A": {"x": 1}}
