"""What operations rely on of a project's stacks: the real Heat and the scripted stacks of the tests both keep to it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.operations.scripted_stacks import ScriptedStacks, resource, stack
from tripleo_gitops.openstack.heat import HeatStacks
from tripleo_gitops.openstack.stack import Phase, Stack, StackRequest
from tripleo_gitops.operations.stacks.deploy import follow_stack
from tripleo_gitops.operations.stacks.undeploy import delete_stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.undercloud_fixture import TenantAccess
    from tripleo_gitops.openstack.stack import StackResource

NAME, TAGS, PATIENCE = "site1", ("one", "two"), 120.0
TEMPLATE: dict[str, Any] = {
    "heat_template_version": "rocky",
    "parameters": {"count": {"type": "number", "default": 1}},
    "resources": {
        "alone": {"type": "OS::Heat::Value", "properties": {"value": "a"}},
        "group": {
            "type": "OS::Heat::ResourceGroup",
            "properties": {
                "count": {"get_param": "count"},
                "resource_def": {"type": "OS::Heat::Value", "properties": {"value": "b"}},
            },
        },
    },
    "outputs": {"said": {"value": {"get_attr": ["alone", "value"]}}},
}
PATHS = ["alone", "group", "group/0"]


@dataclass(frozen=True)
class Ground:
    """Stacks that hold none of our name yet, and how to wait between two looks."""

    stacks: Any
    sleep: Callable[[float], None]

    def look(self) -> Stack:
        found = self.stacks.find(NAME)
        assert isinstance(found, Stack)
        return found

    def settled(self, *, after: str = "") -> Stack:
        """Return the stack once nothing is under way that began after it was last updated at `after`."""
        for _ in range(int(PATIENCE)):
            found = self.look()
            if found.phase is not Phase.IN_PROGRESS and found.updated != after:
                return found
            self.sleep(0.5)
        raise AssertionError(f"{found.status} after {PATIENCE} looks")

    def created(self) -> Stack:
        assert self.stacks.find(NAME) is None
        self.stacks.create(NAME, request())
        return self.settled()


def request(count: int = 1) -> StackRequest:
    return StackRequest(template=TEMPLATE, environment={"parameters": {"count": count}}, files={}, timeout=5, tags=TAGS)


def scripted() -> ScriptedStacks:
    """Return the script of a stack that is created, updated twice and deleted."""

    def moment(status: str, state: str, *, updated: str) -> tuple[Stack, tuple[StackResource, ...]]:
        shown = replace(
            stack(status, updated=updated, tags=TAGS), outputs={"said": "a"} if "COMPLETE" in status else {}
        )
        return shown, tuple(resource(path, state) for path in PATHS)

    return ScriptedStacks(
        [
            (None, ()),
            moment("CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", updated="1"),
            moment("CREATE_COMPLETE", "CREATE_COMPLETE", updated="1"),
            moment("UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", updated="2"),
            moment("UPDATE_COMPLETE", "UPDATE_COMPLETE", updated="2"),
            moment("UPDATE_COMPLETE", "UPDATE_COMPLETE", updated="3"),
            moment("DELETE_IN_PROGRESS", "DELETE_IN_PROGRESS", updated="3"),
            (None, ()),
        ]
    )


@pytest.fixture(params=["scripted", pytest.param("heat", marks=pytest.mark.undercloud)])
def ground(request: pytest.FixtureRequest) -> Ground:
    """Return stacks of either kind."""
    if request.param == "scripted":
        return Ground(scripted(), lambda _seconds: None)
    tenant: TenantAccess = request.getfixturevalue("tenant")
    return Ground(HeatStacks(tenant.connect()), time.sleep)


def test_a_stack_that_is_not_there_is_none(ground: Ground) -> None:
    assert ground.stacks.find(NAME) is None


def test_a_created_stack_says_what_it_was_given_and_what_it_gives(ground: Ground) -> None:
    found = ground.created()
    assert (found.name, found.status, found.action, found.tags) == (NAME, "CREATE_COMPLETE", "CREATE", TAGS)
    assert found.id
    assert found.updated
    assert found.outputs == {"said": "a"}


def test_resources_are_named_by_their_paths_in_order(ground: Ground) -> None:
    found = ground.stacks.resources(ground.created())
    assert [one.path for one in found] == PATHS
    assert all(re.fullmatch(r"(CREATE|UPDATE|INIT)_(COMPLETE|IN_PROGRESS)", one.status) for one in found)


def test_an_update_keeps_the_stack_and_shows_that_it_was_one(ground: Ground) -> None:
    before = ground.created()
    ground.sleep(1.1)  # the times that Heat tells are whole seconds
    ground.stacks.replace(before, request())
    after = ground.settled(after=before.updated)
    assert (after.id, after.status) == (before.id, "UPDATE_COMPLETE")
    ground.sleep(1.1)
    ground.stacks.patch(after, request())
    again = ground.settled(after=after.updated)
    assert (again.id, again.status, again.tags) == (before.id, "UPDATE_COMPLETE", TAGS)


def test_a_deleted_stack_is_followed_until_it_is_none_and_has_no_resources(ground: Ground) -> None:
    found = ground.created()
    assert all(left >= 0 for left in delete_stack(ground.stacks, found, timeout=PATIENCE, clock=Clock(ground)))
    assert ground.stacks.find(NAME) is None
    assert ground.stacks.resources(found) == ()
    ground.stacks.delete(found)


def test_a_create_is_followed_to_its_end(ground: Ground) -> None:
    assert ground.stacks.find(NAME) is None
    ground.stacks.create(NAME, request())
    moments = list(follow_stack(ground.stacks, NAME, timeout=PATIENCE, clock=Clock(ground), since=None))
    assert moments[-1].stack.status == "CREATE_COMPLETE"
    assert moments[-1].done == moments[-1].known == len(PATHS)


class Clock:
    """The real time, with the ground's way to wait."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        self._ground.sleep(min(seconds, 0.5))
