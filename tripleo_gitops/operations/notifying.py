"""Tell of runs whoever wants to know: which events to whom, in bounded tries; failing to tell fails nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from tripleo_gitops.notifications.message import Message, NotTold, Tone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from tripleo_gitops.notifications.message import Messenger
    from tripleo_gitops.operations.clock import Clock

TRIES = 4
FIRST_WAIT_SECONDS, WAIT_FACTOR = 1.0, 4.0


class RunEvent(StrEnum):
    """What can be told of a run."""

    BEGUN = "begun"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


ASKED_FOR = (RunEvent.WAITING, RunEvent.SUCCEEDED, RunEvent.FAILED, RunEvent.CANCELLED)
"""What is told where a target names no events."""
TONES = {RunEvent.SUCCEEDED: Tone.GOOD, RunEvent.FAILED: Tone.BAD, RunEvent.CANCELLED: Tone.BAD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Somebody who wants to know: what of which plans' runs, and how they are told. The name is all that is shown."""

    name: str
    messenger: Messenger = field(repr=False)
    events: tuple[RunEvent, ...] = ASKED_FOR
    plans: tuple[str, ...] = ("*",)
    workflows: tuple[str, ...] = ("*",)

    def wants(self, news: RunNews) -> bool:
        """Return whether the target is to be told."""
        wanted = any(fnmatchcase(news.plan, pattern) for pattern in self.plans)
        return wanted and news.event in self.events and any(fnmatchcase(news.workflow, one) for one in self.workflows)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNews:
    """One event of a run, as far as others are told of it; `words` is why it waits or how it failed."""

    run: str
    event: RunEvent
    workflow: str
    plan: str
    revision: str
    actor: str
    trigger: str
    time: str
    words: str = ""

    def to_document(self) -> dict[str, Any]:
        """Return the event as a webhook's receiver gets it."""
        return {
            "event": f"run.{self.event}",
            "time": self.time,
            "run": {
                "id": self.run,
                "workflow": self.workflow,
                "plan": self.plan,
                "revision": self.revision,
                "actor": self.actor,
                "trigger": self.trigger,
                "state": self.event.value,
                "message": self.words,
            },
        }


def message_of(news: RunNews) -> Message:
    """Return what is told of an event."""
    title = f"{news.workflow} of {news.plan} {news.event.value}"
    lines = [f"revision {news.revision}", f"run {news.run}, asked for by {news.actor} ({news.trigger})"]
    return Message(
        id=f"{news.run}-{news.event}-{news.time}",
        event=f"run.{news.event}",
        title=title,
        body="\n".join([news.words, *lines] if news.words else lines),
        tone=TONES.get(news.event, Tone.NEUTRAL),
        document=news.to_document(),
    )


def tell_targets(
    targets: Iterable[Target], news: RunNews, *, clock: Clock, say: Callable[[str], None]
) -> Mapping[str, bool]:
    """Tell every target that wants to know, and say on the run's log who could not be told and why.

    Returns by the target's name whether it was told. Raises nothing: a run does not fail over it.
    """
    message = message_of(news)
    return {target.name: _tell(target, message, clock=clock, say=say) for target in targets if target.wants(news)}


def _tell(target: Target, message: Message, *, clock: Clock, say: Callable[[str], None]) -> bool:
    wait, tried, why = FIRST_WAIT_SECONDS, 0, ""
    while tried < TRIES:
        tried += 1
        try:
            target.messenger.tell(message)
        except NotTold as exc:
            why = str(exc)
            if exc.is_final:
                break
        else:
            return True
        if tried < TRIES:
            clock.sleep(wait)
            wait *= WAIT_FACTOR
    say(f"{target.name} was not told of '{message.title}' after {tried} {'try' if tried == 1 else 'tries'}: {why}")
    return False
