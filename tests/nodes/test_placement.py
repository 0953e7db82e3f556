"""Placement: a node for each instance if there is any way, and the reasons where there is none."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tripleo_gitops.nodes.instances import Instance
from tripleo_gitops.nodes.placement import Allocation, Placement, place_instances
from tripleo_gitops.nodes.registered import NodeState, RegisteredNode


def node(name: str, *, state: str = "available", capabilities: str = "", **fields: Any) -> RegisteredNode:
    where = NodeState(uuid=f"u-{name}", name=name, provision_state=state, maintenance=fields.pop("maintenance", False))
    values: dict[str, Any] = {"resource_class": "baremetal", "properties": {"capabilities": capabilities}, **fields}
    return RegisteredNode(state=where, driver="fake-hardware", **values)


def want(hostname: str, **fields: Any) -> Instance:
    return Instance(hostname=hostname, role="Compute", **fields)


def places(found: Placement) -> dict[str, str]:
    return {one.instance.hostname: one.node.label for one in found.placed}


def test_an_instance_that_asks_for_nothing_leaves_profiled_nodes_to_others() -> None:
    nodes = [node("a", capabilities="profile:control"), node("b")]
    assert places(place_instances([want("x")], nodes, (), plan="p")) == {"x": "b"}


def test_a_choosy_instance_moves_one_that_is_not() -> None:
    nodes = [node("a", traits=("CUSTOM_GPU",)), node("b")]
    wanted = [want("x"), want("y", traits=("CUSTOM_GPU",))]
    assert places(place_instances(wanted, nodes, (), plan="p")) == {"x": "b", "y": "a"}


def test_a_node_that_is_reserved_already_is_kept() -> None:
    kept = Allocation(uuid="1", hostname="x", node="u-b", state="active", plan="p")
    found = place_instances([want("x")], [node("a"), node("b", state="active")], [kept], plan="p")
    assert places(found) == {"x": "b"}
    assert found.placed[0].is_reserved


def test_a_reservation_that_led_to_no_node_is_given_back_and_made_again() -> None:
    stale = Allocation(uuid="1", hostname="x", node=None, state="error", plan="p")
    found = place_instances([want("x")], [node("a")], [stale], plan="p")
    assert (places(found), found.stale) == ({"x": "a"}, (stale,))


def test_a_host_name_of_another_plan_is_refused() -> None:
    other = Allocation(uuid="1", hostname="x", node="u-a", state="active", plan="other")
    found = place_instances([want("x")], [node("a")], [other], plan="p")
    assert found.placed == ()
    assert "the plan other" in found.shortages[0]


def test_too_few_nodes_are_told_with_the_reason_of_each() -> None:
    nodes = [
        node("a", resource_class="gold"),
        node("b", state="manageable"),
        node("c", maintenance=True),
        node("d", capabilities="profile:control"),
        node("e", capabilities="profile:compute"),
    ]
    wanted = [want("x", capabilities={"profile": "compute"}), want("y", capabilities={"profile": "compute"})]
    found = place_instances(wanted, nodes, (), plan="p")
    assert places(found) == {"x": "e"}
    for reason in (
        "1 of the resource class gold, not baremetal",
        "1 in state manageable",
        "1 in maintenance",
        "1 without the capability profile:compute",
        "1 for another instance already",
    ):
        assert reason in found.shortages[0]


def test_a_node_by_name_is_the_only_one_that_will_do() -> None:
    found = place_instances([want("x", node="b")], [node("a"), node("b")], (), plan="p")
    assert places(found) == {"x": "b"}
    assert place_instances([want("x", node="z")], [node("a")], (), plan="p").shortages


@given(st.lists(st.sets(st.integers(0, 5)), max_size=6))
def test_as_many_are_placed_as_can_be_and_none_twice(wishes: list[set[int]]) -> None:
    """Compare with a search through all assignments: instance i takes a node that has the trait CUSTOM_i."""
    nodes = [
        node(str(place), traits=tuple(f"CUSTOM_{index}" for index, some in enumerate(wishes) if place in some))
        for place in range(6)
    ]
    wanted = [want(f"h{index}", traits=(f"CUSTOM_{index}",)) for index in range(len(wishes))]
    found = place_instances(wanted, nodes, (), plan="p")

    def most(index: int, free: frozenset[int]) -> int:
        if index == len(wishes):
            return 0
        with_it = [1 + most(index + 1, free - {place}) for place in wishes[index] & free]
        return max([most(index + 1, free), *with_it])

    names = [one.node.label for one in found.placed]
    assert len(names) == len(set(names)) == most(0, frozenset(range(6)))
    assert all(int(one.node.label) in wishes[int(one.instance.hostname[1:])] for one in found.placed)
    assert len(found.shortages) == len(wishes) - len(names)
