"""One writer at a time: a sync announces itself, looks who else did, and goes on only where it is alone.

Whoever writes its announcement before it reads those of others is seen by every later one, so that of two syncs at
once at least one sees the other, and steps back before it has touched an object. Swift needs no lock for that.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from tripleo_gitops.openstack.connection import RequestRejected
from tripleo_gitops.operations.mirror.announcement import Announcement, MirrorState
from tripleo_gitops.operations.mirror.exclusion_errors import LeaseLost, MirrorMoved, SyncUnderWay
from tripleo_gitops.operations.mirror.mirror import Mirror, read_state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tripleo_gitops.operations.mirror.journal import JournalPage

LEASE_SECONDS = 180.0
"""How long an announcement that nobody renews keeps others away."""
RENEW_SECONDS = 45.0
REQUEST_SECONDS = 75.0
"""How long a request that was begun may still change something (the client's time limit, and some)."""
LOOKS, PAUSE_SECONDS = 5, 0.2
ABSENT = 404


class Lease:
    """The right to write, as long as it is renewed; safe to use from several threads."""

    def __init__(self, mirror: Mirror, announcement: Announcement, *, since: float) -> None:
        self._mirror, self._announcement, self._since = mirror, announcement, since
        self._turn = threading.Lock()

    @property
    def announcement(self) -> Announcement:
        """The announcement that this lease stands on, as it is now."""
        return self._announcement

    def keep(self) -> None:
        """Make sure that a write may begin now, renewing the announcement if need be; raise LeaseLost."""
        clock = self._mirror.clock
        with self._turn:
            age = clock.monotonic() - self._since
            if age > LEASE_SECONDS - REQUEST_SECONDS:
                raise LeaseLost(self._mirror.container, seconds=age)
            if age > RENEW_SECONDS:
                now = clock.monotonic()
                renewed = replace(self._announcement, begun=int(clock.time()))
                self._mirror.store.mark(self._mirror.container, {renewed.key: renewed.value})
                self._announcement, self._since = renewed, now


def check_nobody_else(
    mirror: Mirror, state: MirrorState, page: JournalPage, *, take_over: bool = False
) -> tuple[Announcement, ...]:
    """Return the syncs that broke off; raise SyncUnderWay when one of those not closed may still be running.

    Over are this machine's own, since their lock is free, and those whose lease ran out.
    """
    now = mirror.clock.time()
    for found in state.unfinished:
        left = LEASE_SECONDS - (now - found.begun)
        if found.sync not in page.begun and not take_over and left > 0:
            raise _under_way(mirror, found, seconds_left=int(left) + 1)
    return state.unfinished


def announce(mirror: Mirror, announcement: Announcement, *, expected: MirrorState | None, page: JournalPage) -> Lease:
    """Announce a sync and return its lease once it is alone with a mirror that is as `expected`.

    Otherwise takes the announcement back and raises SyncUnderWay, or MirrorMoved where nobody else writes.
    """
    store, container = mirror.store, mirror.container
    since = mirror.clock.monotonic()
    page.begin(announcement.sync)
    _write_announcement(mirror, announcement, expected=expected, page=page)
    state = read_state(store, container, expected=expected)
    for _ in range(LOOKS):
        if (
            state is None
            or _is_alone(announcement, state, expected)
            or not _has_priority(announcement, state, expected)
        ):
            break
        mirror.clock.sleep(PAUSE_SECONDS)
        state = read_state(store, container, expected=expected)
    if state is None:
        raise MirrorMoved(container)
    if not _is_alone(announcement, state, expected):
        raise _step_back(mirror, announcement, state, page=page)
    if state.named != announcement.named:  # by one who stepped back, and had not seen this sync
        store.mark(container, announcement.named)
    return Lease(mirror, announcement, since=since)


def _write_announcement(
    mirror: Mirror, announcement: Announcement, *, expected: MirrorState | None, page: JournalPage
) -> None:
    if expected is None:
        mirror.store.create(mirror.container, announcement.metadata)
        return
    try:
        mirror.store.mark(mirror.container, announcement.metadata, remove=_outdated(expected))
    except RequestRejected as exc:
        if exc.status != ABSENT:
            raise
        page.forget(announcement.sync)
        raise MirrorMoved(mirror.container) from exc


def _outdated(expected: MirrorState) -> Iterable[str]:
    """Return the key of the sync before the last one, where all is whole: nothing builds upon it any more."""
    whole = expected.whole
    before = expected.find(whole.over) if whole is not None else None
    if before is None and whole is not None and whole.over is not None:
        return (replace(whole, sync=whole.over).key,)
    return (before.key,) if before is not None else ()


def _tolerated(expected: MirrorState | None) -> set[str]:
    """Return the syncs that were there when it was decided what to do: closed, or known to be over."""
    if expected is None:
        return set()
    whole = expected.whole
    return {found.sync for found in expected.announced} | ({whole.over} if whole is not None and whole.over else set())


def _rivals(own: Announcement, state: MirrorState, expected: MirrorState | None) -> tuple[Announcement, ...]:
    tolerated = _tolerated(expected)
    return tuple(found for found in state.announced if found.sync != own.sync and found.sync not in tolerated)


def _is_alone(own: Announcement, state: MirrorState, expected: MirrorState | None) -> bool:
    closed = expected.closed if expected is not None else None
    is_there = state.find(own.sync) is not None
    return is_there and state.closed == closed and not _rivals(own, state, expected)


def _has_priority(own: Announcement, state: MirrorState, expected: MirrorState | None) -> bool:
    """Return whether to wait for rivals to step back: the lowest id of those who see each other may."""
    rivals = _rivals(own, state, expected)
    return bool(rivals) and all(own.sync < rival.sync for rival in rivals)


def _step_back(
    mirror: Mirror, own: Announcement, state: MirrorState, *, page: JournalPage
) -> SyncUnderWay | MirrorMoved:
    """Take an announcement back, name again what stays, and return why."""
    others = tuple(found for found in state.announced if found.sync != own.sync)
    rest = MirrorState(is_plan=state.is_plan, announced=others, closed=state.closed)
    unfinished = rest.unfinished
    stays = rest.whole or next(iter((*unfinished, *others)), None)
    named = stays.named if stays is not None else {}
    mirror.store.mark(mirror.container, named, remove=(own.key, *(() if named else own.named)))
    page.forget(own.sync)
    if unfinished and rest.whole is None:
        left = LEASE_SECONDS - (mirror.clock.time() - unfinished[0].begun)
        return _under_way(mirror, unfinished[0], seconds_left=max(1, int(left)))
    return MirrorMoved(mirror.container)


def _under_way(mirror: Mirror, other: Announcement, *, seconds_left: int) -> SyncUnderWay:
    who = f"a sync to {other.revision.short}"
    return SyncUnderWay(mirror.store.location(mirror.container), who=who, seconds_left=seconds_left)
