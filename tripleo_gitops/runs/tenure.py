"""One process' hold of one run: what it writes is taken only while the hold lasts, however late it comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tripleo_gitops.operations.steps import Level
from tripleo_gitops.runs import tables
from tripleo_gitops.runs.lines import append_lines
from tripleo_gitops.runs.record import RunState, StepState
from tripleo_gitops.runs.rows import to_json
from tripleo_gitops.runs.store import UNDER_WAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.runs.lines import Entry
    from tripleo_gitops.runs.record import Failure
    from tripleo_gitops.runs.store import RunStore


class TenureLost(BaseException):
    """The run is not ours any more, or this process is to end: nothing more may be done or written for it.

    No error of the run: it passes by everything that handles errors, so that nobody takes it for one.
    """


@dataclass(frozen=True, slots=True)
class Standing:
    """What others did about a run that this process works at."""

    is_ours: bool
    cancel_asked_by: str | None


@dataclass(frozen=True, slots=True)
class Tenure:
    """A run that this process has taken; `fence` is the number of the taking, and every write names it."""

    store: RunStore
    run: str
    plan: str
    executor: str
    fence: int

    def begin_step(self, position: int, *, is_new_try: bool) -> None:
        """Write that a step is under way; raises TenureLost."""
        done = tables.steps
        values: dict[str, Any] = {"state": StepState.RUNNING, "waits_for": None, "ended": None}
        if is_new_try:
            values["tries"] = done.c.tries + 1
            values |= {"error_reason": None, "error_message": None}
            values["started"] = sa.func.coalesce(done.c.started, self.store.now())
        self._write(position, values, run={"state": RunState.RUNNING})

    def await_step(self, position: int, *, words: str, spent: float, is_news: bool) -> None:
        """Write what a step waits for; raises TenureLost."""
        values = {"state": StepState.WAITING, "waits_for": words, "spent": spent}
        self._write(position, values, run={"state": RunState.WAITING}, news=words if is_news else None)

    def spend(self, position: int, *, spent: float) -> None:
        """Write how long a step has taken until now; raises TenureLost."""
        self._write(position, {"spent": spent}, run={})

    def finish_step(self, position: int, *, outputs: Mapping[str, Any], spent: float, lines: Sequence[Entry]) -> None:
        """Write that a step is done; raises TenureLost, NotPlain."""
        values = {"state": StepState.SUCCEEDED, "outputs": to_json(outputs), "ended": self.store.now(), "spent": spent}
        self._write(position, values | {"error_reason": None, "error_message": None}, run={}, lines=lines)

    def fail_step(self, position: int, *, state: StepState, failure: Failure, spent: float) -> None:
        """Write how a step ended badly; raises TenureLost."""
        values = {
            "state": state,
            "ended": self.store.now(),
            "spent": spent,
            "error_reason": failure.reason,
            "error_message": failure.message,
        }
        self._write(position, values, run={})

    def say(self, lines: Sequence[Entry]) -> None:
        """Write to the run's log; raises TenureLost."""
        if lines:
            self._write(None, {}, run={}, lines=lines)

    def finish(self, state: RunState, *, failure: Failure | None = None) -> None:
        """Write the run's end, and let the plan go; raises TenureLost."""
        level = Level.INFO if state is RunState.SUCCEEDED else Level.ERROR
        said = f"run {state}" + (f": {failure.message}" if failure else "")
        values = {
            "state": state,
            "ended": self.store.now(),
            "executor": None,
            "error_reason": failure.reason if failure else None,
            "error_message": failure.message if failure else None,
        }

        def act(connection: sa.Connection) -> None:
            append_lines(connection, self.run, [(self.store.now(), None, level, said)])
            self._update(connection, values)
            connection.execute(sa.delete(tables.holds).where(tables.holds.c.run == self.run))
            self.store.note_news(connection, self.run, state, failure.message if failure else "")

        self.store.database.write(act)

    def release(self) -> None:
        """Give the run back as it stands, for another process to go on with; nothing where it is not ours."""
        table = tables.runs
        mine = sa.and_(table.c.id == self.run, table.c.executor == self.executor, table.c.fence == self.fence)
        freed = sa.update(table).where(mine).values(executor=None)
        self.store.database.write(lambda connection: connection.execute(freed))

    def requeue(self) -> None:
        """Queue the run again, to be handed out from its first step that is not done; raises TenureLost."""

        def act(connection: sa.Connection) -> None:
            self._update(connection, {"state": RunState.QUEUED, "is_dispatched": False, "executor": None})
            connection.execute(sa.delete(tables.holds).where(tables.holds.c.run == self.run))

        self.store.database.write(act)

    def standing(self) -> Standing:
        """Return whether the run is still ours, and who asked for its end."""
        table = tables.runs
        asked = sa.select(table.c.executor, table.c.fence, table.c.cancel_asked_by).where(table.c.id == self.run)
        row = self.store.database.read(lambda connection: connection.execute(asked).one_or_none())
        is_ours = row is not None and (row.executor, row.fence) == (self.executor, self.fence)
        return Standing(is_ours, row.cancel_asked_by if row else None)

    def _write(
        self,
        position: int | None,
        step: Mapping[str, Any],
        *,
        run: Mapping[str, Any],
        lines: Sequence[Entry] = (),
        news: str | None = None,
    ) -> None:
        def act(connection: sa.Connection) -> None:
            self._update(connection, run or {"executor": self.executor})
            if position is not None:
                done = tables.steps
                mine = sa.and_(done.c.run == self.run, done.c.position == position)
                connection.execute(sa.update(done).where(mine).values(**step))
            append_lines(connection, self.run, lines)
            if news is not None:
                self.store.note_news(connection, self.run, RunState.WAITING, news)

        self.store.database.write(act)

    def _update(self, connection: sa.Connection, values: Mapping[str, Any]) -> None:
        """Change the run's row, if it is ours and we have our lease: the one place that decides."""
        table, alive = tables.runs, tables.executors
        mine = sa.and_(
            table.c.id == self.run,
            table.c.executor == self.executor,
            table.c.fence == self.fence,
            table.c.state.in_(UNDER_WAY),
            sa.exists().where(alive.c.id == self.executor),
        )
        if not connection.execute(sa.update(table).where(mine).values(**values)).rowcount:
            raise TenureLost(self.run)


def take(store: RunStore, run: str, *, executor: str) -> Tenure | None:
    """Take a run and its plan for this process; None while either is another one's, or the run is at its end.

    It can be taken when it is queued, or under way with nobody alive at it.
    """
    try:
        return store.database.write(lambda connection: _take(store, connection, run, executor))
    except IntegrityError:  # another run of the plan was taken at the same moment
        return None


def _take(store: RunStore, connection: sa.Connection, run: str, executor: str) -> Tenure | None:
    table, alive, holds = tables.runs, tables.executors, tables.holds
    row = connection.execute(sa.select(table).where(table.c.id == run).with_for_update()).one_or_none()
    if row is None or row.state not in {RunState.QUEUED, *UNDER_WAY}:
        return None
    if not connection.execute(sa.select(alive.c.id).where(alive.c.id == executor)).scalar():
        raise TenureLost(run)
    if (
        row.executor is not None
        and connection.execute(sa.select(alive.c.id).where(alive.c.id == row.executor)).scalar()
    ):
        return None
    if _held_by_another(connection, row.plan, run):
        return None
    if not connection.execute(sa.select(holds.c.run).where(holds.c.run == run)).scalar():
        connection.execute(sa.insert(holds).values(plan=row.plan, run=run))
    was_begun = row.state in UNDER_WAY or row.started is not None
    values = {
        "state": row.state if row.state in UNDER_WAY else RunState.RUNNING,
        "executor": executor,
        "fence": row.fence + 1,
        "is_dispatched": True,
        "started": row.started or store.now(),
    }
    connection.execute(sa.update(table).where(table.c.id == run).values(**values))
    said = f"{'goes on' if was_begun else 'begun'} by {executor}"
    append_lines(connection, run, [(store.now(), None, Level.DEBUG, said)])
    if row.state == RunState.QUEUED:
        store.note_news(connection, run, RunState.RUNNING, "")
    return Tenure(store, run, row.plan, executor, row.fence + 1)


def _held_by_another(connection: sa.Connection, plan: str, run: str) -> bool:
    holds = tables.holds
    holder = connection.execute(sa.select(holds.c.run).where(holds.c.plan == plan)).scalar()
    return holder is not None and holder != run
