"""Many nodes led to a state: bounded, each with its own reason, only what failed tried again, ended in time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nodes.fake_ironic import FakeIronic
from tripleo_gitops.errors import Unavailable
from tripleo_gitops.nodes.states import Goal
from tripleo_gitops.operations.nodes.journeys import Errand, lead_nodes
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOptions, FleetOutcome, NodesFailed


def lead(ironic: FakeIronic, goal: Goal, **options: Any) -> FleetOutcome:
    shown: list[Any] = []
    nodes = tuple(ironic.nodes.values())
    found = lead_nodes(ironic, nodes, Errand(goal), options=FleetOptions(**options), clock=ironic, show=shown.append)
    assert sorted(one.uuid for one in shown) == sorted(one.uuid for one in found.outcomes)
    return found


def test_of_500_nodes_7_fail_each_with_its_reason_and_the_next_run_finishes() -> None:
    ironic = FakeIronic()
    ironic.add(500)
    ironic.failing = {(f"u{number}", "manage"): 99 for number in range(7)}
    found = lead(ironic, Goal.MANAGEABLE, concurrency=50)
    assert [one.node for one in found.failed] == [f"n{number}" for number in range(7)]
    assert {one.reason for one in found.failed} == {"manage failed after 3 tries: the controller does not answer"}
    assert found.count(Ending.DONE) == 493
    with pytest.raises(NodesFailed, match="7 of 500 nodes failed"):
        found.check()
    ironic.failing.clear()
    ironic.asked.clear()
    again = lead(ironic, Goal.MANAGEABLE)
    assert (again.count(Ending.DONE), again.count(Ending.UNCHANGED)) == (7, 493)
    assert len(ironic.asked) == 7


def test_never_more_at_once_than_asked() -> None:
    ironic = FakeIronic()
    ironic.add(40)
    lead(ironic, Goal.AVAILABLE, concurrency=5)
    assert ironic.most_at_once == 5


def test_the_number_of_listings_does_not_grow_with_the_nodes() -> None:
    few, many = FakeIronic(), FakeIronic()
    few.add(2)
    many.add(200)
    for ironic in (few, many):
        lead(ironic, Goal.MANAGEABLE, concurrency=200)
    assert few.listings == many.listings


def test_only_what_failed_is_tried_again() -> None:
    ironic = FakeIronic()
    ironic.add(10, "manageable")
    ironic.failing["u3", "inspect"] = 2
    found = lead(ironic, Goal.INSPECTED)
    assert not found.failed
    assert [one.tries for one in found.outcomes] == [1, 1, 1, 3, 1, 1, 1, 1, 1, 1]
    assert len(ironic.asked) == 12


def test_a_cleaning_that_failed_goes_through_manageable_again() -> None:
    ironic = FakeIronic()
    ironic.add(1, "manageable")
    ironic.failing["u0", "provide"] = 1
    assert not lead(ironic, Goal.AVAILABLE).failed
    assert [verb for _, verb in ironic.asked] == ["provide", "manage", "provide"]


def test_a_locked_node_is_asked_again_until_it_is_free() -> None:
    ironic = FakeIronic()
    ironic.add(2)
    ironic.held["u1"] = 5
    assert not lead(ironic, Goal.MANAGEABLE).failed


def test_a_node_that_stays_locked_is_given_up_with_who_holds_it() -> None:
    ironic = FakeIronic()
    ironic.add(2)
    ironic.held["u1"] = 10**6
    (failed,) = lead(ironic, Goal.MANAGEABLE, node_timeout=30).failed
    assert "no end within 30 s" in failed.reason
    assert "locked by host undercloud" in failed.reason


def test_a_node_in_maintenance_does_not_keep_the_others() -> None:
    ironic = FakeIronic()
    ironic.add(1, maintenance=True, maintenance_reason="disk is changed")
    ironic.add(2)
    (failed,) = lead(ironic, Goal.MANAGEABLE).failed
    assert (failed.node, "disk is changed" in failed.reason) == ("n0", True)
    assert ("u0", "manage") not in ironic.asked


def test_a_ramdisk_that_never_answers_is_broken_off_and_tried_again() -> None:
    ironic = FakeIronic()
    ironic.add(1, "manageable")
    ironic.silent.add("u0")
    found = lead(ironic, Goal.INSPECTED, node_timeout=60)
    assert not found.failed
    assert [verb for _, verb in ironic.asked] == ["inspect", "abort", "inspect"]


def test_an_ironic_that_comes_back_is_waited_for() -> None:
    ironic = FakeIronic()
    ironic.add(5)
    ironic.away = 3
    assert not lead(ironic, Goal.MANAGEABLE, outage=60).failed


def test_an_ironic_that_stays_away_ends_the_command_and_the_next_run_goes_on() -> None:
    ironic = FakeIronic()
    ironic.add(5)
    ironic.away = 10**6
    with pytest.raises(Unavailable):
        lead(ironic, Goal.MANAGEABLE, outage=60)
    assert ironic.now < 120
    ironic.away = 0
    assert not lead(ironic, Goal.MANAGEABLE).failed


def test_a_node_that_is_removed_meanwhile_is_told() -> None:
    ironic = FakeIronic()
    ironic.add(2)
    nodes = tuple(ironic.nodes.values())
    del ironic.nodes["u1"]
    ironic.held["u1"] = 1
    found = lead_nodes(
        ironic, nodes, Errand(Goal.MANAGEABLE), options=FleetOptions(), clock=ironic, show=lambda _: None
    )
    assert [(one.node, one.reason) for one in found.failed] == [("n1", "it is not registered any more")]
