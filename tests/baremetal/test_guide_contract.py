"""What leading nodes relies on, of the real Ironic and of the one in memory that tests with 500 nodes use."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.baremetal.test_node_faults import hold
from tests.nodes.fake_ironic import FakeIronic
from tripleo_gitops.nodes.states import Goal
from tripleo_gitops.openstack.connection import RequestRejected
from tripleo_gitops.openstack.ironic_requests import NodeBusy, NodeNotFound
from tripleo_gitops.operations.nodes.journeys import Errand, lead_nodes
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOptions, FleetOutcome

if TYPE_CHECKING:
    from tests.baremetal.conftest import Site
    from tripleo_gitops.nodes.registered import NodeState
    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.store import NodeGuide


class Subject(Protocol):
    """An Ironic with nodes of the test's own."""

    @property
    def guide(self) -> NodeGuide: ...
    @property
    def clock(self) -> Clock: ...
    def add(self, count: int) -> list[str]: ...
    def hold(self, uuid: str, *, is_held: bool) -> None: ...
    def maintain(self, uuid: str, reason: str) -> None: ...


@dataclass
class InMemory:
    """The Ironic that tests with many nodes use."""

    guide: FakeIronic

    @property
    def clock(self) -> Clock:
        return self.guide

    def add(self, count: int) -> list[str]:
        return [node.uuid for node in self.guide.add(count)]

    def hold(self, uuid: str, *, is_held: bool) -> None:
        self.guide.held[uuid] = 10**6 if is_held else 0

    def maintain(self, uuid: str, reason: str) -> None:
        self.guide.nodes[uuid] = replace(self.guide.nodes[uuid], maintenance=True, maintenance_reason=reason)


@dataclass
class Real:
    """The undercloud's Ironic."""

    site: Site
    clock: Any = time

    @property
    def guide(self) -> NodeGuide:
        return self.site.services.ironic

    def add(self, count: int) -> list[str]:
        self.site.commit(*(self.site.fake(number) for number in range(count)))
        self.site.run("node", "register", "--no-manage")
        return [self.site.node(f"{self.site.name}-{number}").uuid for number in range(count)]

    def hold(self, uuid: str, *, is_held: bool) -> None:
        hold(self.site, uuid, "another-conductor" if is_held else None)

    def maintain(self, uuid: str, reason: str) -> None:
        self.site.services.switches.set_maintenance(uuid, reason)


@pytest.fixture(params=["memory", pytest.param("ironic", marks=pytest.mark.undercloud)])
def subject(request: pytest.FixtureRequest) -> Subject:
    return InMemory(FakeIronic()) if request.param == "memory" else Real(request.getfixturevalue("site"))


def where(subject: Subject, uuid: str) -> NodeState:
    (found,) = [state for state in subject.guide.states() if state.uuid == uuid]
    return found


def lead(subject: Subject, uuids: list[str], goal: Goal, **options: Any) -> FleetOutcome:
    chosen = FleetOptions(**{"node_timeout": 60.0, **options})
    nodes = [where(subject, uuid) for uuid in uuids]
    return lead_nodes(subject.guide, nodes, Errand(goal), options=chosen, clock=subject.clock, show=lambda _: None)


def test_nodes_go_from_state_to_state_and_back(subject: Subject) -> None:
    uuids = subject.add(3)
    assert {where(subject, uuid).provision_state for uuid in uuids} == {"enroll"}
    for goal, state in (
        (Goal.MANAGEABLE, "manageable"),
        (Goal.INSPECTED, "manageable"),
        (Goal.AVAILABLE, "available"),
        (Goal.MANAGEABLE, "manageable"),
        (Goal.CLEANED, "manageable"),
    ):
        steps = {"clean_steps": [{"interface": "bios", "step": "factory_reset"}]} if goal is Goal.CLEANED else {}
        nodes = [where(subject, uuid) for uuid in uuids]
        options = FleetOptions(node_timeout=60)
        done = lead_nodes(
            subject.guide, nodes, Errand(goal, steps), options=options, clock=subject.clock, show=lambda _: None
        )
        assert [(one.ending, one.after) for one in done.outcomes] == [(Ending.DONE, state)] * 3, goal


def test_only_introspection_says_when_a_node_was_introspected(subject: Subject) -> None:
    seen, other = subject.add(2)
    lead(subject, [seen, other], Goal.MANAGEABLE)
    assert where(subject, seen).inspection_finished_at is None
    lead(subject, [seen], Goal.INSPECTED)
    first = where(subject, seen).inspection_finished_at
    assert first
    assert where(subject, other).inspection_finished_at is None
    subject.clock.sleep(1.1)
    lead(subject, [seen], Goal.INSPECTED)
    assert where(subject, seen).inspection_finished_at != first


def test_what_a_state_does_not_allow_is_refused_and_the_node_stays_where_it_is(subject: Subject) -> None:
    (uuid,) = subject.add(1)
    for verb in ("provide", "inspect", "clean", "abort"):
        options = {"clean_steps": [{"interface": "bios", "step": "factory_reset"}]} if verb == "clean" else {}
        with pytest.raises(RequestRejected, match="can not be performed"):
            subject.guide.provision(uuid, verb, **options)
    assert where(subject, uuid).provision_state == "enroll"


def test_a_node_that_is_not_there_is_said(subject: Subject) -> None:
    with pytest.raises(NodeNotFound):
        subject.guide.provision("5f0a1b8c-0000-4000-8000-000000000000", "manage")


def test_a_node_that_another_holds_is_busy_until_it_is_let_go(subject: Subject) -> None:
    held, free = subject.add(2)
    subject.hold(held, is_held=True)
    with pytest.raises(NodeBusy, match="locked by host"):
        subject.guide.provision(held, "manage")
    done = lead(subject, [held, free], Goal.MANAGEABLE, node_timeout=3.0)
    assert [one.ending for one in done.outcomes] == [Ending.FAILED, Ending.DONE]
    assert "locked by host" in done.failed[0].reason
    subject.hold(held, is_held=False)
    assert not lead(subject, [held, free], Goal.MANAGEABLE).failed


def test_a_node_in_maintenance_is_left_alone_with_the_reason_that_was_given(subject: Subject) -> None:
    out, free = subject.add(2)
    subject.maintain(out, "disk is changed")
    done = lead(subject, [out, free], Goal.MANAGEABLE)
    assert [one.ending for one in done.outcomes] == [Ending.FAILED, Ending.DONE]
    assert "disk is changed" in done.failed[0].reason
    assert where(subject, out).provision_state == "enroll"
