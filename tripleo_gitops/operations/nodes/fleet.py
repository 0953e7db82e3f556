"""Do one thing to each of many nodes, a few at a time; what fails for one fails for one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from tripleo_gitops.errors import GitopsError
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOutcome, NodeOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.outcomes import Show

T = TypeVar("T")


def act_on_each(
    items: Sequence[T],
    act: Callable[[T], NodeOutcome],
    told: Callable[[T], NodeOutcome],
    *,
    concurrency: int,
    clock: Clock,
    show: Show,
) -> FleetOutcome:
    """Return what `act` made of each item, in their order; `told` is the outcome that a failure is written into.

    `show` gets each outcome when it is there, from this thread only.
    """
    if not items:
        return FleetOutcome()
    found: list[NodeOutcome | None] = [None] * len(items)
    with ThreadPoolExecutor(max_workers=min(concurrency, len(items)), thread_name_prefix="node") as pool:
        begun = {pool.submit(_timed, act, told, item, clock): place for place, item in enumerate(items)}
        try:
            for future in as_completed(begun):
                outcome = future.result()
                found[begun[future]] = outcome
                show(outcome)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # Ctrl-C: what has not begun does not begin
            raise
    return FleetOutcome(tuple(one for one in found if one is not None))


def _timed(act: Callable[[T], NodeOutcome], told: Callable[[T], NodeOutcome], item: T, clock: Clock) -> NodeOutcome:
    begun = clock.monotonic()
    try:
        outcome = act(item)
    except GitopsError as exc:
        outcome = replace(told(item), ending=Ending.FAILED, reason=str(exc))
    return replace(outcome, seconds=round(clock.monotonic() - begun, 3))
