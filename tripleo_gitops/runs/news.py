"""What others are to be told of runs: written down with the state that it tells of, kept until it was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

from tripleo_gitops.runs import tables
from tripleo_gitops.runs.record import RunState

if TYPE_CHECKING:
    from tripleo_gitops.runs.database import Database

AT_ONCE = 100
KEEP_SECONDS = 7 * 86_400.0
"""After so long, nobody is told any more."""


@dataclass(frozen=True, slots=True)
class News:
    """A run came into a state; `words` is why it waits or how it failed, `time` in seconds since the epoch."""

    id: int
    run: str
    state: RunState
    words: str
    time: float


class Teller(Protocol):
    """Tells of runs whoever wants to know."""

    def hear(self, executor: str) -> None:
        """Take what is to be told, for the process of that name; returns at once, and raises nothing."""

    def part(self) -> None:
        """Wait, within limits, until what was taken is told: this process is about to end."""


class Silence:
    """Tells nobody."""

    def hear(self, executor: str) -> None:
        """Do nothing."""

    def part(self) -> None:
        """Do nothing."""


def note_news(connection: sa.Connection, run: str, state: RunState, words: str, *, now: float) -> None:
    """Write in the caller's transaction that a run's state is to be told."""
    row = {"run": run, "state": state, "words": words, "time": now}
    connection.execute(sa.insert(tables.news).values(row))


def take_news(database: Database, executor: str, *, now: float) -> tuple[News, ...]:
    """Return news for a living process to tell: what nobody took, and what the dead took; the oldest first."""
    table = tables.news
    alive = sa.exists().where(tables.executors.c.id == table.c.teller)
    free = sa.select(table).where(sa.or_(table.c.teller.is_(None), ~alive)).order_by(table.c.id).limit(AT_ONCE)
    if not database.read(lambda connection: connection.execute(free).first()):
        return ()

    def act(connection: sa.Connection) -> tuple[News, ...]:
        connection.execute(sa.delete(table).where(table.c.time < now - KEEP_SECONDS))
        rows = connection.execute(free.with_for_update(skip_locked=True)).all()
        taken = sa.update(table).where(table.c.id.in_([row.id for row in rows]))
        connection.execute(taken.values(teller=executor))
        return tuple(News(row.id, row.run, RunState(row.state), row.words, row.time) for row in rows)

    return database.write(act)


def forget_news(database: Database, news: News) -> None:
    """Let go of what was told."""
    told = sa.delete(tables.news).where(tables.news.c.id == news.id)
    database.write(lambda connection: connection.execute(told))
