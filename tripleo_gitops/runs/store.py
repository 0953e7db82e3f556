"""Runs as they are asked for and read: by any process, whether it works at runs or not."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tripleo_gitops.errors import NotFound, Refused
from tripleo_gitops.operations.steps import Level
from tripleo_gitops.runs import tables
from tripleo_gitops.runs.lines import append_lines
from tripleo_gitops.runs.news import note_news
from tripleo_gitops.runs.record import RunState
from tripleo_gitops.runs.rows import log_line, run_record, to_json
from tripleo_gitops.runs.superseding import supersede_older

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.runs.database import Database
    from tripleo_gitops.runs.record import LogLine, RunRecord, RunRequest
    from tripleo_gitops.runs.workflow import Workflow

UNDER_WAY = (RunState.RUNNING, RunState.WAITING)
PAGE = 50
LINES_PAGE = 1000


class RunNotFound(NotFound):
    """No run of that number or id."""

    reason = "RunNotFound"


class RunIsOver(Refused):
    """What was asked for makes sense only for a run that is not at its end."""

    reason = "RunIsOver"


class RunUnderWay(Refused):
    """What was asked for makes sense only for a run that is at its end."""

    reason = "RunUnderWay"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs to list; None takes all. `asked_before` is in seconds since the epoch."""

    plan: str | None = None
    states: tuple[RunState, ...] | None = None
    workflow: str | None = None
    asked_before: float | None = None


class RunStore:
    """The records of runs in one database. `now` gives seconds since the epoch, for people to read.

    `is_told` says that others want to know of runs: then each state is written down to be told.
    """

    def __init__(self, database: Database, *, now: Callable[[], float], is_told: bool = False) -> None:
        self.database, self.now, self._is_told = database, now, is_told

    def add(self, request: RunRequest, workflow: Workflow, *, lane: str) -> RunRecord:
        """Record a run as queued; it supersedes what it makes needless. Raises InvalidInput for missing inputs.

        A request with the key of an earlier one gives that one's run.
        """
        workflow.check_inputs(request.inputs)
        try:
            found = self.database.write(lambda connection: self._add(connection, request, workflow, lane))
        except IntegrityError:  # somebody was quicker with the same key
            found = self.database.read(lambda connection: _with_key(connection, request.key)) or ""
        return self.get(found)

    def get(self, run: str) -> RunRecord:
        """Return the run of an id or a number; raises RunNotFound."""
        return self.database.read(lambda connection: _get(connection, run))

    def page(
        self, wanted: RunFilter | None = None, *, limit: int = PAGE, before: int | None = None
    ) -> tuple[RunRecord, ...]:
        """Return runs, the newest first; `before` is the number where the last page ended."""
        chosen = _chosen(wanted or RunFilter())
        if before is not None:
            chosen = chosen.where(tables.runs.c.number < before)
        page = chosen.order_by(tables.runs.c.number.desc()).limit(limit)
        return self.database.read(
            lambda connection: tuple(_record(connection, row) for row in connection.execute(page).all())
        )

    def lines(self, run: str, *, after: int = 0, limit: int = LINES_PAGE) -> tuple[LogLine, ...]:
        """Return lines of a run's log whose `seq` is greater than `after`, the oldest first."""
        table = tables.log
        page = sa.select(table).where(table.c.run == run, table.c.seq > after).order_by(table.c.seq).limit(limit)
        return self.database.read(lambda connection: tuple(map(log_line, connection.execute(page))))

    def say(self, run: str, text: str, *, level: Level = Level.INFO, step: str | None = None) -> None:
        """Write to a run's log from outside of it."""
        self.database.write(lambda connection: append_lines(connection, run, [(self.now(), step, level, text)]))

    def approve(self, run: str, *, actor: str, digest: str | None, comment: str = "") -> RunRecord:
        """Record a yes; the same person's second one replaces the first. Raises RunNotFound, RunIsOver."""
        found = self.get(run)
        if found.state.is_end:
            raise RunIsOver(f"run {found.number} is {found.state}; there is nothing left to approve")
        table, row = tables.approvals, {"run": found.id, "actor": actor}

        def act(connection: sa.Connection) -> None:
            connection.execute(sa.delete(table).filter_by(**row))
            connection.execute(
                sa.insert(table).values(row | {"time": self.now(), "digest": digest, "comment": comment})
            )
            append_lines(
                connection, found.id, [(self.now(), None, Level.INFO, f"approved by {actor}: {comment or 'yes'}")]
            )

        self.database.write(act)
        return self.get(found.id)

    def ask_cancel(self, run: str, *, actor: str) -> RunRecord:
        """Ask a run to stop: a queued one is cancelled now, another at its next look. Raises RunNotFound, RunIsOver."""
        found = self.get(run)
        self.database.write(lambda connection: self._ask_cancel(connection, found, actor))
        return self.get(found.id)

    def begin_again(self, run: str, *, position: int, actor: str, lane: str) -> RunRecord:
        """Queue a run that is at its end, to go on with the step at `position`; raises RunUnderWay, RunNotFound."""
        found = self.get(run)
        self.database.write(lambda connection: self._begin_again(connection, found, position, actor, lane))
        return self.get(found.id)

    def hand_over(self, run: str, *, lane: str) -> bool:
        """Give a queued run that nobody began to another lane; False where somebody was quicker."""
        table = tables.runs
        move = sa.update(table).where(
            table.c.id == run, table.c.state == RunState.QUEUED, table.c.is_dispatched.is_(False)
        )
        return bool(self.database.write(lambda connection: connection.execute(move.values(lane=lane)).rowcount))

    def set_lane(self, run: str, lane: str, *, was: str | None = None) -> bool:
        """Say who looks for a run from now on; False where that was so, or another than `was` did until now."""
        table = tables.runs
        before = table.c.lane != lane if was is None else table.c.lane == was
        move = sa.update(table).where(table.c.id == run, before).values(lane=lane)
        return bool(self.database.write(lambda connection: connection.execute(move).rowcount))

    def mark_dispatched(self, run: str) -> None:
        """Write that a queued run was handed out."""
        mark = sa.update(tables.runs).where(tables.runs.c.id == run).values(is_dispatched=True)
        self.database.write(lambda connection: connection.execute(mark))

    def note_news(self, connection: sa.Connection, run: str, state: RunState, words: str) -> None:
        """Write in a transaction of the caller's that a run came into a state, where others are told of that."""
        if self._is_told:
            note_news(connection, run, state, words, now=self.now())

    def holder(self, plan: str) -> str | None:
        """Return the id of the run that a plan has under way."""
        table = tables.holds
        return self.database.read(
            lambda connection: connection.execute(sa.select(table.c.run).where(table.c.plan == plan)).scalar()
        )

    def step_seconds(self, plan: str, workflow: str, step: str, *, limit: int = 5) -> tuple[float, ...]:
        """Return how long a step took in the plan's last runs that did it, the newest first."""
        run, done = tables.runs, tables.steps
        wanted = (
            sa.select(done.c.spent)
            .join(run, run.c.id == done.c.run)
            .where(run.c.plan == plan, run.c.workflow == workflow, done.c.name == step, done.c.state == "succeeded")
            .order_by(run.c.number.desc())
            .limit(limit)
        )
        return self.database.read(lambda connection: tuple(connection.execute(wanted).scalars()))

    def _add(self, connection: sa.Connection, request: RunRequest, workflow: Workflow, lane: str) -> str:
        if request.key is not None and (known := _with_key(connection, request.key)):
            return known
        run = secrets.token_hex(8)
        shown = request.shown
        row: dict[str, Any] = {
            "id": run,
            "workflow": workflow.name,
            "version": workflow.version,
            "plan": request.plan,
            "revision": request.revision,
            "trigger": request.trigger,
            "actor": request.actor,
            "trace_id": uuid.uuid4().hex,
            "place": to_json(request.place.to_document()),
            "inputs": to_json(request.inputs),
            "shown_digest": shown.digest if shown else None,
            "shown_text": shown.text if shown else None,
            "request_key": request.key,
            "created": self.now(),
            "state": RunState.QUEUED,
            "lane": lane,
            "is_dispatched": False,
            "fence": 0,
            "lines": 0,
        }
        connection.execute(sa.insert(tables.runs).values(row))
        blank = {"run": run, "state": "pending", "tries": 0, "spent": 0.0, "outputs": "{}"}
        places = [blank | {"position": place, "name": step.name} for place, step in enumerate(workflow.steps)]
        connection.execute(sa.insert(tables.steps), places)
        said = f"asked for by {request.actor} ({request.trigger}) at {request.revision}"
        append_lines(connection, run, [(self.now(), None, Level.INFO, said)])
        supersede_older(connection, row, workflow, now=self.now(), note=self.note_news)
        return run

    def _ask_cancel(self, connection: sa.Connection, found: RunRecord, actor: str) -> None:
        table = tables.runs
        mine = sa.update(table).where(table.c.id == found.id)
        alive = sa.exists().where(tables.executors.c.id == table.c.executor)
        ended = {"state": RunState.CANCELLED, "ended": self.now(), "executor": None, "cancel_asked_by": actor}
        idle = sa.or_(table.c.state == RunState.QUEUED, sa.and_(table.c.state.in_(UNDER_WAY), ~alive))
        if connection.execute(mine.where(idle).values(**ended, fence=table.c.fence + 1)).rowcount:
            connection.execute(sa.delete(tables.holds).where(tables.holds.c.run == found.id))
            self.note_news(connection, found.id, RunState.CANCELLED, f"{actor} stopped it")
        elif not connection.execute(mine.where(table.c.state.in_(UNDER_WAY)).values(cancel_asked_by=actor)).rowcount:
            raise RunIsOver(f"run {found.number} is {found.state} already")
        append_lines(connection, found.id, [(self.now(), None, Level.WARNING, f"{actor} asks for the run to stop")])

    def _begin_again(self, connection: sa.Connection, found: RunRecord, position: int, actor: str, lane: str) -> None:
        table, done = tables.runs, tables.steps
        ends = [state for state in RunState if state.is_end]
        queued = {
            "state": RunState.QUEUED, "lane": lane, "is_dispatched": False, "executor": None, "ended": None,
            "error_reason": None, "error_message": None, "superseded_by": None, "cancel_asked_by": None,
        }  # fmt: skip
        again = sa.update(table).where(table.c.id == found.id, table.c.state.in_(ends))
        if not connection.execute(again.values(**queued, fence=table.c.fence + 1)).rowcount:
            raise RunUnderWay(f"run {found.number} is {found.state}; cancel it first, or wait until it ends")
        blank = {
            "state": "pending", "started": None, "ended": None, "spent": 0.0, "waits_for": None,
            "error_reason": None, "error_message": None, "outputs": "{}",
        }  # fmt: skip
        connection.execute(sa.update(done).where(done.c.run == found.id, done.c.position >= position).values(blank))
        said = f"{actor} lets the run go on from step {found.steps[position].name}"
        append_lines(connection, found.id, [(self.now(), None, Level.INFO, said)])


def _chosen(wanted: RunFilter) -> sa.Select[Any]:
    table = tables.runs
    chosen = sa.select(table)
    if wanted.plan is not None:
        chosen = chosen.where(table.c.plan == wanted.plan)
    if wanted.workflow is not None:
        chosen = chosen.where(table.c.workflow == wanted.workflow)
    if wanted.states is not None:
        chosen = chosen.where(table.c.state.in_(wanted.states))
    if wanted.asked_before is not None:
        chosen = chosen.where(table.c.created < wanted.asked_before)
    return chosen


def _get(connection: sa.Connection, run: str) -> RunRecord:
    table = tables.runs
    named = table.c.number == int(run) if run.isdecimal() and len(run) < 16 else table.c.id == run
    row = connection.execute(sa.select(table).where(named)).one_or_none()
    if row is None:
        raise RunNotFound(f"there is no run {run[:40]!r}; `tripleo-plan run list` shows those that are")
    return _record(connection, row)


def _record(connection: sa.Connection, row: sa.Row[Any]) -> RunRecord:
    done, yes = tables.steps, tables.approvals
    return run_record(
        row,
        steps=connection.execute(sa.select(done).where(done.c.run == row.id).order_by(done.c.position)).all(),
        approvals=connection.execute(sa.select(yes).where(yes.c.run == row.id).order_by(yes.c.time)).all(),
    )


def _with_key(connection: sa.Connection, key: str | None) -> str | None:
    return connection.execute(sa.select(tables.runs.c.id).where(tables.runs.c.request_key == key)).scalar()
