"""Which trust speaks for whom an execution of Mistral's is, until it is over."""

from __future__ import annotations

import secrets
from functools import cached_property
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.runs.database import Database

KEEP_SECONDS = 60 * 86_400.0

metadata = sa.MetaData()
trusts = sa.Table(
    "plan_execution_trusts",
    metadata,
    sa.Column("execution", sa.Text, primary_key=True),
    sa.Column("ticket", sa.Text, nullable=False, unique=True),
    sa.Column("trust", sa.Text, nullable=False),
    sa.Column("time", sa.Float, nullable=False),
)


class ExecutionTrusts:
    """The trusts of runs that are not over; each is found by its execution, or by a ticket that its tasks pass on."""

    def __init__(self, database: Database, *, now: Callable[[], float]) -> None:
        self._opened, self._now = database, now

    @cached_property
    def _database(self) -> Database:
        """The database, once it is asked for: with the table."""
        if not self._opened.read(lambda connection: sa.inspect(connection).has_table(trusts.name)):
            self._opened.write(metadata.create_all)
        return self._opened

    def keep(self, execution: str, trust: str) -> str:
        """Keep an execution's trust, in place of an earlier one, and return its ticket."""
        row = {"execution": execution, "ticket": secrets.token_hex(16), "trust": trust, "time": self._now()}

        def act(connection: sa.Connection) -> None:
            is_over = trusts.c.time < self._now() - KEEP_SECONDS
            connection.execute(sa.delete(trusts).where(sa.or_(trusts.c.execution == execution, is_over)))
            connection.execute(sa.insert(trusts).values(row))

        self._database.write(act)
        return str(row["ticket"])

    def find(self, execution: str | None, ticket: str | None) -> str | None:
        """Return the trust of an execution or of a ticket."""
        wanted = sa.or_(trusts.c.execution == (execution or ""), trusts.c.ticket == (ticket or ""))
        chosen = sa.select(trusts.c.trust).where(wanted).limit(1)
        return self._database.read(lambda connection: connection.execute(chosen).scalar())

    def ticket(self, execution: str) -> str | None:
        """Return the ticket of an execution's trust."""
        chosen = sa.select(trusts.c.ticket).where(trusts.c.execution == execution)
        return self._database.read(lambda connection: connection.execute(chosen).scalar())

    def drop(self, ticket: str) -> str | None:
        """Forget a ticket and return its trust."""
        gone = sa.delete(trusts).where(trusts.c.ticket == ticket).returning(trusts.c.trust)
        return self._database.write(lambda connection: connection.execute(gone).scalar())
