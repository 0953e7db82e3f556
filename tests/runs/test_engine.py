"""What a run does with its steps: in order, tried, waited for, recorded, gone on with."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.runs.conftest import NEWER, PLANS, THREE, request, step
from tripleo_gitops.errors import InvalidInput, Refused, Unavailable
from tripleo_gitops.heat.masking import MASK, Masked
from tripleo_gitops.operations.steps import NotYet
from tripleo_gitops.runs.record import RunEndedBadly, RunState
from tripleo_gitops.runs.store import RunIsOver, RunNotFound, RunUnderWay
from tripleo_gitops.runs.workflow import InvalidWorkflow, Workflow
from tripleo_gitops.runs.workflows import WORKFLOWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.runs.conftest import Stage
    from tripleo_gitops.operations.steps import StepContext
    from tripleo_gitops.runs.record import LogLine, RunRecord


def once(error: Exception) -> Callable[[StepContext], Mapping[str, Any]]:
    """A body that fails the first time that it is called."""
    left = [error]

    def body(_context: StepContext) -> Mapping[str, Any]:
        if left:
            raise left.pop()
        return {}

    return body


def background(stage: Stage, run: RunRecord) -> threading.Thread:
    driver = threading.Thread(target=stage.drive, args=(run,), daemon=True)
    driver.start()
    return driver


def wait_for(what: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not what():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.01)


def test_steps_are_done_in_order_and_give_what_they_name_to_those_that_ask(stage: Stage) -> None:
    stage.does["one"] = lambda _context: {"first": 1, "not named": 2}
    stage.does["two"] = lambda context: {"second": context.inputs["first"] + 1}
    ended = stage.run(inputs={"given": "this"})
    assert ended.state is RunState.SUCCEEDED
    assert stage.called() == ["one", "two", "three"]
    assert [dict(context.inputs) for context in stage.calls] == [{"given": "this"}, {"first": 1}, {"second": 2}]
    assert ended.result == {"first": 1, "second": 2}


def test_a_step_knows_its_run(stage: Stage) -> None:
    ended = stage.run()
    context = stage.calls[0]
    assert (context.run_id, context.plan, context.revision) == (ended.id, ended.plan, ended.revision)
    assert (context.trace_id, context.actor, context.attempt) == (ended.trace_id, ended.actor, 1)
    assert len(ended.trace_id) == 32


def test_a_service_that_is_away_for_a_moment_is_tried_again(stage: Stage) -> None:
    stage.does["two"] = once(Unavailable("heat is away"))
    ended = stage.run()
    assert ended.state is RunState.SUCCEEDED
    assert [context.attempt for context in stage.calls if context.step == "two"] == [1, 2]
    assert any("heat is away; trying again" in text for text in stage.texts(ended))


def test_a_service_that_stays_away_ends_the_run_after_as_many_tries_as_the_rule_says(stage: Stage) -> None:
    def away(_context: StepContext) -> Mapping[str, Any]:
        raise Unavailable("heat is away")

    stage.does["two"] = away
    ended = stage.run()
    assert (ended.state, stage.called().count("two")) == (RunState.FAILED, 3)
    assert ended.error is not None
    assert (ended.error.reason, ended.error.message) == ("Unavailable", "heat is away")


def test_a_refusal_ends_the_run_at_once_and_later_steps_are_not_begun(stage: Stage) -> None:
    stage.does["two"] = once(Refused("not on a Friday"))
    ended = stage.run()
    assert (ended.state, stage.called()) == (RunState.FAILED, ["one", "two"])
    with pytest.raises(RunEndedBadly, match="not on a Friday"):
        ended.check_succeeded()


def test_a_bug_in_a_step_is_named_by_its_place_and_never_by_its_words(stage: Stage) -> None:
    stage.does["one"] = once(RuntimeError("the password is swordfish"))
    ended = stage.run()
    assert (ended.state, ended.error.reason if ended.error else None) == (RunState.FAILED, "Bug")
    everything = " ".join(stage.texts(ended)) + str(ended)
    assert "RuntimeError" in everything
    assert "swordfish" not in everything


def test_a_hidden_value_stays_hidden_in_what_is_kept(stage: Stage) -> None:
    stage.does["one"] = lambda _context: {"first": Masked()}
    assert stage.run().result == {"first": MASK}


def test_a_step_that_gives_what_json_has_no_form_for_is_a_bug(stage: Stage) -> None:
    stage.does["one"] = lambda _context: {"first": object()}
    ended = stage.run()
    assert ended.error is not None
    assert ended.error.reason == "Bug"


def test_a_step_that_cannot_go_on_yet_waits_and_says_for_what(stage: Stage) -> None:
    seen: list[RunState] = []
    stage.does["two"] = once(NotYet("an approval is missing", retry_after=0.2))
    ended = stage.drive(stage.ask(), on_line=lambda _line: seen.append(stage.store.page(limit=1)[0].state))
    assert ended.state is RunState.SUCCEEDED
    assert RunState.WAITING in seen
    assert [(context.attempt, context.resumed) for context in stage.calls if context.step == "two"] == [
        (1, False),
        (1, True),
    ]


def test_a_step_that_takes_longer_than_its_limit_is_ended(stage: Stage) -> None:
    def slow(context: StepContext) -> Mapping[str, Any]:
        context.pause(30)
        return {}

    stage.does["one"] = slow
    ended = stage.run("short")
    assert ended.error is not None
    assert (ended.state, ended.error.reason) == (RunState.FAILED, "StepTimedOut")


def test_a_step_that_never_looks_at_the_time_is_given_up_and_its_late_words_are_not_taken(stage: Stage) -> None:
    go_on, plan = threading.Event(), next(PLANS)
    left: list[bool] = []

    def deaf(_context: StepContext) -> Mapping[str, Any]:
        left.append(go_on.wait(20))
        return {"first": "late"}

    stage.does["one"] = deaf
    ended = stage.run("short", plan=plan)
    assert ended.error is not None
    assert (ended.state, ended.error.reason, left) == (RunState.FAILED, "StepTimedOut", [])
    assert any("given up" in text for text in stage.texts(ended))
    go_on.set()
    wait_for(lambda: bool(left))
    stage.does.clear()
    assert stage.run("short", plan=plan).state is RunState.SUCCEEDED
    assert stage.store.get(ended.id) == ended


def test_waiting_counts_for_a_steps_limit(stage: Stage) -> None:
    def never(_context: StepContext) -> Mapping[str, Any]:
        raise NotYet("the window is closed", retry_after=0.05)

    stage.does["one"] = never
    ended = stage.run("short")
    assert ended.error is not None
    assert ended.error.reason == "StepTimedOut"


def test_a_failed_run_goes_on_with_the_step_that_failed(stage: Stage) -> None:
    stage.does["two"] = once(Refused("no"))
    failed = stage.run()
    stage.engine.resume(failed.id, actor="somebody")
    ended = stage.drive(failed)
    assert (ended.id, ended.state) == (failed.id, RunState.SUCCEEDED)
    assert stage.called() == ["one", "two", "two", "three"]
    assert stage.calls[2].attempt == 2


def test_a_run_is_done_again_from_a_step_that_was_done(stage: Stage) -> None:
    done = stage.run()
    stage.engine.resume(done.id, actor="somebody", step="two")
    assert stage.drive(done).state is RunState.SUCCEEDED
    assert stage.called() == ["one", "two", "three", "two", "three"]


def test_a_run_cannot_begin_behind_a_step_that_is_not_done(stage: Stage) -> None:
    stage.does["one"] = once(Refused("no"))
    failed = stage.run()
    with pytest.raises(InvalidInput, match="one before it is not done"):
        stage.engine.resume(failed.id, actor="somebody", step="three")
    with pytest.raises(InvalidInput, match="has no step 'four'"):
        stage.engine.resume(failed.id, actor="somebody", step="four")


def test_a_cancelled_run_stops_at_its_steps_next_look_and_can_go_on_later(stage: Stage) -> None:
    def patient(context: StepContext) -> Mapping[str, Any]:
        if context.attempt == 1:
            context.pause(20)
        return {}

    stage.does["two"] = patient
    run = stage.ask()
    driver = background(stage, run)
    wait_for(lambda: "two" in stage.called())
    stage.store.ask_cancel(run.id, actor="somebody")
    driver.join(timeout=20)
    ended = stage.store.get(run.id)
    assert (ended.state, ended.cancel_asked_by) == (RunState.CANCELLED, "somebody")
    stage.engine.resume(run.id, actor="somebody")
    assert stage.drive(run).state is RunState.SUCCEEDED


def test_a_queued_run_is_cancelled_at_once(stage: Stage) -> None:
    run = stage.ask()
    assert stage.store.ask_cancel(run.id, actor="somebody").state is RunState.CANCELLED
    assert stage.drive(run).state is RunState.CANCELLED
    assert stage.called() == []
    with pytest.raises(RunIsOver):
        stage.store.ask_cancel(run.id, actor="somebody")


def test_a_newer_revision_supersedes_a_queued_run(stage: Stage) -> None:
    plan = next(PLANS)
    older, newer = stage.ask(plan=plan), stage.ask(plan=plan, revision=NEWER)
    assert stage.drive(newer).state is RunState.SUCCEEDED
    ended = stage.store.get(older.id)
    assert (ended.state, ended.superseded_by) == (RunState.SUPERSEDED, newer.id)


def test_a_run_of_the_same_revision_supersedes_nothing(stage: Stage) -> None:
    plan = next(PLANS)
    first, second = stage.ask(plan=plan, inputs={"given": 1}), stage.ask(plan=plan, inputs={"given": 2})
    assert [stage.drive(run).state for run in (second, first)] == [RunState.SUCCEEDED] * 2


def test_a_workflow_that_is_not_about_the_newest_revision_loses_no_run(stage: Stage) -> None:
    plan = next(PLANS)
    older, newer = stage.ask("short", plan=plan), stage.ask("short", plan=plan, revision=NEWER)
    assert [stage.drive(run).state for run in (newer, older)] == [RunState.SUCCEEDED] * 2


def test_validations_and_playbooks_supersede_nothing() -> None:
    newest = {workflow.name for workflow in WORKFLOWS if workflow.newest_only}
    assert newest.isdisjoint({"validation", "post-deploy"})
    assert {"deploy", "mirror"} <= newest


def test_a_newer_revision_never_supersedes_a_running_run(stage: Stage) -> None:
    go_on, plan = threading.Event(), next(PLANS)
    stage.does["two"] = lambda _context: {"second": go_on.wait(20)}
    older = stage.ask(plan=plan)
    driver = background(stage, older)
    wait_for(lambda: "two" in stage.called())
    newer = stage.ask(plan=plan, revision=NEWER)
    assert stage.store.get(older.id).state is RunState.RUNNING
    go_on.set()
    assert stage.drive(newer).state is RunState.SUCCEEDED
    driver.join(timeout=20)
    assert stage.store.get(older.id).state is RunState.SUCCEEDED
    assert [context.run_id for context in stage.calls] == [older.id] * 3 + [newer.id] * 3


def test_a_newer_revision_supersedes_a_run_that_only_waits_and_changed_nothing(stage: Stage) -> None:
    def never(_context: StepContext) -> Mapping[str, Any]:
        raise NotYet("an approval is missing", retry_after=0.05)

    plan = next(PLANS)
    stage.does["one"] = never
    older = stage.ask(plan=plan)
    driver = background(stage, older)
    wait_for(lambda: stage.store.get(older.id).state is RunState.WAITING)
    newer = stage.ask(plan=plan, revision=NEWER)
    stage.does.clear()
    assert stage.drive(newer).state is RunState.SUCCEEDED
    driver.join(timeout=20)
    assert stage.store.get(older.id).state is RunState.SUPERSEDED


def test_a_run_that_waits_after_a_change_is_not_superseded(stage: Stage) -> None:
    plan = next(PLANS)
    stage.does["three"] = once(NotYet("the stack is busy", retry_after=0.5))
    older = stage.ask(plan=plan)
    driver = background(stage, older)
    wait_for(lambda: stage.store.get(older.id).state is RunState.WAITING)
    newer = stage.ask(plan=plan, revision=NEWER)
    assert stage.drive(newer).state is RunState.SUCCEEDED
    driver.join(timeout=20)
    assert stage.store.get(older.id).state is RunState.SUCCEEDED


def test_the_same_request_twice_is_one_run(stage: Stage) -> None:
    plan = next(PLANS)
    assert stage.ask(plan=plan, key=f"push {plan}").id == stage.ask(plan=plan, key=f"push {plan}").id


def test_a_run_of_a_version_that_this_tool_does_not_know_fails_and_says_so(stage: Stage) -> None:
    newer = Workflow(name="three", version=9, summary="", steps=THREE.steps, inputs=THREE.inputs)
    run = stage.store.add(request(plan=next(PLANS)), newer, lane=stage.engine.lane)
    ended = stage.drive(run)
    assert ended.error is not None
    assert (ended.state, ended.error.reason) == (RunState.FAILED, "UnknownWorkflow")
    assert "version 9" in ended.error.message


def test_a_log_is_read_from_where_a_reader_stopped(stage: Stage) -> None:
    seen: list[LogLine] = []
    stage.does["one"] = lambda context: context.log("a line\nand another") or {}
    ended = stage.drive(stage.ask(), on_line=seen.append)
    kept = stage.store.lines(ended.id)
    assert [line.seq for line in kept] == list(range(1, len(kept) + 1))
    assert list(kept) == seen
    assert stage.store.lines(ended.id, after=kept[2].seq) == kept[3:]
    assert {"a line", "and another"} <= set(stage.texts(ended))


def test_an_input_that_a_workflow_does_not_know_is_refused(stage: Stage) -> None:
    with pytest.raises(InvalidInput, match="has no input colour; it takes given"):
        stage.ask(inputs={"colour": "red"})


def test_a_run_that_is_under_way_cannot_begin_again(stage: Stage) -> None:
    run = stage.ask()
    with pytest.raises(RunUnderWay):
        stage.engine.resume(run.id, actor="somebody", step="one")
    with pytest.raises(RunNotFound, match="no run 'nonsense'"):
        stage.store.get("nonsense")


def test_how_long_a_step_took_before_is_known(stage: Stage) -> None:
    plan = next(PLANS)
    for revision in "ab":
        stage.run(plan=plan, revision=f"main@sha1:{revision * 40}")
    assert len(stage.store.step_seconds(plan, "three", "two")) == 2
    assert stage.store.step_seconds("another", "three", "two") == ()


def test_a_workflow_whose_steps_do_not_fit_together_is_refused() -> None:
    with pytest.raises(InvalidWorkflow, match="no step before two gives first"):
        Workflow(name="odd", version=1, summary="", steps=(step("one"), step("two", inputs=("first",))))
    with pytest.raises(InvalidWorkflow, match="each its own"):
        Workflow(name="odd", version=1, summary="", steps=(step("one"), step("one")))
