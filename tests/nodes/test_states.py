"""The way of a node: from each state to each goal, with failures, and never for ever."""

from __future__ import annotations

import pytest

from tripleo_gitops.nodes.registered import NodeState
from tripleo_gitops.nodes.states import BUSY, Arrived, Ask, Asked, GiveUp, Goal, Verb, Wait, next_step


def at(state: str, **fields: object) -> NodeState:
    return NodeState(uuid="u", name="a", provision_state=state, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "goal", "step"),
    [
        ("enroll", Goal.MANAGEABLE, Ask(Verb.MANAGE)),
        ("available", Goal.MANAGEABLE, Ask(Verb.MANAGE)),
        ("clean failed", Goal.MANAGEABLE, Ask(Verb.MANAGE)),
        ("manageable", Goal.MANAGEABLE, Arrived()),
        ("manageable", Goal.AVAILABLE, Ask(Verb.PROVIDE)),
        ("enroll", Goal.AVAILABLE, Ask(Verb.MANAGE)),
        ("available", Goal.AVAILABLE, Arrived()),
        ("manageable", Goal.INSPECTED, Ask(Verb.INSPECT)),
        ("inspect failed", Goal.INSPECTED, Ask(Verb.INSPECT)),
        ("enroll", Goal.INSPECTED, Ask(Verb.MANAGE)),
        ("manageable", Goal.CLEANED, Ask(Verb.CLEAN)),
        ("clean failed", Goal.CLEANED, Ask(Verb.MANAGE)),
    ],
)
def test_the_first_step(state: str, goal: Goal, step: object) -> None:
    assert next_step(at(state), goal, Asked(), tries=3) == step


@pytest.mark.parametrize("goal", list(Goal))
@pytest.mark.parametrize("state", sorted(BUSY))
def test_what_ironic_works_on_is_waited_for(state: str, goal: Goal) -> None:
    assert next_step(at(state), goal, Asked(Verb.MANAGE, 1), tries=3) == Wait()


@pytest.mark.parametrize("goal", [Goal.MANAGEABLE, Goal.AVAILABLE, Goal.INSPECTED, Goal.CLEANED])
@pytest.mark.parametrize("state", ["active", "error", "rescue", "deploy failed", "a state of tomorrow"])
def test_a_node_that_somebody_has_is_left_alone(state: str, goal: Goal) -> None:
    assert isinstance(next_step(at(state), goal, Asked(), tries=3), GiveUp)


def test_a_node_in_maintenance_says_why() -> None:
    step = next_step(at("enroll", maintenance=True, maintenance_reason="disk"), Goal.MANAGEABLE, Asked(), tries=3)
    assert isinstance(step, GiveUp)
    assert "in maintenance: disk" in step.reason


def test_work_is_done_when_it_was_asked_for_and_the_node_is_back() -> None:
    assert next_step(at("manageable"), Goal.INSPECTED, Asked(Verb.INSPECT, 1), tries=3) == Arrived()
    assert next_step(at("manageable"), Goal.CLEANED, Asked(Verb.MANAGE, 1), tries=3) == Ask(Verb.CLEAN)


@pytest.mark.parametrize(
    ("state", "goal", "verb", "again"),
    [
        ("enroll", Goal.MANAGEABLE, Verb.MANAGE, Verb.MANAGE),
        ("inspect failed", Goal.INSPECTED, Verb.INSPECT, Verb.INSPECT),
        ("clean failed", Goal.CLEANED, Verb.CLEAN, Verb.MANAGE),
        ("clean failed", Goal.AVAILABLE, Verb.PROVIDE, Verb.MANAGE),
    ],
)
def test_what_failed_is_tried_again_so_often_and_no_more(state: str, goal: Goal, verb: Verb, again: Verb) -> None:
    assert next_step(at(state), goal, Asked(verb, 2), tries=3) == Ask(again, is_retry=True)
    step = next_step(at(state, last_error="no\nanswer"), goal, Asked(verb, 3), tries=3)
    assert step == GiveUp(f"{verb} failed after 3 tries: no answer")
