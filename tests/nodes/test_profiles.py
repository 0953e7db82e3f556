"""Profiles: who serves what, and why there are too few; rules of plans; root devices; ranges."""

from __future__ import annotations

from typing import Any

import pytest

from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.errors import GitopsError, InvalidInput, Refused
from tripleo_gitops.nodes.candidates import Credential, expand_ranges, plan_probes
from tripleo_gitops.nodes.inventory import (
    Disk,
    Inventory,
    compare_inventories,
    from_document,
    read_inventory,
    to_document,
)
from tripleo_gitops.nodes.profiles import Want, match_profiles, parse_profile_rules
from tripleo_gitops.nodes.registered import NodeState, RegisteredNode
from tripleo_gitops.nodes.root_device import choose_root_device
from tripleo_gitops.nodes.rules import diff_rules, parse_rules
from tripleo_gitops.nodes.secret import Secret
from tripleo_gitops.operations.nodes.tagging import plan_rule_tags

GIB = 1024**3


def node(number: int, capabilities: str = "", *, state: str = "available", **fields: Any) -> RegisteredNode:
    traits = fields.pop("traits", ())
    properties = {"capabilities": capabilities, **fields.pop("properties", {})}
    seen = NodeState(uuid=f"u{number}", name=f"n{number}", provision_state=state, **fields)
    return RegisteredNode(state=seen, driver="fake-hardware", properties=properties, traits=traits)


def test_nodes_of_a_profile_serve_it_and_others_are_left_over() -> None:
    nodes = [node(0, "profile:control"), node(1, "profile:compute"), node(2), node(3, "profile:compute")]
    found = match_profiles(nodes, [Want("control", 1), Want("compute", 1)])
    assert [names for _, names in found.served] == [("n0",), ("n1",)]
    assert (found.surplus, found.unprofiled, found.shortages) == (("n3",), ("n2",), ())


def test_nodes_that_are_capable_are_promoted_when_they_are_needed() -> None:
    nodes = [node(0, "profile:control"), node(1, "control_profile:1"), node(2, "control_profile:true")]
    found = match_profiles(nodes, [Want("control", 2)])
    assert found.promote == (("u1", "control"),)


def test_nothing_is_promoted_where_there_are_too_few_and_each_reason_is_told() -> None:
    nodes = [
        node(0, "control_profile:1"),
        node(1, "profile:compute"),
        node(2, maintenance=True),
        node(3, state="manageable"),
        node(4),
    ]
    found = match_profiles(nodes, [Want("control", 3)])
    assert found.promote == ()
    assert str(found.shortages[0]).startswith("control: 1 of 3 nodes: ")
    assert {reason for _, reason in found.shortages[0].reasons} == {
        "with the profile compute",
        "in maintenance",
        "in state manageable",
        "without a profile, and without control_profile:1",
    }


def test_one_node_serves_one_role() -> None:
    found = match_profiles([node(0, traits=("CUSTOM_GPU",))], [Want("CUSTOM_GPU", 1), Want("", 1)])
    assert [names for _, names in found.served] == [("n0",), ()]
    assert found.shortages[0].reasons == ((1, "for another role already"),)


def test_rules_of_the_plan_tag_nodes_without_a_profile() -> None:
    text = b"- {profile: big, traits: [CUSTOM_BIG], when: {memory_mb: 64}}\n- {profile: small, when: {name: 'n*'}}\n"
    rules = parse_profile_rules(text, source="p.yaml")
    nodes = [node(0, properties={"memory_mb": "128"}), node(1), node(2, "profile:x", properties={"memory_mb": 99})]
    found = {one.node.label: one.tags for one in plan_rule_tags(rules, nodes)}
    assert (found["n0"].capabilities, found["n0"].traits) == ({"profile": "big"}, ("CUSTOM_BIG",))
    assert found["n1"].capabilities == {"profile": "small"}
    assert (found["n2"].capabilities, found["n2"].traits) == ({}, ("CUSTOM_BIG",))


@pytest.mark.parametrize(
    "text", [b"a: 1", b"- {profile: x}", b"- {when: {cpus: 1}}", b"- {profile: x, when: {cpus: y}}"]
)
def test_a_rule_that_is_none_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidDocument):
        parse_profile_rules(text, source="p.yaml")


@pytest.mark.parametrize(
    ("strategy", "hint"),
    [
        ("smallest", {"serial": "b"}),
        ("largest", {"wwn": "w"}),
        ("sdx,sdb", {"serial": "b"}),
        ("/dev/sda", {"wwn": "w"}),
    ],
)
def test_a_root_device_is_told_by_what_only_it_has(strategy: str, hint: dict[str, str]) -> None:
    disks = (
        Disk(name="/dev/sda", size=100 * GIB, serial="a", wwn="w"),
        Disk(name="/dev/sdb", size=10 * GIB, serial="b"),
        Disk(name="/dev/sdc", size=GIB, serial="c"),
    )
    assert choose_root_device(Inventory(disks=disks), strategy).hint == hint


@pytest.mark.parametrize("disks", [(), (Disk(name="a", size=GIB),), (Disk(name="a", size=9 * GIB),)])
def test_a_machine_without_such_a_disk_is_refused(disks: tuple[Disk, ...]) -> None:
    with pytest.raises(Refused):
        choose_root_device(Inventory(disks=disks), "smallest")


def test_ranges_are_what_the_operator_names_and_bounded() -> None:
    assert expand_ranges(["192.0.2.1", "192.0.2.1-192.0.2.3"]) == ("192.0.2.1", "192.0.2.2", "192.0.2.3")
    assert len(expand_ranges(["192.0.2.0/28"])) == 14
    with pytest.raises(Refused, match="1024"):
        expand_ranges(["10.0.0.0/8"])
    with pytest.raises(Refused, match="over the limit"):
        plan_probes(expand_ranges(["10.0.0.0/22"]), [("ipmi", 623)], [Credential("a", Secret("b"))] * 9)
    for bad in ("example.org", "192.0.2.3-192.0.2.1", "192.0.2.1-2001:db8::1", "-", "1.2.3.4/99"):
        with pytest.raises(InvalidInput):
            expand_ranges([bad])


@pytest.mark.parametrize(
    "document",
    [{}, {"cpu": 3, "disks": "x", "interfaces": [1, {}], "memory": None}, {"boot": [], "disks": [{"size": "x"}]}],
)
def test_odd_inventories_are_read_as_far_as_they_go(document: dict[str, Any]) -> None:
    found = read_inventory(document)
    assert from_document(to_document(found)) == found
    assert compare_inventories(found, found) == ()


def test_rules_are_replaced_when_their_content_changes_and_others_stay() -> None:
    (old,) = parse_rules(b"- {description: d, actions: [{op: a, args: {}}]}\n", source="r.yaml")
    (new,) = parse_rules(b"- {description: d, actions: [{op: b, args: {}}]}\n", source="r.yaml")
    there = [{"uuid": "1", "description": old.description("p")}, {"uuid": "2", "description": "somebody's"}]
    assert diff_rules([old], there, plan="p").unchanged == 1
    changes = diff_rules([new], there, plan="p")
    assert (changes.create, [uuid for uuid, _ in changes.delete]) == ((new,), ["1"])
    assert diff_rules([old], there, plan="pp").create == (old,)


@pytest.mark.parametrize(
    "text", [b"{}", b"- 1", b"- {actions: [1]}", b"- {description: d}", b"- &a {description: d, actions: [1]}\n- *a"]
)
def test_rules_that_are_none_are_refused(text: bytes) -> None:
    with pytest.raises(GitopsError):
        parse_rules(text, source="r.yaml")
