"""Which runs a newer one makes needless: those of an older revision that have changed nothing yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tripleo_gitops.operations.steps import Level
from tripleo_gitops.runs import tables
from tripleo_gitops.runs.lines import append_lines
from tripleo_gitops.runs.record import RunState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tripleo_gitops.runs.workflow import Workflow


def supersede_older(
    connection: sa.Connection,
    newer: Mapping[str, Any],
    workflow: Workflow,
    *,
    now: float,
    note: Callable[[sa.Connection, str, RunState, str], None],
) -> None:
    """End the runs of the same workflow and plan at other revisions that have not begun, or only wait.

    One that a step of has begun to change something stays, and so does one of the same revision: it was asked for with
    other inputs, and both are wanted. Workflows that are not `newest_only` lose no run. `note` writes down who is told.
    """
    if not workflow.newest_only:
        return
    table, done = tables.runs, tables.steps
    changing = [step.name for step in workflow.steps if step.changes_something]
    has_begun = sa.exists().where(done.c.run == table.c.id, done.c.name.in_(changing), done.c.tries > 0)
    older = sa.select(table.c.id).where(
        table.c.plan == newer["plan"],
        table.c.workflow == newer["workflow"],
        table.c.revision != newer["revision"],
        table.c.state.in_((RunState.QUEUED, RunState.WAITING)),
        ~has_begun,
    )
    for run in connection.execute(older.with_for_update()).scalars().all():
        ended = {"state": RunState.SUPERSEDED, "ended": now, "superseded_by": newer["id"], "executor": None}
        connection.execute(sa.update(table).where(table.c.id == run).values(**ended, fence=table.c.fence + 1))
        connection.execute(sa.delete(tables.holds).where(tables.holds.c.run == run))
        said = f"superseded by a newer run, at {newer['revision']}"
        append_lines(connection, run, [(now, None, Level.WARNING, said)])
        note(connection, run, RunState.SUPERSEDED, said)
