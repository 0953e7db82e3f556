"""What turns Ironic's nodes into the plan's: merging, matching, and nothing where nothing is to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripleo_gitops.nodes.capabilities import (
    NoCapabilities,
    format_capabilities,
    merge_capabilities,
    parse_capabilities,
)
from tripleo_gitops.nodes.changes import ChangeKind
from tripleo_gitops.nodes.desired import DesiredNode, DesiredPort
from tripleo_gitops.nodes.diff import diff_nodes
from tripleo_gitops.nodes.registered import MARK, NodeState, RegisteredNode, RegisteredPort
from tripleo_gitops.nodes.secret import Secret

MAC = "52:54:00:00:00:01"
NAMES = st.text(alphabet="abcdef_", min_size=1, max_size=6)
PAIRS = st.dictionaries(NAMES, st.text(alphabet="abc01", min_size=1, max_size=4), max_size=5)


def wanted(**fields: Any) -> DesiredNode:
    defaults = {"label": "a", "source": "n.yaml", "driver": "ipmi", "plan": "p", "name": "a"}
    info = {"ipmi_address": "h"}
    return DesiredNode(**{**defaults, "driver_info": info, "ports": (DesiredPort(address=MAC),), **fields})


def as_registered(node: DesiredNode, *, state: str = "available", **changes: Any) -> RegisteredNode:
    """Return a node as Ironic has it after it was registered; it masks what is secret."""
    info = {key: "******" if isinstance(value, Secret) else value for key, value in node.driver_info.items()}
    properties = {**node.facts}
    if node.capabilities:
        properties["capabilities"] = format_capabilities(node.capabilities)
    ports = tuple(
        RegisteredPort(uuid=f"port-{port.address}", node="u", address=port.address, physical_network="ctlplane")
        for port in node.ports
    )
    found = RegisteredNode(
        state=NodeState(uuid="u", name=node.name, provision_state=state),
        driver=node.driver,
        driver_info=info,
        properties=properties,
        extra={MARK: node.mark.to_document()},
        resource_class=node.resource_class,
        traits=node.traits,
        interfaces=node.interfaces,
        ports=ports,
    )
    return replace(found, **changes)


@given(pairs=PAIRS, traits=st.lists(st.sampled_from(["CUSTOM_A", "CUSTOM_B"]), unique=True))
def test_what_was_registered_is_as_the_plan_says(pairs: dict[str, str], traits: list[str]) -> None:
    node = wanted(capabilities=pairs, traits=tuple(sorted(traits)), facts={"cpus": 4})
    assert diff_nodes([node], [as_registered(node)], plan="p").is_empty


@given(found=PAIRS, asked=PAIRS, before=st.sets(NAMES, max_size=3))
def test_merging_capabilities_keeps_what_the_plan_never_gave(
    found: dict[str, str], asked: dict[str, str], before: set[str]
) -> None:
    merged = merge_capabilities(found, asked, given_before=before)
    assert {key: merged[key] for key in asked} == asked
    assert {key for key in merged if key not in asked} == {
        key for key in found if key not in asked and key not in before
    }
    assert merge_capabilities(merged, asked, given_before=asked) == merged


@given(pairs=PAIRS)
def test_capabilities_go_to_text_and_back(pairs: dict[str, str]) -> None:
    assert parse_capabilities(format_capabilities(pairs)) == pairs


@pytest.mark.parametrize("value", ["novalue", "a:b,c", ["a"], 3, {"a": ["b"]}, {"a": "b,c"}, {1: "x"}])
def test_what_is_no_capability_is_refused(value: Any) -> None:
    with pytest.raises(NoCapabilities):
        parse_capabilities(value)


def test_a_mac_address_in_any_case_finds_the_node() -> None:
    node = wanted(name="other")
    port = RegisteredPort(uuid="x", node="u", address=MAC.upper(), physical_network="ctlplane")
    diff = diff_nodes([node], [as_registered(node, ports=(port,), driver_info={})], plan="p")
    assert diff.matched["a"].uuid == "u"


def test_ids_of_two_nodes_are_a_conflict_and_neither_is_removed() -> None:
    node = wanted()
    first = as_registered(node, ports=())
    second = replace(as_registered(node), driver_info={}, state=replace(first.state, uuid="v", name="b"))
    diff = diff_nodes([node], [first, second], plan="p")
    assert (len(diff.conflicts), diff.changes) == (1, ())
    assert "2 registered nodes" in diff.conflicts[0].reason


def test_two_machines_that_are_one_node_are_a_conflict_each() -> None:
    first, second = wanted(), wanted(label="b", name="b", driver_info={"ipmi_address": "h"}, ports=())
    assert len(diff_nodes([first, second], [as_registered(first)], plan="p").conflicts) == 2


def test_only_nodes_with_the_plans_mark_are_ever_to_be_removed() -> None:
    node = wanted()
    own = as_registered(node)
    foreign = replace(own, extra={}, state=replace(own.state, uuid="v", name="b"))
    other = replace(own, extra={MARK: {"plan": "q"}}, state=replace(own.state, uuid="w", name="c"))
    diff = diff_nodes([], [own, foreign, other], plan="p")
    assert [change.label for change in diff.of_kind(ChangeKind.REMOVE)] == ["a"]
    assert diff.foreign == ("b", "c")


@pytest.mark.parametrize(
    ("before", "after", "sends"),
    [
        (Secret("x", "ENC[1]"), Secret("x", "ENC[1]"), False),
        (Secret("x", "ENC[1]"), Secret("y", "ENC[2]"), True),
        (Secret("x"), Secret("y"), False),
    ],
    ids=["the same", "sealed anew", "in clear"],
)
def test_a_password_is_sent_when_it_is_known_to_have_changed(before: Secret, after: Secret, *, sends: bool) -> None:
    old, new = (wanted(driver_info={"ipmi_address": "h", "ipmi_password": one}) for one in (before, after))
    diff = diff_nodes([new], [as_registered(old)], plan="p")
    paths = [field.path for change in diff.changes for field in change.fields]
    assert ("/driver_info/ipmi_password" in paths) is sends


def test_a_password_in_clear_is_sent_to_a_node_that_was_never_verified() -> None:
    node = wanted(driver_info={"ipmi_address": "h", "ipmi_password": Secret("y")})
    diff = diff_nodes([node], [as_registered(node, state="enroll")], plan="p")
    (field,) = diff.changes[0].fields
    assert field.operation() == {"op": "add", "path": "/driver_info/ipmi_password", "value": "y"}
    assert (field.shown, "'y'" in repr(diff)) == (("******", "******"), False)


def test_what_another_driver_had_goes_with_it() -> None:
    old = wanted()
    new = wanted(driver="redfish", driver_info={"redfish_address": "h", "redfish_system_id": "/1"})
    diff = diff_nodes([new], [as_registered(old)], plan="p")
    assert diff.changes[0].resets_interfaces
    removed = [one.path for one in diff.changes[0].fields if one.new is None]
    assert removed == ["/driver_info/ipmi_address"]
