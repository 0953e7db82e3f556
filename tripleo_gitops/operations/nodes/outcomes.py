"""What became of each node, when many are worked on: one that fails has its own reason, and the rest goes on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tripleo_gitops.errors import GitopsError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable


class Ending(StrEnum):
    """How it ended for one node."""

    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeOutcome:
    """One node: what was done (`verb`), the state before and after where there is one, and why it failed."""

    node: str
    uuid: str
    verb: str
    ending: Ending
    before: str = ""
    after: str = ""
    reason: str = ""
    tries: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class FleetOutcome:
    """What became of all nodes of one command."""

    outcomes: tuple[NodeOutcome, ...] = ()

    @property
    def failed(self) -> tuple[NodeOutcome, ...]:
        """The nodes that are not where they should be."""
        return tuple(one for one in self.outcomes if one.ending is Ending.FAILED)

    @property
    def is_changed(self) -> bool:
        """Whether anything was done at all."""
        return any(one.ending is Ending.DONE for one in self.outcomes)

    def count(self, ending: Ending) -> int:
        """Return how many nodes ended so."""
        return sum(one.ending is ending for one in self.outcomes)

    def __add__(self, other: FleetOutcome) -> FleetOutcome:
        return FleetOutcome(self.outcomes + other.outcomes)

    def check(self) -> None:
        """Raise NodesFailed when a node failed."""
        if self.failed:
            raise NodesFailed(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOptions:
    """How many nodes at once, how often each, and for how long.

    `node_timeout` are the seconds that one try may take for one node; `outage` those that Ironic may be away
    before the rest is given up; `interval` is the shortest time between two looks at the states.
    """

    concurrency: int = 20
    tries: int = 3
    node_timeout: float = 1200.0
    outage: float = 120.0
    interval: float = 0.2
    longest_interval: float = 2.0

    def __post_init__(self) -> None:
        if self.concurrency < 1 or self.tries < 1:
            raise InvalidInput("at least one node at once and one try are needed")
        if self.node_timeout <= 0 or self.interval <= 0:
            raise InvalidInput("a time limit above 0 is needed")


class NodesFailed(GitopsError):
    """Some nodes are not where they should be; the others are. Holds the whole outcome."""

    reason = "NodesFailed"

    def __init__(self, outcome: FleetOutcome) -> None:
        failed = outcome.failed
        named = ", ".join(one.node for one in failed[:5]) + (", …" if len(failed) > 5 else "")
        super().__init__(
            f"{len(failed)} of {len(outcome.outcomes)} nodes failed ({named}), the others are done; "
            "mend what is said of each, and run the same again"
        )
        self.outcome = outcome


if TYPE_CHECKING:
    Show = Callable[[NodeOutcome], None]
