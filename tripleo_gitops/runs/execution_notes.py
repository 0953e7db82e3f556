"""What Mistral itself cannot keep of a run: its log while a step works, and who said yes to it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tripleo_gitops.operations.steps import Approval, Level
from tripleo_gitops.runs.lines import split_text
from tripleo_gitops.runs.rows import log_line
from tripleo_gitops.runs.tables import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tripleo_gitops.runs.database import Database
    from tripleo_gitops.runs.lines import Entry
    from tripleo_gitops.runs.record import LogLine

KEEP_SECONDS = 30 * 86_400.0
MOST_AT_ONCE = 1000

metadata = sa.MetaData()
lines = sa.Table(
    "plan_execution_log",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("execution", sa.Text, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("time", sa.Float, nullable=False),
    sa.Column("step", sa.Text),
    sa.Column("level", Word, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Index("plan_execution_log_of", "execution", "seq"),
    sa.Index("plan_execution_log_age", "time"),
    sqlite_autoincrement=True,
)
approvals = sa.Table(
    "plan_execution_approvals",
    metadata,
    sa.Column("execution", sa.Text, primary_key=True),
    sa.Column("actor", sa.Text, primary_key=True),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("time", sa.Float, nullable=False),
    sa.Column("digest", sa.Text),
    sa.Column("comment", sa.Text, nullable=False),
)


class ExecutionNotes:
    """The notes about executions of one plan; `now` gives seconds since the epoch."""

    def __init__(self, database: Database, plan: str, *, now: Callable[[], float]) -> None:
        self._opened, self._plan, self._now = database, plan, now

    @cached_property
    def _database(self) -> Database:
        """The database, once it is asked for: with the tables."""
        if not self._opened.read(lambda connection: sa.inspect(connection).has_table(approvals.name)):
            self._opened.write(metadata.create_all)
        return self._opened

    def write(self, execution: str, entries: Sequence[Entry]) -> None:
        """Put lines behind those that are there; a text of several lines becomes several."""
        rows = [
            {"execution": execution, "plan": self._plan, "time": time, "step": step, "level": level, "text": line}
            for time, step, level, text in entries
            for line in split_text(text)
        ]
        if rows:
            self._database.write(lambda connection: connection.execute(sa.insert(lines), rows))

    def lines(self, execution: str, *, after: int = 0, limit: int = MOST_AT_ONCE) -> tuple[LogLine, ...]:
        """Return lines whose `seq` is greater than `after`, the oldest first."""
        mine = sa.select(lines).where(lines.c.execution == execution, lines.c.plan == self._plan, lines.c.seq > after)
        page = mine.order_by(lines.c.seq).limit(min(limit, MOST_AT_ONCE))
        return self._database.read(lambda connection: tuple(map(log_line, connection.execute(page))))

    def last(self, execution: str, step: str) -> LogLine | None:
        """Return what was said last in a step of an execution; None where nobody worked at it before."""
        mine = sa.select(lines).where(lines.c.execution == execution, lines.c.step == step)
        row = self._database.read(
            lambda connection: connection.execute(mine.order_by(lines.c.seq.desc()).limit(1)).first()
        )
        return None if row is None else log_line(row)

    def failures(self, execution: str, step: str) -> int:
        """Return how often a step of an execution failed."""
        failed = sa.select(sa.func.count()).where(
            lines.c.execution == execution, lines.c.step == step, lines.c.level == Level.ERROR
        )
        return self._database.read(lambda connection: int(connection.execute(failed).scalar() or 0))

    def approve(self, execution: str, *, actor: str, digest: str | None, comment: str) -> None:
        """Record a yes; the same person's second one replaces the first."""
        row = {"execution": execution, "actor": actor}
        values = row | {"plan": self._plan, "time": self._now(), "digest": digest, "comment": comment}

        def act(connection: sa.Connection) -> None:
            connection.execute(sa.delete(approvals).filter_by(**row))
            connection.execute(sa.insert(approvals).values(values))

        self._database.write(act)
        self.write(execution, [(self._now(), None, Level.INFO, f"approved by {actor}: {comment or 'yes'}")])

    def approvals(self, execution: str) -> tuple[Approval, ...]:
        """Return who said yes to an execution, the earliest first."""
        mine = sa.select(approvals).where(approvals.c.execution == execution, approvals.c.plan == self._plan)
        rows = self._database.read(lambda connection: connection.execute(mine.order_by(approvals.c.time)).all())
        return tuple(
            Approval(
                actor=row.actor, time=datetime.fromtimestamp(row.time, UTC), digest=row.digest, comment=row.comment
            )
            for row in rows
        )

    def forget_old(self) -> None:
        """Delete what was noted a month ago, about any plan."""
        oldest = self._now() - KEEP_SECONDS

        def act(connection: sa.Connection) -> None:
            for table in (lines, approvals):
                connection.execute(sa.delete(table).where(table.c.time < oldest))

        self._database.write(act)
