"""How many runs are kept: the records of old ones are deleted, the newest of each plan stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tripleo_gitops.runs import tables
from tripleo_gitops.runs.record import RunState

if TYPE_CHECKING:
    from tripleo_gitops.runs.store import RunStore

SECONDS_A_DAY = 86_400.0
AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRule:
    """Which ended runs stay: so many of each plan, and all that ended within so many days (None: no limit of age).

    A run is deleted only where both say that it may go.
    """

    runs: int = 1000
    days: int | None = 30


KEEP = KeepRule()


def forget_old(store: RunStore, rule: KeepRule) -> tuple[str, ...]:
    """Delete the records of old runs, a few hundred at most, and return their ids. No unended run goes."""
    return store.database.write(lambda connection: _forget(connection, rule, now=store.now()))


def _forget(connection: sa.Connection, rule: KeepRule, *, now: float) -> tuple[str, ...]:
    table = tables.runs
    ends = [state for state in RunState if state.is_end]
    rank = sa.func.row_number().over(partition_by=table.c.plan, order_by=table.c.number.desc()).label("rank")
    ranked = sa.select(table.c.id, table.c.ended, rank).where(table.c.state.in_(ends)).subquery()
    old = sa.select(ranked.c.id).where(ranked.c.rank > rule.runs)
    if rule.days is not None:
        old = old.where(ranked.c.ended < now - rule.days * SECONDS_A_DAY)
    runs = tuple(connection.execute(old.limit(AT_ONCE)).scalars())
    if runs:
        for part in (tables.log, tables.steps, tables.approvals):
            connection.execute(sa.delete(part).where(part.c.run.in_(runs)))
        connection.execute(sa.delete(table).where(table.c.id.in_(runs)))
    return runs
