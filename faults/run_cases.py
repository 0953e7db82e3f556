"""The fault cases of runs, as values: which run, where its process dies, who goes on with it, what else is wrong."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from faults.run_worker import Blow, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 6
COMMITS = {"plain": 36, "waiting": 34, "trying": 38, "failing": 32}
"""How many commits a driven run takes at least, from opening the database to its end; later ones are not counted."""
MARKS = {"plain": 30, "waiting": 20, "trying": 20, "failing": 20}
"""Ten for each step that leaves marks: before and after its beginning, three effects and its end."""
TWICE, LOCKED, FULL, JUMPS, STOPPED, CROWDS = 120, 12, 24, 12, 16, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """One run whose process dies at each of `blows` in turn; `by_server` says who goes on with it the last time."""

    workflow: str
    blows: tuple[Blow, ...]
    by_server: bool
    trouble: Trouble = field(default_factory=Trouble)


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One run while somebody else holds the database, again and again: seconds until, and how long."""

    workflow: str
    holds: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """One run whose process stands still for longer than its lease while another one looks on."""

    after: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Runs of several plans and two servers, one of which dies every so often, at random moments."""

    plans: int
    kills: int
    seed: int


Case = Killed | Locked | Stopped | Crowd


def all_cases() -> tuple[Case, ...]:
    """Return every case."""
    return (*boundary_cases(), *inside_cases(), *twice_cases(), *other_cases())


def sampled_cases(count: int) -> tuple[Case, ...]:
    """Return some of the cases, the same ones every time, one of each kind at least."""
    numbers = random.Random(SEED)
    kinds: dict[type[Case], list[Case]] = {}
    for case in all_cases():
        kinds.setdefault(type(case), []).append(case)
    chosen = [numbers.choice(cases) for cases in kinds.values()]
    return (*chosen, *numbers.sample(kinds[Killed], max(0, count - len(chosen))))


def boundary_cases() -> Iterator[Killed]:
    """Yield a kill before and after each commit of each workflow: every boundary that there is."""
    for workflow, commits in COMMITS.items():
        for number, is_after in itertools.product(range(1, commits + 1), (False, True)):
            blow = Blow(commit=number, is_after=is_after)
            yield Killed(workflow=workflow, blows=(blow,), by_server=bool((number + is_after) % 2))


def inside_cases() -> Iterator[Killed]:
    """Yield a kill around each mark that a step leaves."""
    for workflow, marks in MARKS.items():
        for number in range(1, marks + 1):
            yield Killed(workflow=workflow, blows=(Blow(mark=number),), by_server=bool(number % 2))


def twice_cases() -> Iterator[Killed]:
    """Yield runs whose process dies, and the next one, and the one after that."""
    numbers = random.Random(SEED)
    for _ in range(TWICE):
        workflow = numbers.choice(tuple(COMMITS))
        blows = tuple(_random_blow(numbers, workflow) for _ in range(numbers.choice((2, 3))))
        yield Killed(workflow=workflow, blows=blows, by_server=numbers.random() < 0.5)


def other_cases() -> Iterator[Case]:
    """Yield databases that are locked or full, clocks that jump, processes that stand still, and crowds."""
    numbers = random.Random(SEED + 1)
    for _ in range(LOCKED):
        holds = tuple((numbers.uniform(0.0, 0.4), numbers.uniform(0.3, 1.5)) for _ in range(3))
        yield Locked(workflow=numbers.choice(tuple(COMMITS)), holds=(*holds, (0.1, numbers.choice((0.5, 6.0)))))
    for _ in range(FULL):
        trouble = Trouble(full_from=numbers.randrange(8, 60), full_seconds=numbers.uniform(0.3, 2.0))
        yield Killed(workflow=numbers.choice(tuple(COMMITS)), blows=(), by_server=False, trouble=trouble)
    for seed in range(JUMPS):
        trouble = Trouble(clock_jumps=True, seed=seed)
        workflow = numbers.choice(tuple(COMMITS))
        blows = (_random_blow(numbers, workflow),) if seed % 2 else ()
        yield Killed(workflow=workflow, blows=blows, by_server=False, trouble=trouble)
    for _ in range(STOPPED):
        yield Stopped(after=numbers.uniform(0.05, 0.5), seconds=numbers.uniform(1.5, 3.0))
    for seed in range(CROWDS):
        yield Crowd(plans=numbers.randrange(3, 7), kills=numbers.randrange(4, 10), seed=seed)


def _random_blow(numbers: random.Random, workflow: str) -> Blow:
    if numbers.random() < 0.3:
        return Blow(mark=numbers.randrange(1, MARKS[workflow] + 1))
    return Blow(commit=numbers.randrange(1, COMMITS[workflow] + 1), is_after=numbers.random() < 0.5)
