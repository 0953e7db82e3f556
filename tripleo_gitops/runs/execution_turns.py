"""Whose turn it is at a plan: one execution of Mistral's works at it at a time, as one run in the embedded engine."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.runs.database import Database

metadata = sa.MetaData()
turns = sa.Table(
    "plan_execution_turns",
    metadata,
    sa.Column("plan", sa.Text, primary_key=True),
    sa.Column("execution", sa.Text, nullable=False),
)


class ExecutionTurns:
    """The execution that has each plan; it has it until it is over, whoever may be told of that."""

    def __init__(self, database: Database) -> None:
        self._opened = database

    @cached_property
    def _database(self) -> Database:
        """The database, once it is asked for: with the table."""
        if not self._opened.read(lambda connection: sa.inspect(connection).has_table(turns.name)):
            self._opened.write(metadata.create_all)
        return self._opened

    def take(self, plan: str, execution: str, *, is_over: Callable[[str], bool]) -> str | None:
        """Give a plan to an execution and return None; or return the one that has it, of which `is_over` is false."""
        while (holder := self._holder(plan)) != execution:
            if holder is not None and not is_over(holder):
                return holder
            self._replace(plan, holder, execution)
        return None

    def _holder(self, plan: str) -> str | None:
        chosen = sa.select(turns.c.execution).where(turns.c.plan == plan)
        return self._database.read(lambda connection: connection.execute(chosen).scalar())

    def _replace(self, plan: str, holder: str | None, execution: str) -> None:
        """Put one execution in another's place, where nobody else has done so."""
        mine = {"plan": plan, "execution": execution}
        if holder is not None:
            theirs = sa.and_(turns.c.plan == plan, turns.c.execution == holder)
            self._database.write(lambda connection: connection.execute(sa.update(turns).where(theirs).values(mine)))
            return
        try:
            self._database.write(lambda connection: connection.execute(sa.insert(turns).values(mine)))
        except IntegrityError:  # somebody was quicker: who has it is read again
            return
