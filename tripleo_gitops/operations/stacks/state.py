"""How a plan's stack stands before a deploy: whose it is, what Heat is doing with it, what a deploy may ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tripleo_gitops.openstack.stack import Phase
from tripleo_gitops.operations.stacks.tags import OURS, deployed_revision, is_tagged

if TYPE_CHECKING:
    from tripleo_gitops.openstack.stack import Stack


class Standing(StrEnum):
    """What a stack is to a deploy; each has words of its own."""

    ABSENT = "absent"
    READY = "ready"
    ADOPTED = "adopted"
    FAILED = "failed"
    ROLLED_BACK = "rolled-back"
    BUSY = "busy"
    DELETING = "deleting"
    SUSPENDED = "suspended"


UPDATABLE = frozenset({Standing.ABSENT, Standing.READY, Standing.ADOPTED, Standing.FAILED, Standing.ROLLED_BACK})

_FAILURES = {
    "CREATE": "its creation failed; an update makes what is missing and what failed anew",
    "UPDATE": "its last update failed; this one goes on from what that left",
    "ROLLBACK": "its way back from a failed update failed; it may hold parts of both, and the update makes it whole",
    "CHECK": "a check found resources that are gone or broken; the update makes those anew",
    "DELETE": "its deletion failed; Heat takes no update, delete it again",
    "ADOPT": "its adoption failed; the update goes on from what that left",
    "RESTORE": "going back to a snapshot failed; the update goes on from what that left",
    "RESUME": "it was not resumed whole; resources may still be suspended",
    "SUSPEND": "it was not suspended whole, and Heat takes no update; resume it first",
    "SNAPSHOT": "a snapshot of it failed; the stack itself is as it was",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a stack is to a deploy, and that in one line for people; empty where there is nothing to say."""

    standing: Standing
    words: str

    @property
    def can_update(self) -> bool:
        """Whether Heat takes a create or an update now."""
        return self.standing in UPDATABLE


NOTHING_TO_SAY = Judgement(Standing.READY, "")


def judge_stack(stack: Stack | None) -> Judgement:
    """Return how a stack stands. Of several things that can be said, the one that forbids an update comes first."""
    if stack is None:
        return Judgement(Standing.ABSENT, "")
    name = f"stack {stack.name}"
    if stack.action == "DELETE":
        words = _FAILURES["DELETE"] if stack.phase is Phase.FAILED else "it is being deleted"
        return Judgement(Standing.DELETING, f"{name} is {stack.status}: {words}")
    if stack.phase is Phase.IN_PROGRESS:
        whose = "by this tool" if is_tagged(stack) else "by somebody else"
        return Judgement(Standing.BUSY, f"{name} is {stack.status} since {stack.updated}, last asked for {whose}")
    if stack.action == "SUSPEND":
        return Judgement(Standing.SUSPENDED, f"{name} is {stack.status}: Heat takes no update; resume it first")
    if stack.phase is Phase.FAILED:
        words = _FAILURES.get(stack.action, "its last action failed")
        return Judgement(Standing.FAILED, f"{name} is {stack.status}: {words}")
    if stack.action == "ROLLBACK":
        back = deployed_revision(stack)
        to = f" to {back.short}" if back else ""
        return Judgement(Standing.ROLLED_BACK, f"{name} is {stack.status}: an update failed, and Heat went back{to}")
    if deployed_revision(stack) is None:
        return Judgement(Standing.ADOPTED, f"{name}: {_whose(stack)}; deploying takes it over")
    return Judgement(Standing.READY, "")


def _whose(stack: Stack) -> str:
    if OURS in stack.tags:
        return "its tags name no revision that can be read"
    return "no revision is on it: others made it, or changed it since with their own means (a PUT drops our tags)"
