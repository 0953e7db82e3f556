"""Following a stack through what a real Heat cannot be made to do on demand: vanish, hang, change under our eyes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.operations.scripted_stacks import ScriptedStacks, resource, stack
from tripleo_gitops.errors import InvalidInput, Refused
from tripleo_gitops.openstack.stack import StackRequest
from tripleo_gitops.operations.stacks.deploy import (
    DeployMethod,
    DeployPlan,
    DeployTimeout,
    Snapshot,
    StackBusy,
    StackFailed,
    StackVanished,
    apply_deploy,
    failed_resources,
    follow_stack,
)
from tripleo_gitops.operations.stacks.tags import deployed_revision, revision_tag
from tripleo_gitops.operations.stacks.undeploy import delete_stack, deletion_seconds
from tripleo_gitops.plan.revision import CommitId, Revision

if TYPE_CHECKING:
    from tripleo_gitops.openstack.stack import Stack

REVISION = Revision(commit=CommitId("a" * 40), branch="main")


@dataclass
class SteppedClock:
    """A clock that only waiting moves."""

    now: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def follow(stacks: ScriptedStacks, *, timeout: float = 100.0, since: Snapshot | None = None) -> list[str]:
    moments = follow_stack(stacks, "site1", timeout=timeout, clock=SteppedClock(), since=since)
    return [f"{one.done}/{one.known} {','.join(found.path for found in one.changed)}" for one in moments]


def test_a_create_is_followed_to_its_end_and_only_changes_are_told() -> None:
    stacks = ScriptedStacks(
        [
            (stack("CREATE_IN_PROGRESS"), (resource("a", "INIT_COMPLETE"), resource("b", "CREATE_IN_PROGRESS"))),
            (stack("CREATE_IN_PROGRESS"), (resource("a", "INIT_COMPLETE"), resource("b", "CREATE_COMPLETE"))),
            (stack("CREATE_COMPLETE"), (resource("a", "CREATE_COMPLETE"), resource("b", "CREATE_COMPLETE"))),
        ]
    )
    assert follow(stacks) == ["0/2 b", "1/2 b", "2/2 a"]


def test_an_update_that_has_not_begun_is_not_taken_for_the_last_one() -> None:
    before = stack("CREATE_COMPLETE")
    stacks = ScriptedStacks(
        [
            (before, ()),
            (stack("UPDATE_IN_PROGRESS", updated="2"), ()),
            (stack("UPDATE_COMPLETE", updated="2"), ()),
        ]
    )
    assert len(follow(stacks, since=Snapshot(before, ()))) == 3


def test_an_update_that_never_begins_is_told_after_a_minute() -> None:
    before = stack("CREATE_COMPLETE")
    with pytest.raises(DeployTimeout, match="still shows CREATE_COMPLETE"):
        follow(ScriptedStacks([(before, ())]), timeout=1000, since=Snapshot(before, ()))


def test_a_retry_of_a_failed_update_is_not_taken_for_failed_before_it_begins() -> None:
    before = stack("UPDATE_FAILED")
    stacks = ScriptedStacks([(before, ()), (stack("UPDATE_COMPLETE", updated="2"), ())])
    assert len(follow(stacks, since=Snapshot(before, ()))) == 2


def test_a_stack_that_hangs_ends_the_wait_and_not_the_stack() -> None:
    stacks = ScriptedStacks([(stack("CREATE_IN_PROGRESS"), ())])
    with pytest.raises(DeployTimeout, match=r"still CREATE_IN_PROGRESS after 2 minutes; Heat goes on"):
        follow(stacks, timeout=120)
    assert stacks.asked == []


def test_a_stack_that_vanishes_is_told() -> None:
    with pytest.raises(StackVanished, match="somebody deleted it"):
        follow(ScriptedStacks([(stack("CREATE_IN_PROGRESS"), ()), (None, ())]))


def test_a_failure_names_the_deepest_resource_first() -> None:
    resources = (
        resource("Controller", "CREATE_FAILED"),
        resource("Controller/0/Node", "CREATE_FAILED"),
        resource("Fine", "CREATE_COMPLETE"),
    )
    with pytest.raises(StackFailed) as caught:
        follow(ScriptedStacks([(stack("CREATE_FAILED"), resources)]))
    assert [found.path for found in caught.value.failed] == ["Controller/0/Node", "Controller"]
    assert [found.path for found in failed_resources(resources)] == ["Controller/0/Node", "Controller"]


def plan_for(seen: Stack | None, method: DeployMethod) -> DeployPlan:
    request = StackRequest(template={}, environment={}, files={}, timeout=5, tags=())
    snapshot = Snapshot(seen, ()) if seen else None
    return DeployPlan(
        name="site1", revision=REVISION, method=method, seen=snapshot, request=request, hidden_outputs=frozenset()
    )


@pytest.mark.parametrize(
    ("seen", "method", "asked"),
    [
        (None, DeployMethod.CREATE, "create site1"),
        (stack("CREATE_COMPLETE"), DeployMethod.PUT, "put site1"),
        (stack("UPDATE_FAILED"), DeployMethod.PATCH, "patch site1"),
    ],
)
def test_heat_is_asked_for_what_was_decided(seen: Stack | None, method: DeployMethod, asked: str) -> None:
    stacks = ScriptedStacks([(seen, ())])
    apply_deploy(stacks, plan_for(seen, method))
    assert stacks.asked == [asked]


@pytest.mark.parametrize(
    ("seen", "now"),
    [
        (None, stack("CREATE_COMPLETE")),
        (stack("CREATE_COMPLETE"), None),
        (stack("CREATE_COMPLETE"), stack("UPDATE_COMPLETE", updated="2")),
        (stack("CREATE_COMPLETE"), replace(stack("CREATE_COMPLETE"), id="2")),
    ],
)
def test_a_stack_that_changed_since_it_was_shown_is_not_touched(seen: Stack | None, now: Stack | None) -> None:
    stacks = ScriptedStacks([(now, ())])
    with pytest.raises(Refused, match="changed by someone else since it was looked at"):
        apply_deploy(stacks, plan_for(seen, DeployMethod.PUT))
    assert stacks.asked == []


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "DELETE_FAILED"])
def test_a_busy_stack_is_not_touched(status: str) -> None:
    stacks = ScriptedStacks([(stack(status), ())])
    with pytest.raises(StackBusy, match=status):
        apply_deploy(stacks, plan_for(stack("CREATE_COMPLETE"), DeployMethod.PUT))
    assert stacks.asked == []


def test_the_deployed_revision_is_read_from_the_tag_that_deploying_writes() -> None:
    assert deployed_revision(stack("CREATE_COMPLETE", tags=("tripleo-gitops", revision_tag(REVISION)))) == REVISION
    assert deployed_revision(stack("CREATE_COMPLETE", tags=("other",))) is None
    assert deployed_revision(stack("CREATE_COMPLETE", tags=("revision=nonsense",))) is None
    assert deployed_revision(None) is None


@pytest.mark.parametrize("branch", ["a" * 60, "comma,comma"])
def test_a_branch_that_heat_takes_in_no_tag_is_left_out(branch: str) -> None:
    tag = revision_tag(Revision(commit=REVISION.commit, branch=branch))
    assert len(tag) <= 80
    assert "," not in tag
    found = deployed_revision(stack("CREATE_COMPLETE", tags=(tag,)))
    assert found is not None
    assert found.commit == REVISION.commit


def test_a_stack_is_deleted_until_it_is_gone() -> None:
    here = stack("CREATE_COMPLETE")
    left = (resource("a", "DELETE_IN_PROGRESS"),)
    stacks = ScriptedStacks([(here, left), (stack("DELETE_IN_PROGRESS"), left), (None, ())])
    assert list(delete_stack(stacks, here, timeout=100, clock=SteppedClock())) == [1, 1]
    assert stacks.asked == ["delete site1"]


def test_a_stack_that_is_being_deleted_is_only_followed() -> None:
    here = stack("DELETE_IN_PROGRESS")
    stacks = ScriptedStacks([(here, ()), (None, ())])
    assert list(delete_stack(stacks, here, timeout=100, clock=SteppedClock())) == [0]
    assert stacks.asked == []


@pytest.mark.parametrize(
    "statuses",
    [
        ("CREATE_COMPLETE", "DELETE_FAILED"),
        ("DELETE_FAILED", "DELETE_FAILED", "DELETE_IN_PROGRESS", "DELETE_FAILED"),
        ("DELETE_FAILED", "DELETE_FAILED"),
    ],
    ids=["first time", "again", "never begins"],
)
def test_a_deletion_that_fails_is_told_also_the_second_time(statuses: tuple[str, ...]) -> None:
    stacks = ScriptedStacks([(stack(status), ()) for status in statuses[1:]])
    with pytest.raises(StackFailed, match="DELETE_FAILED"):
        list(delete_stack(stacks, stack(statuses[0]), timeout=1000, clock=SteppedClock()))


def test_a_deletion_that_hangs_ends_the_wait() -> None:
    stacks = ScriptedStacks([(stack("DELETE_IN_PROGRESS"), ())])
    with pytest.raises(DeployTimeout, match=r"still DELETE_IN_PROGRESS after 0\.167 minutes"):
        list(delete_stack(stacks, stack("DELETE_IN_PROGRESS"), timeout=10, clock=SteppedClock()))


@pytest.mark.parametrize(("minutes", "seconds"), [(None, 100.0), (1, 60.0), ("0.5", 30.0), (240, 100.0)])
def test_a_deletion_is_followed_for_the_minutes_given_within_those_of_its_step(minutes: object, seconds: float) -> None:
    assert deletion_seconds(minutes, most=100.0) == seconds


@pytest.mark.parametrize("minutes", [0, -1, "soon", "nan", "inf", [1]])
def test_a_deletion_in_no_time_is_refused(minutes: object) -> None:
    with pytest.raises(InvalidInput, match="is no time to delete a stack in"):
        deletion_seconds(minutes, most=100.0)
