"""Every way to change the selection keeps the map's rules, and its order is one that people can rely on."""

from __future__ import annotations

import itertools

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tripleo_gitops.plan.capabilities import CapabilitiesMap, parse_capabilities_map
from tripleo_gitops.plan.selection import (
    CapabilityConflict,
    Rule,
    check_selection,
    order_selection,
    update_selection,
)


def map_of(requires: dict[str, list[str]], *, exclusive: list[str] | None = None) -> CapabilitiesMap:
    groups = [{"environments": [{"file": f, "title": f, "requires": r} for f, r in requires.items()]}]
    if exclusive:
        entries = [{"file": f, "title": f} for f in exclusive]
        groups.append({"title": "One", "mutually_exclusive": True, "environments": entries})
    document = {"topics": [{"title": "T", "environment_groups": groups}]}
    return parse_capabilities_map(yaml.safe_dump(document).encode())


CHAIN = map_of({"a": [], "b": ["a"], "c": ["b"]})


def test_what_is_required_stands_before_what_requires_it() -> None:
    """Upstream's sort changes the list that it walks, and leaves b, c, a here."""
    assert order_selection(CHAIN, ("c", "b", "a")) == ("a", "b", "c")


@pytest.mark.parametrize("given_order", list(itertools.permutations("abc")))
def test_a_chain_has_one_order_only(given_order: tuple[str, ...]) -> None:
    assert order_selection(CHAIN, given_order) == ("a", "b", "c")


def test_unmapped_files_stand_last_in_the_order_that_they_had() -> None:
    """Upstream's sort leaves a, u2, b, u1, u3 here: it loses the user's order."""
    assert order_selection(CHAIN, ("u1", "a", "u2", "b", "u3")) == ("a", "b", "u1", "u2", "u3")


def test_purging_removes_every_file_that_is_not_named() -> None:
    """Upstream skips every second entry, and leaves b, d, e here."""
    assert update_selection(CapabilitiesMap(), ("a", "b", "c", "d"), {"e": True}, purge=True) == ("e",)


def test_purging_keeps_what_is_named() -> None:
    assert update_selection(CapabilitiesMap(), ("a", "b", "c"), {"b": True, "c": False}, purge=True) == ("b",)


def test_enabling_and_disabling_changes_only_what_is_named() -> None:
    assert update_selection(CHAIN, ("a", "u"), {"b": True, "u": False}) == ("a", "b")


def test_enabling_what_is_enabled_changes_nothing() -> None:
    assert update_selection(CHAIN, ("a", "b", "u"), {"a": True, "b": True}) == ("a", "b", "u")


def test_disabling_what_is_not_there_changes_nothing() -> None:
    assert update_selection(CHAIN, ("a",), {"nowhere": False}) == ("a",)


def test_a_required_file_that_is_not_selected_is_refused_with_its_name() -> None:
    with pytest.raises(CapabilityConflict, match="c requires b, not selected") as refused:
        update_selection(CHAIN, ("a",), {"c": True})
    assert refused.value.breaches[0].rule is Rule.REQUIRES
    assert refused.value.breaches[0].others == ("b",)


def test_disabling_what_another_requires_is_refused() -> None:
    with pytest.raises(CapabilityConflict, match="b requires a"):
        update_selection(CHAIN, ("a", "b"), {"a": False})


def test_both_can_be_changed_in_one_step() -> None:
    assert update_selection(CHAIN, (), {"c": True, "b": True, "a": True}) == ("a", "b", "c")
    assert update_selection(CHAIN, ("a", "b"), {"a": False, "b": False}) == ()


def test_files_that_exclude_each_other_are_refused_together() -> None:
    exclusive = map_of({}, exclusive=["v4", "v6", "flat"])
    with pytest.raises(CapabilityConflict, match=r"v4 and v6 exclude each other \(One\)"):
        update_selection(exclusive, ("v4",), {"v6": True})
    assert update_selection(exclusive, ("v4",), {"v6": True, "v4": False}) == ("v6",)


def test_one_file_in_two_groups_obeys_the_rules_of_both() -> None:
    both = map_of({"a": ["x"]}, exclusive=["a", "b"])
    rules = [breach.rule for breach in check_selection(both, ("a", "b"))]
    assert rules == [Rule.REQUIRES, Rule.EXCLUDES]


def test_a_broken_selection_says_everything_at_once() -> None:
    exclusive = map_of({"x": ["y", "z"]}, exclusive=["v4", "v6"])
    with pytest.raises(CapabilityConflict) as refused:
        update_selection(exclusive, (), {"x": True, "v4": True, "v6": True})
    assert "x requires y, z" in str(refused.value)
    assert "v4 and v6" in str(refused.value)


def test_requirements_in_a_circle_end() -> None:
    circle = map_of({"a": ["b"], "b": ["a"]})
    assert sorted(update_selection(circle, (), {"a": True, "b": True})) == ["a", "b"]


def test_a_chain_of_thousands_is_ordered() -> None:
    size = 5000
    chain = map_of({f"f{n}": [f"f{n - 1}"] if n else [] for n in range(size)})
    files = [f"f{n}" for n in range(size)]
    assert list(order_selection(chain, reversed(files))) == files


def test_a_required_file_that_the_map_does_not_offer_goes_before_its_requirer() -> None:
    assert order_selection(map_of({"a": ["own.yaml"]}), ("a", "own.yaml")) == ("own.yaml", "a")


FILES = [f"f{n}" for n in range(6)]
acyclic = st.fixed_dictionaries(
    {name: st.lists(st.sampled_from(FILES[:n]), unique=True) if n else st.just([]) for n, name in enumerate(FILES)}
)
selections = st.lists(st.sampled_from([*FILES, "u1", "u2", "u3"]), unique=True)


@settings(deadline=None)
@given(acyclic, selections)
def test_ordering_is_a_permutation_that_keeps_requirements_and_is_stable(
    requires: dict[str, list[str]], selected: list[str]
) -> None:
    ordered = order_selection(map_of(requires), selected)
    assert sorted(ordered) == sorted(selected)
    place = {file: index for index, file in enumerate(ordered)}
    for file in selected:
        assert all(place[name] < place[file] for name in requires.get(file, ()) if name in place)
    assert [f for f in ordered if f.startswith("u")] == [f for f in selected if f.startswith("u")]
    assert order_selection(map_of(requires), ordered) == ordered


@settings(deadline=None)
@given(acyclic, selections, st.dictionaries(st.sampled_from(FILES), st.booleans(), max_size=4), st.booleans())
def test_an_update_is_valid_or_refused_and_doing_it_twice_changes_nothing(
    requires: dict[str, list[str]], selected: list[str], changes: dict[str, bool], purge: bool
) -> None:
    capabilities = map_of(requires)
    try:
        updated = update_selection(capabilities, selected, changes, purge=purge)
    except CapabilityConflict:
        return
    assert check_selection(capabilities, updated) == ()
    assert all((file in updated) == enabled for file, enabled in changes.items())
    assert update_selection(capabilities, updated, changes, purge=purge) == updated
