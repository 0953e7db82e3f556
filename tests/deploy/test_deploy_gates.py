"""What a deploy is refused by, or waits for: another thing than was shown, second yeses, approvals, windows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tripleo_gitops.operations.stacks.approvals import ApprovalRules
from tripleo_gitops.operations.stacks.deploy_work import opened, prepare
from tripleo_gitops.operations.stacks.drastic import NeedsSecondYes
from tripleo_gitops.operations.stacks.staleness import StalePlan
from tripleo_gitops.operations.stacks.tags import asked_by
from tripleo_gitops.operations.stacks.windows import Window, WindowKind
from tripleo_gitops.operations.steps import Approval, NotYet

if TYPE_CHECKING:
    from tests.deploy.conftest import Bench

pytestmark = pytest.mark.undercloud


def show(bench: Bench, **inputs: object) -> dict[str, object]:
    """Decide a deploy as the command line does, and return what its run is given: bound to what was shown."""
    given = bench.do("plan.render", inputs)
    asked = {**inputs, "method": given["method"], "timeout": given["timeout"], "values": given["values"]}
    context = bench.context("show", asked)
    with opened(bench.services, context) as (repository, plan):
        prepared = prepare(bench.services, context, repository, plan)
    return {**asked, "bound": prepared.bound.to_document()}


def test_a_stack_that_somebody_changed_since_it_was_shown_is_refused_as_stale_with_the_new_diff(bench: Bench) -> None:
    bench.run()
    bench.set(Value="two")
    shown = show(bench)
    bench.by_hand(Other="by-hand")
    updated = bench.stack.updated
    for action in ("deploy.approve", "heat.deploy"):
        with pytest.raises(StalePlan, match="the stack was changed since") as caught:
            bench.do(action, shown, run="run-9")
        assert "stack_updated" in caught.value.changed
    assert bench.stack.updated == updated
    assert "Changed by hand since the last deploy" in bench.told.text
    assert "~ parameter Other: the deploy puts it back" in bench.told.text
    fresh = show(bench)
    assert bench.do("heat.deploy", fresh, run="run-9")["stack_status"] == "UPDATE_COMPLETE"
    assert "Other" not in bench.stacks.content(bench.stack).environment["parameter_defaults"]


def test_what_was_shown_of_a_new_stack_does_not_hold_for_one_that_is_there(bench: Bench) -> None:
    shown = show(bench)
    bench.run()
    with pytest.raises(StalePlan, match=r"then no stack of never, now CREATE_COMPLETE"):
        bench.do("heat.deploy", shown, run="run-9")


def test_a_put_by_others_takes_our_tags_and_the_next_deploy_takes_the_stack_over(bench: Bench) -> None:
    bench.run()
    bench.by_hand("put", Value="theirs")
    taken_over = bench.run()
    assert "no revision is on it: others made it, or changed it since" in bench.told.text
    assert taken_over["outputs"]["said"] == "it is one"


def test_a_deploy_waits_while_somebody_elses_update_is_under_way(bench: Bench) -> None:
    bench.run()
    bench.by_hand("put", wait=False, Seconds=8, Value="slow")
    with pytest.raises(NotYet, match=r"UPDATE_IN_PROGRESS since .* last asked for by somebody else"):
        bench.do("heat.deploy", {}, run="run-9")
    assert asked_by(bench.wait()) is None


def test_deleting_most_of_a_stack_needs_a_second_yes(bench: Bench) -> None:
    bench.run()
    bench.set(ControllerCount=0)
    with pytest.raises(NeedsSecondYes, match=r"deletes 4 of 6 resources \(67%, limit 30%\); .*--allow-delete"):
        bench.run()
    assert bench.run(allow=["delete"])["stack_status"] == "UPDATE_COMPLETE"


def test_a_closed_window_is_waited_for_until_it_opens(bench: Bench) -> None:
    night = Window(kind=WindowKind.ALLOW, cron="0 22 * * *", minutes=60, zone=ZoneInfo("UTC"))
    bench.with_services(windows=(night,), now=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
    for action in ("deploy.approve", "heat.deploy", "undeploy.approve"):
        with pytest.raises(NotYet, match=r"waits for the window '0 22 \* \* \*'.*opens 2026-03-01 22:00 UTC"):
            bench.do(action)
    bench.with_services(now=lambda: datetime(2026, 3, 1, 22, 30, tzinfo=UTC))
    assert bench.do("deploy.approve") == {"approved_by": []}


def test_approvals_are_waited_for_and_the_author_does_not_count(bench: Bench) -> None:
    people = {"alice": ("alice@example.org",), "op": ("operator@example.org",)}
    bench.with_services(approvals=(ApprovalRules(required=1, approvers=people),))
    with pytest.raises(NotYet, match=r"1 of 1 approvals are missing; one of alice, op, who wrote nothing of it"):
        bench.do("deploy.approve")
    bench.approvals = (Approval(actor="op", time=datetime.now(UTC)),)  # who made the plan's commit
    with pytest.raises(NotYet, match="approvals are missing"):
        bench.do("deploy.approve")
    bench.approvals += (Approval(actor="alice", time=datetime.now(UTC)),)
    assert bench.do("deploy.approve") == {"approved_by": ["alice"]}
    bench.approvals = ()
    with pytest.raises(NotYet, match="approvals are missing"):
        bench.do("undeploy.approve")
