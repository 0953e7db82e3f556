"""The way of a node from the state that it is in to the one that is wanted, step by step, as Ironic's states go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tripleo_gitops.nodes.registered import NodeState


class Goal(StrEnum):
    """Where nodes are led."""

    MANAGEABLE = "manageable"
    AVAILABLE = "available"
    INSPECTED = "inspected"
    CLEANED = "cleaned"
    DEPLOYED = "active"
    UNDEPLOYED = "undeployed"


class Verb(StrEnum):
    """What Ironic is asked; its own words."""

    MANAGE = "manage"
    PROVIDE = "provide"
    INSPECT = "inspect"
    CLEAN = "clean"
    ABORT = "abort"
    DEPLOY = "active"
    UNDEPLOY = "deleted"


WORK = {Goal.INSPECTED: Verb.INSPECT, Goal.CLEANED: Verb.CLEAN}
"""The goals that are work to be done, and not a state to be in."""
DEPLOYABLE = frozenset(("available", "deploy failed"))
UNDEPLOYABLE = frozenset(("active", "deploy failed", "error", "wait call-back", "rescue", "rescue failed"))

ENROLL, MANAGEABLE, AVAILABLE = "enroll", "manageable", "available"
BUSY = frozenset(
    (
        "verifying",
        "inspecting",
        "inspect wait",
        "cleaning",
        "clean wait",
        "adopting",
        "deploying",
        "wait call-back",
        "deleting",
        "rescuing",
        "rescue wait",
        "unrescuing",
        "servicing",
        "service wait",
    )
)
ABORTABLE = frozenset(("inspect wait", "clean wait"))
BACK_BY_MANAGE = frozenset(("enroll", "available", "inspect failed", "clean failed", "adopt failed"))
FAILURE_OF = {Verb.INSPECT: "inspect failed", Verb.CLEAN: "clean failed", Verb.PROVIDE: "clean failed"}
FAILURE_OF |= {Verb.DEPLOY: "deploy failed", Verb.UNDEPLOY: "error"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a node last on its way, and how often this was asked on it."""

    verb: Verb | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask Ironic for this; `is_retry` where it was asked before and failed."""

    verb: Verb
    is_retry: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Ironic works on it."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The goal is reached."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It cannot be reached, or not by trying again."""

    reason: str


Step = Ask | Wait | Arrived | GiveUp


def next_step(node: NodeState, goal: Goal, asked: Asked, *, tries: int) -> Step:
    """Return what to do about a node now; `tries` is how often one thing may be asked.

    It follows from where the node is and what was asked on this way, so that a way that broke off goes on.
    """
    if node.maintenance:
        because = f": {node.maintenance_reason}" if node.maintenance_reason else ""
        return GiveUp(f"it is in maintenance{because}; `tripleo-plan node maintenance unset` ends that")
    state = node.provision_state
    if goal is Goal.UNDEPLOYED and state in UNDEPLOYABLE and asked.verb is None:
        return Ask(Verb.UNDEPLOY)
    if state in BUSY:
        return Wait()
    if _failed(node, asked):
        if asked.tries >= tries:
            return GiveUp(_reason(node, asked, tries))
        return _again(state, asked)
    if goal in WORK:
        return _to_work(node, goal, asked)
    if goal in (Goal.DEPLOYED, Goal.UNDEPLOYED):
        return _to_instance(state, goal)
    return _to_state(state, goal)


def _failed(node: NodeState, asked: Asked) -> bool:
    """Return whether what was asked last has ended where its failures end."""
    if asked.verb is Verb.MANAGE:
        return node.provision_state == ENROLL
    return asked.verb is not None and node.provision_state == FAILURE_OF.get(asked.verb)


def _again(state: str, asked: Asked) -> Step:
    """Return the way back in: an inspection can be asked again where it failed, cleaning from manageable only."""
    assert asked.verb is not None, "something was asked, and failed"
    return Ask(Verb.MANAGE if state == "clean failed" else asked.verb, is_retry=True)


def _reason(node: NodeState, asked: Asked, tries: int) -> str:
    said = " ".join((node.last_error or "Ironic gives no reason").split())
    often = f" after {asked.tries} tries" if tries > 1 else ""
    return f"{asked.verb} failed{often}: {said}"


def _to_work(node: NodeState, goal: Goal, asked: Asked) -> Step:
    state, verb = node.provision_state, WORK[goal]
    if asked.verb is verb and state == MANAGEABLE:
        return Arrived()
    if state == MANAGEABLE or state == FAILURE_OF[verb] == "inspect failed":
        return Ask(verb)
    if state == AVAILABLE:
        return GiveUp("it is available, and may be taken at any time; `tripleo-plan node manage` takes it out first")
    return Ask(Verb.MANAGE) if state in BACK_BY_MANAGE else _no_way(state)


def _to_state(state: str, goal: Goal) -> Step:
    if state == goal.value:
        return Arrived()
    if goal is Goal.AVAILABLE and state == MANAGEABLE:
        return Ask(Verb.PROVIDE)
    return Ask(Verb.MANAGE) if state in BACK_BY_MANAGE else _no_way(state)


def _to_instance(state: str, goal: Goal) -> Step:
    """Return the way to an instance on a node, or to none: what was reserved is deployed, what failed again."""
    if state == (AVAILABLE if goal is Goal.UNDEPLOYED else "active"):
        return Arrived()
    if goal is Goal.DEPLOYED and state in DEPLOYABLE:
        return Ask(Verb.DEPLOY)
    return GiveUp(f"it is {state}; `tripleo-plan node provide` makes it available again")


def _no_way(state: str) -> GiveUp:
    return GiveUp(f"it is {state}; only nodes without an instance are managed, inspected, cleaned and provided")
