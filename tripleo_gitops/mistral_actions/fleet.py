"""What actions about many nodes share: the time, and how they end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.errors import GitopsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.operations.nodes.outcomes import FleetOutcome

SHOWN = 10


class NodesLeftBehind(GitopsError):
    """Nodes that are not where they should be, each with its reason: a message is all that a client gets."""

    reason = "NodesFailed"


@dataclass(frozen=True, slots=True)
class ActionClock:
    """The time, for an action of Mistral: who waits looks whether its execution was cancelled."""

    check: Callable[[], None]

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        self.check()
        time.sleep(seconds)


def fleet_of(done: FleetOutcome) -> list[str]:
    """Return the ids of the nodes that are where they should be; raise NodesLeftBehind where one is not."""
    if done.failed:
        said = "; ".join(f"{one.node}: {one.reason}" for one in done.failed[:SHOWN])
        raise NodesLeftBehind(f"{len(done.failed)} of {len(done.outcomes)} nodes failed: {said}")
    return [one.uuid for one in done.outcomes]
