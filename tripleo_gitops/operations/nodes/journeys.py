"""Lead many nodes to a state, a few at a time, by what Ironic says of them: one listing tells of all."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import GitopsError, Refused, Unavailable
from tripleo_gitops.nodes.states import (
    ABORTABLE,
    WORK,
    Arrived,
    Ask,
    Asked,
    GiveUp,
    Goal,
    Step,
    Verb,
    Wait,
    next_step,
)
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOptions, FleetOutcome, NodeOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tripleo_gitops.nodes.registered import NodeState
    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.outcomes import Show
    from tripleo_gitops.operations.nodes.store import NodeGuide

MOST_THREADS = 16


@dataclass(slots=True)
class _Traveller:
    """One node on its way."""

    first: NodeState
    now: NodeState
    begun: float
    deadline: float
    asked: Asked = field(default_factory=Asked)
    tries: Counter[Verb] = field(default_factory=Counter)
    is_seen: bool = True
    is_aborted: bool = False
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Errand:
    """A goal, and what goes with its work when Ironic is asked for that, such as the steps of a cleaning."""

    goal: Goal
    request: Mapping[str, Any] = field(default_factory=dict)


def lead_nodes(
    guide: NodeGuide,
    nodes: Sequence[NodeState],
    errand: Errand,
    *,
    options: FleetOptions,
    clock: Clock,
    show: Show,
) -> FleetOutcome:
    """Lead each node to a goal and return what became of it; nodes that are there already are left alone.

    A node that something else holds is asked again until its time is over; a try that failed is made again,
    `options.tries` times in all. Doing it again goes on from the states that the nodes are in. Raises Unavailable
    when Ironic is away for too long.
    """
    return _Journey(guide, errand, options, clock, show).run(nodes)


class _Journey:
    def __init__(self, guide: NodeGuide, errand: Errand, options: FleetOptions, clock: Clock, show: Show) -> None:
        self._guide, self._goal, self._request = guide, errand.goal, errand.request
        self._options, self._clock, self._show = options, clock, show
        self._outcomes: dict[str, NodeOutcome] = {}
        self._under_way: dict[str, _Traveller] = {}
        self._pause = options.interval

    def run(self, nodes: Sequence[NodeState]) -> FleetOutcome:
        waiting = list({node.uuid: node for node in nodes}.values())[::-1]
        with ThreadPoolExecutor(max_workers=min(self._options.concurrency, MOST_THREADS)) as pool:
            try:
                while waiting or self._under_way:
                    self._begin(waiting)
                    self._advance(pool.map)
                    if self._under_way and not self._is_room(waiting):
                        self._look()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return FleetOutcome(tuple(self._outcomes[node.uuid] for node in nodes))

    def _is_room(self, waiting: list[NodeState]) -> bool:
        return bool(waiting) and len(self._under_way) < self._options.concurrency

    def _begin(self, waiting: list[NodeState]) -> None:
        now = self._clock.monotonic()
        while self._is_room(waiting):
            node = waiting.pop()
            self._under_way[node.uuid] = _Traveller(node, node, now, now + self._options.node_timeout)

    def _advance(self, parallel: Callable[..., Any]) -> None:
        """Take one step with every node under way; those that ask something of Ironic ask at once."""
        asking: list[tuple[_Traveller, Ask]] = []
        for traveller in [one for one in self._under_way.values() if one.is_seen]:
            match self._step(traveller):
                case Arrived():
                    self._end(traveller, "")
                case GiveUp(reason):
                    self._end(traveller, reason)
                case Ask() as ask:
                    asking.append((traveller, ask))
                case Wait():
                    pass
        for (traveller, ask), refused in zip(asking, parallel(self._ask, asking), strict=True):
            self._note_answer(traveller, ask, refused)

    def _step(self, traveller: _Traveller) -> Step:
        if self._clock.monotonic() >= traveller.deadline:
            return self._too_late(traveller)
        if traveller.is_aborted and traveller.now.provision_state in ABORTABLE:
            return Wait()
        return next_step(traveller.now, self._goal, traveller.asked, tries=self._options.tries)

    def _too_late(self, traveller: _Traveller) -> Step:
        """Break off what can be broken off, so that it can be tried again; give up on all else."""
        if traveller.now.provision_state in ABORTABLE and not traveller.is_aborted:
            traveller.is_aborted = True
            traveller.deadline = self._clock.monotonic() + max(self._options.node_timeout / 4, 1.0)
            return Ask(Verb.ABORT)
        held = traveller.refusal or f"it is {traveller.now.provision_state}"
        return GiveUp(f"no end within {self._options.node_timeout:g} s: {held}")

    def _ask(self, pair: tuple[_Traveller, Ask]) -> GitopsError | None:
        traveller, ask = pair
        options = self._request if ask.verb is WORK.get(self._goal) else {}
        try:
            self._guide.provision(traveller.now.uuid, ask.verb.value, **options)
        except GitopsError as exc:
            return exc
        return None

    def _note_answer(self, traveller: _Traveller, ask: Ask, refused: GitopsError | None) -> None:
        traveller.is_seen = False  # what is known of it is from before the question
        if refused is not None and ask.verb is not Verb.ABORT:
            traveller.refusal = str(refused)
            if not isinstance(refused, Refused | Unavailable):  # held or away: asked again, until its time is over
                self._end(traveller, str(refused))
            return
        traveller.refusal = ""
        if ask.verb is Verb.ABORT:
            return
        traveller.tries[ask.verb] += 1
        traveller.asked = Asked(ask.verb, traveller.tries[ask.verb])
        traveller.is_aborted = False
        traveller.deadline = self._clock.monotonic() + self._options.node_timeout

    def _look(self) -> None:
        """Wait a little, then see where the nodes are; the longer a listing takes, the rarer they are made."""
        self._clock.sleep(self._pause)
        begun = self._clock.monotonic()
        states = self._states_despite_outage(begun)
        took = self._clock.monotonic() - begun
        self._pause = min(max(2 * took, self._options.interval), self._options.longest_interval)
        found = {state.uuid: state for state in states}
        for uuid, traveller in tuple(self._under_way.items()):
            if uuid in found:
                traveller.now, traveller.is_seen = found[uuid], True
            else:
                self._end(traveller, "it is not registered any more")

    def _states_despite_outage(self, begun: float) -> tuple[NodeState, ...]:
        while True:
            try:
                return self._guide.states()
            except Unavailable:
                if self._clock.monotonic() - begun >= self._options.outage:
                    raise
            self._clock.sleep(self._options.longest_interval)

    def _end(self, traveller: _Traveller, reason: str) -> None:
        was_asked = traveller.asked.verb is not None
        ending = Ending.FAILED if reason else Ending.DONE if was_asked else Ending.UNCHANGED
        outcome = NodeOutcome(
            node=traveller.first.label,
            uuid=traveller.first.uuid,
            verb=self._goal.value,
            ending=ending,
            before=traveller.first.provision_state,
            after=traveller.now.provision_state,
            reason=reason,
            tries=max(traveller.tries.values(), default=0),
            seconds=round(self._clock.monotonic() - traveller.begun, 3),
        )
        self._outcomes[traveller.first.uuid] = outcome
        self._under_way.pop(traveller.first.uuid, None)
        self._show(outcome)
