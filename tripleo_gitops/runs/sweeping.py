"""Looking for work: runs that wait for this process, and runs that a dead one left."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tripleo_gitops.operations.steps import Level
from tripleo_gitops.runs import tables
from tripleo_gitops.runs.executors import SERVER, Watch
from tripleo_gitops.runs.lines import append_lines
from tripleo_gitops.runs.record import RunState
from tripleo_gitops.runs.store import UNDER_WAY

if TYPE_CHECKING:
    from typing import Any

    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.runs.durable import Durable, Pending
    from tripleo_gitops.runs.store import RunStore

AT_ONCE = 200
STUCK_SECONDS = 3.0
"""After which a run that should go on by itself, and does not, is handed out again; that is harmless."""


class Sweeper:
    """One process' looks at the queue; doing it twice, or in two processes at once, changes nothing more."""

    def __init__(
        self, store: RunStore, durable: Durable, *, executor: str, lane: str, active: set[str], clock: Clock
    ) -> None:
        self._store, self._durable, self._executor, self._lane = store, durable, executor, lane
        self._active, self._watch = active, Watch(store.database, clock=clock)
        self._clock = clock
        self._idle: dict[str, float] = {}
        self._unheld: dict[str, float] = {}
        self.was_busy = False

    def sweep(self, *, plan: str | None, also: str | None = None) -> None:
        """Bury the dead, adopt what they left, and hand out what is queued; of one plan, or of all."""
        for dead in self._watch.bury(but=self._executor):
            self._store.database.write(partial(_note_death, self._store, dead))
        self._adopt_from_dead_commands(plan)
        self._adopt_pending(plan)
        self._adopt_unheld(plan)
        self._dispatch(also)

    def _adopt_from_dead_commands(self, plan: str | None) -> None:
        """Take over runs of a lane whose process is gone: no server would look for them there."""
        table = tables.runs
        alive = sa.exists().where(tables.executors.c.id == table.c.lane)
        left = sa.select(table.c.id, table.c.lane, table.c.is_dispatched).where(
            table.c.state.in_((RunState.QUEUED, *UNDER_WAY)), table.c.lane != SERVER, ~alive, *_of(plan)
        )
        for row in self._rows(left):
            if self._store.set_lane(row.id, self._lane, was=row.lane) and row.is_dispatched:
                self._durable.adopt(row.id)

    def _adopt_pending(self, plan: str | None) -> None:
        """Take over runs that a dead process was working at, and own ones that no thread of this one has."""
        living = {executor.id for executor in self._watch.living()}
        pending = self._durable.pending()
        own = {found.run for found in pending if found.executor == self._executor} - self._active
        self._idle, idle = self._since(self._idle, own)
        for found in pending:
            is_left = found.executor not in living or found.run in idle
            if is_left and self._is_for_us(found.run, plan):
                self._adopt(found)

    def _adopt_unheld(self, plan: str | None) -> None:
        """Take over runs that are under way in nobody's hands: such a run may stand behind another of its plan.

        That other one waits for it, and DBOS lets none of the plan pass that one; the second queue has no turns.
        """
        table, alive = tables.runs, tables.executors
        unheld = sa.select(table.c.id).where(
            table.c.state.in_(UNDER_WAY), ~sa.exists().where(alive.c.id == table.c.executor), *_of(plan)
        )
        self._unheld, stuck = self._since(self._unheld, {row.id for row in self._rows(unheld)})
        for run in stuck:
            self._store.set_lane(run, self._lane)
            self._durable.adopt(run)

    def _since(self, known: dict[str, float], found: set[str]) -> tuple[dict[str, float], set[str]]:
        """Return since when each of `found` is so, and those that are so for too long, whose time begins anew."""
        now = self._clock.monotonic()
        since = {run: known.get(run, now) for run in found}
        stuck = {run for run, begun in since.items() if now - begun >= STUCK_SECONDS}
        return since | dict.fromkeys(stuck, now), stuck

    def _adopt(self, found: Pending) -> None:
        if self._lane == SERVER and found.executor.startswith(SERVER) and found.executor != self._executor:
            self._durable.recover(found.executor)
            return
        self._store.set_lane(found.run, self._lane)
        self._durable.adopt(found.run)

    def _is_for_us(self, run: str, plan: str | None) -> bool:
        """Return whether a left run may go on as it is; one that was asked to go on elsewhere is handed out anew."""
        table = tables.runs
        fresh = sa.and_(table.c.state == RunState.QUEUED, table.c.is_dispatched.is_(False))
        return bool(self._rows(sa.select(table.c.id).where(table.c.id == run, ~fresh, *_of(plan))))

    def _dispatch(self, also: str | None) -> None:
        table, done = tables.runs, tables.steps
        first = sa.select(sa.func.min(done.c.position)).where(done.c.run == table.c.id, done.c.state != "succeeded")
        queued = (
            sa.select(table.c.id, table.c.plan, first.scalar_subquery().label("first"))
            .where(table.c.state == RunState.QUEUED, table.c.is_dispatched.is_(False), table.c.lane == self._lane)
            .order_by(table.c.number)
            .limit(AT_ONCE)
        )
        rows = self._rows(queued if self._lane == SERVER else queued.where(table.c.id == also))
        for row in rows:
            if self._lane == SERVER:
                self._durable.submit(row.id, plan=row.plan, begins_with=row.first or 0)
            else:
                self._durable.begin_here(row.id, begins_with=row.first or 0)
            self._store.mark_dispatched(row.id)
        self.was_busy = bool(rows)

    def _rows(self, query: sa.Select[Any]) -> list[sa.Row[Any]]:
        return self._store.database.read(lambda connection: list(connection.execute(query).all()))


def _of(plan: str | None) -> tuple[sa.ColumnElement[bool], ...]:
    return () if plan is None else (tables.runs.c.plan == plan,)


def _note_death(store: RunStore, dead: str, connection: sa.Connection) -> None:
    """Write into the logs of a dead process' runs that somebody else goes on with them."""
    table = tables.runs
    left = sa.select(table.c.id).where(table.c.executor == dead, table.c.state.in_(UNDER_WAY))
    for run in connection.execute(left).scalars().all():
        said = f"{dead} is gone; the run goes on from the step that was under way"
        append_lines(connection, run, [(store.now(), None, Level.WARNING, said)])
