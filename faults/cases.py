"""The fault cases of the mirror, as values: what is broken, where, and what the next sync is."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from faults.proxy import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

REVISIONS = 3
NOTHING = -1
"""Where a case begins without a container."""
WAYS = (
    (0, 1, 0), (0, 1, 1), (1, 2, 1), (1, 2, 2), (2, 0, 2), (2, 0, 0), (0, 2, 0),
    (0, 2, 2), (2, 1, 2), (2, 1, 1), (1, 0, 1), (1, 0, 0), (0, 1, 2), (2, 1, 0),
)  # fmt: skip
"""From where, towards where, and then where: each begins where the one before it ended."""
STOCKED_WAYS = ((0, 1, 2), (2, 0, 2), (2, 1, 1), (1, 2, 0))
"""The same in plans of which two have a stock and one, the last, is too small for it."""
FIRST_WAYS = ((NOTHING, 0, 1), (NOTHING, 1, 1))
REQUESTS, FIRST_REQUESTS, STOCKED_REQUESTS = 8, 10, 11
"""What a small sync sends at most; a case beyond the last request is not counted."""
KILLS = (Kind.KILL_BEFORE, Kind.KILL_AFTER)
ERRORS = (503, 429, 404, 401, 412, 500)
TRANSPORT = (Kind.RESET_BEFORE, Kind.RESET_AFTER, Kind.CUT_BODY, Kind.SLOW_BODY, Kind.SILENT, Kind.WRONG_ETAG)
TURNS = 7
BEGINNING, DRAWN, STOCKED_SHARE = 4, 80, 0.5
"""Of two syncs at once: how many requests of each come in every order, and how many longer orders are drawn."""
SEED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A sync from one revision to another whose n-th request breaks, and the sync that comes after it.

    `repeats`: every later request breaks too. `elsewhere`: the next sync runs on another machine. `lags`: the
    listing stays as it was before the first sync. `stocked`: the plan is a large one, as far as manifests go.
    """

    start: int
    towards: int
    then: int
    number: int
    kind: Kind
    status: int = 0
    repeats: bool = False
    elsewhere: bool = False
    lags: bool = False
    stocked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Interleaved:
    """Two syncs at once on two machines, in turns as `turns` says, and the sync that comes after them."""

    start: int
    one: int
    other: int
    then: int
    turns: str
    stocked: bool = False


Case = Broken | Interleaved


def all_cases() -> tuple[Case, ...]:
    """Return every case, in an order that needs few syncs in between."""
    return (*stocked_cases(), *broken_cases(), *interleaved_cases())


def shared_cases(number: int, parts: int) -> tuple[Case, ...]:
    """Return one of several shares of all cases, from 1; a case that begins where the one before it ended stays so."""
    cases = all_cases()
    size = -(-len(cases) // parts)
    return cases[(number - 1) * size : number * size]


def sampled_cases(count: int) -> tuple[Case, ...]:
    """Return some of the cases, the same ones every time."""
    return tuple(random.Random(SEED).sample(all_cases(), count))


def broken_cases() -> Iterator[Broken]:
    """Yield each way to break each request of each sync, followed by a sync to each revision."""
    for number, wound, way in itertools.product(range(REQUESTS), wounds(), WAYS):
        yield replace(wound, start=way[0], towards=way[1], then=way[2], number=number)
    for number, way, wound in itertools.product(range(FIRST_REQUESTS), FIRST_WAYS, wounds()):
        if not wound.lags:
            yield replace(wound, start=way[0], towards=way[1], then=way[2], number=number)


def stocked_cases() -> Iterator[Broken]:
    """Yield each way to break each request of a sync that writes, keeps or drops a manifest's stock."""
    wounds_here = [wound for wound in wounds() if not wound.lags or wound.elsewhere]
    for number, wound, way in itertools.product(range(STOCKED_REQUESTS), wounds_here, STOCKED_WAYS):
        yield replace(wound, start=way[0], towards=way[1], then=way[2], number=number, stocked=True)


def wounds() -> Iterator[Broken]:
    """Yield the ways to break a request, of no request in particular."""
    unplaced = Broken(start=0, towards=0, then=0, number=0, kind=Kind.STATUS, status=503, repeats=True)
    yield unplaced
    for kind, elsewhere, lags in itertools.product(KILLS, (False, True), (False, True)):
        yield replace(unplaced, kind=kind, status=0, repeats=False, elsewhere=elsewhere, lags=lags)
    for status in ERRORS:
        yield replace(unplaced, status=status, repeats=False)
    for kind in TRANSPORT:
        yield replace(unplaced, kind=kind, status=0, repeats=False)


def interleaved_cases() -> Iterator[Interleaved]:
    """Yield orders in which the requests of two syncs can arrive.

    Every order of the first requests of each, in which it is settled who writes; then some of all of their requests,
    drawn once and for all.
    """
    for turns, (start, one, other) in itertools.product(every_order(), itertools.permutations(range(REVISIONS))):
        yield Interleaved(start=start, one=one, other=other, then=start, turns=turns)
    numbers = random.Random(SEED)
    found: set[Interleaved] = set()
    while len(found) < DRAWN:
        start = numbers.randrange(REVISIONS)
        one, other = numbers.sample([n for n in range(REVISIONS) if n != start], 2)
        turns = "".join(numbers.sample("AB" * TURNS, 2 * TURNS))
        then, stocked = numbers.randrange(REVISIONS), numbers.random() < STOCKED_SHARE
        case = Interleaved(start=start, one=one, other=other, then=then, turns=turns, stocked=stocked)
        if case not in found:
            found.add(case)
            yield case


def every_order() -> Iterator[str]:
    """Yield every order of the first requests of A and B."""
    for places in itertools.combinations(range(2 * BEGINNING), BEGINNING):
        yield "".join("A" if place in places else "B" for place in range(2 * BEGINNING))
