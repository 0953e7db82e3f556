"""What a workflow says is kept and posted; nobody's being there to hear it undoes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import Unavailable
from tripleo_gitops.operations.messages import PAUSE_SECONDS, TRIES, Message, post_message

if TYPE_CHECKING:
    from collections.abc import Mapping

SAID = Message(type="tripleo.git.v1.deploy", status="SUCCESS", message="done", execution_id="1", root_execution_id="1")


class FlakyQueues:
    """Queues that are away for so many posts."""

    def __init__(self, away: int) -> None:
        self.away = away
        self.taken: list[tuple[str, Mapping[str, Any]]] = []

    def post(self, queue: str, body: Mapping[str, Any]) -> bool:
        self.away -= 1
        if self.away >= 0:
            raise Unavailable("Zaqar: cannot be reached")
        self.taken.append((queue, body))
        return True


class StillClock:
    """Counts the seconds that it was asked to wait."""

    def __init__(self) -> None:
        self.waited = 0.0

    def monotonic(self) -> float:
        return self.waited

    def sleep(self, seconds: float) -> None:
        self.waited += seconds


def test_a_message_is_posted_again_until_the_queue_takes_it() -> None:
    queues, clock, said = FlakyQueues(away=2), StillClock(), list[str]()
    post_message(SAID, queue="tripleo", queues=queues, clock=clock, say=said.append)
    assert [(queue, body["payload"]["message"]) for queue, body in queues.taken] == [("tripleo", "done")]
    assert (clock.waited, said) == (2 * PAUSE_SECONDS, [])


def test_a_message_that_no_queue_takes_is_said_and_fails_nothing() -> None:
    queues, clock, said = FlakyQueues(away=TRIES), StillClock(), list[str]()
    post_message(SAID, queue="tripleo", queues=queues, clock=clock, say=said.append)
    assert said == ["tripleo.git.v1.deploy said SUCCESS, and queue tripleo did not take it: Zaqar: cannot be reached"]
    assert clock.waited == (TRIES - 1) * PAUSE_SECONDS
