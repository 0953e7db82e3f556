"""What a node is meant for, told by its capabilities, and expressions of clients that are matched with it."""

from __future__ import annotations

from typing import Any

import pytest

from tripleo_gitops.errors import InvalidInput, Refused
from tripleo_gitops.nodes.hints import HINT, PROFILE, capability_of, has_hint


def test_profile_and_hint_are_those_of_a_nodes_capabilities() -> None:
    node = {"uuid": "u", "properties": {"capabilities": "profile:control,node:controller-0,boot_option:local"}}
    assert (capability_of(node, PROFILE), capability_of(node, HINT)) == ("control", "controller-0")
    assert capability_of({"properties": {}}, HINT) is None
    assert capability_of({"properties": {"capabilities": None}}, PROFILE) is None


@pytest.mark.parametrize("node", [None, [], {}, {"properties": None}, "controller-0"])
def test_what_is_no_node_in_detail_has_no_capabilities(node: Any) -> None:
    with pytest.raises(InvalidInput, match="as Ironic lists it in detail"):
        capability_of(node, PROFILE)


@pytest.mark.parametrize(
    ("pattern", "is_found"), [("controller-0", True), (r"^controller-\d+$", True), ("^0", False), ("compute", False)]
)
def test_an_expression_is_looked_for_anywhere_in_a_hint(pattern: str, is_found: bool) -> None:
    assert has_hint({HINT: "controller-0"}, pattern) is is_found


def test_a_node_without_a_hint_matches_nothing_not_even_anything() -> None:
    assert not has_hint({PROFILE: "control"}, ".*")


@pytest.mark.parametrize("pattern", ["(", "[a", 5, None])
def test_what_is_no_expression_is_refused_also_where_no_node_has_a_hint(pattern: Any) -> None:
    with pytest.raises(InvalidInput, match="no regular expression"):
        has_hint({}, pattern)


def test_an_expression_that_never_ends_is_ended() -> None:
    with pytest.raises(Refused, match="takes more than 1 s"):
        has_hint({HINT: "a" * 60 + "!"}, "(a|a)*(a|aa)+$")
