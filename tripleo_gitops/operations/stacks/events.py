"""What happens in a stack while Heat works on it: its events, each with its path, and how far that is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.openstack.connection import RequestRejected
from tripleo_gitops.openstack.stack import StackResource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tripleo_gitops.openstack.stack import Stack, StackEvent

NOT_BEGUN = "INIT_COMPLETE"
_ENDED = re.compile(r"_(COMPLETE|FAILED)$")


class EventfulStacks(Protocol):
    """Stacks whose events can be read."""

    def resources(self, stack: Stack) -> tuple[StackResource, ...]: ...
    def events(self, stack: Stack, *, after: str | None = None) -> tuple[StackEvent, ...]: ...
    def last_event(self, stack: Stack) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a resource: where, what became of it, and why."""

    path: str
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of the stack's resources are done, how many are under way, and how many are known so far."""

    done: int
    busy: int
    known: int


@dataclass
class Watch:
    """Follows one stack: each look gives what is new. It asks for events since the last, and lists what is new to it.

    All resources are listed when the watch begins, and again only where an event is of a stack that it does not know.
    """

    stacks: EventfulStacks
    seen: str | None = None
    failures: dict[str, StackResource] = field(default_factory=dict)
    _paths: dict[str, str] = field(default_factory=dict)
    _states: dict[str, str] = field(default_factory=dict)
    _types: dict[str, str] = field(default_factory=dict)
    _touched: set[str] = field(default_factory=set)
    _made: set[str] = field(default_factory=set)

    def begin(self, stack: Stack) -> None:
        """Count what happened until now as known: only what comes next is new."""
        self.seen = self.stacks.last_event(stack)
        self._list(stack)

    def look(self, stack: Stack) -> tuple[Happening, ...]:
        """Return what happened to the stack's resources since the last look, in Heat's order."""
        events = self.stacks.events(stack, after=self.seen)
        if not events:
            return ()
        self.seen = events[-1].id
        if any(event.stack_id not in self._paths for event in events) or not self._states:
            self._list(stack)
        found = [self._happening(event) for event in events if not event.is_of_stack]
        return tuple(one for one in found if one is not None and one.status != NOT_BEGUN)

    @property
    def tally(self) -> Tally:
        """How far it is, as far as this was seen."""
        states = list(self._states.values())
        busy = sum(state.endswith("_IN_PROGRESS") for state in states)
        done = sum(_ENDED.search(state) is not None and state != NOT_BEGUN for state in states)
        return Tally(done=done, busy=busy, known=len(states))

    @property
    def touched(self) -> int:
        """How many resources Heat did something with since the watch began."""
        return len(self._touched)

    def _happening(self, event: StackEvent) -> Happening | None:
        above = self._paths.get(event.stack_id)
        if above is None:  # of a nested stack that is gone already
            return None
        path = f"{above}/{event.name}" if above else event.name
        self._touched.add(path)
        self._note(path, event.status)
        if event.status.endswith("_FAILED"):
            self.failures[path] = StackResource(
                path=path,
                type=self._types.get(path, ""),
                status=event.status,
                reason=event.reason,
                is_nested=False,
                physical_id=event.physical_id,
            )
        return Happening(path, event.status, event.reason)

    def _note(self, path: str, status: str) -> None:
        """Keep a resource's state; one that was made anew is not gone when the old one is deleted."""
        if status.startswith("CREATE_"):
            self._made.add(path)
        if not status.startswith("DELETE_"):
            self._states[path] = status
        elif path not in self._made:
            self._states[path] = status
            if status == "DELETE_COMPLETE":
                del self._states[path]

    def _list(self, stack: Stack) -> None:
        try:
            listed = self.stacks.resources(stack)
        except RequestRejected:  # Heat has lost a part of one; what is known already has to do
            self._paths.setdefault(stack.id, "")
            return
        self._states = {one.path: one.status for one in listed}
        self._types |= {one.path: one.type for one in listed}
        self._paths |= {one.physical_id: one.path for one in listed if one.physical_id}
        self._paths[stack.id] = ""


def happening_line(one: Happening, *, mask: Callable[[str], str]) -> str:
    """Return an event as one line of a run's log; why it failed, where it did."""
    reason = f": {mask(' '.join(one.reason.split()))}" if one.status.endswith("_FAILED") and one.reason else ""
    return f"{one.status:20} {one.path}{reason}"


def estimate(earlier: Sequence[float], *, passed: float) -> float | None:
    """Return how many seconds are left, by the median of what earlier ones took; None where there were none."""
    if not earlier:
        return None
    ordered = sorted(earlier)
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return max(0.0, median - passed)


def tally_line(tally: Tally, *, passed: float, left: float | None) -> str:
    """Return how far it is as one line: counts, the time that passed, and what is left by earlier deploys."""
    rest = "" if left is None else f", about {_span(left)} left" if left else ", longer than the deploys before"
    return f"{tally.done} of {tally.known} resources done, {tally.busy} under way after {_span(passed)}{rest}"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
