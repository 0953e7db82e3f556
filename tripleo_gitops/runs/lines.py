"""The lines of a run's log: numbered without a gap, and no more of them than a log may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from tripleo_gitops.operations.steps import Level
from tripleo_gitops.runs import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_LINE = 4096
MOST_LINES = 100_000
"""Of one run; what comes after, but for warnings and errors, is left out, and the log says so."""

Entry = tuple[float, str | None, Level, str]
"""Time, step, level, text."""


def append_lines(connection: sa.Connection, run: str, entries: Sequence[Entry], *, most: int = MOST_LINES) -> None:
    """Write lines behind those that are there, `most` at most; a text of several lines becomes several."""
    found = [(time, step, level, line) for time, step, level, text in entries for line in split_text(text)]
    if not found:
        return
    table = tables.runs
    count = sa.update(table).where(table.c.id == run).values(lines=table.c.lines + len(found)).returning(table.c.lines)
    last = connection.execute(count).scalar()  # the row's lock makes writers take turns
    if last is None:
        return
    first = last - len(found) + 1
    rows = [
        {"run": run, "seq": seq, "time": time, "step": step, "level": level, "text": text}
        for seq, (time, step, level, text) in enumerate(found, start=first)
        if seq < most or level in {Level.WARNING, Level.ERROR}
    ]
    if first <= most <= last:
        told = f"the log has {most} lines; from here on only warnings and errors are kept"
        rows = [row for row in rows if row["seq"] != most]
        rows.append({"run": run, "seq": most, "time": found[0][0], "step": None, "level": Level.WARNING, "text": told})
    if rows:
        connection.execute(sa.insert(tables.log), rows)


def split_text(text: str) -> list[str]:
    """Return a text's lines, each cut to what a line may have."""
    lines = text.splitlines() or [""]
    return [line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}… ({len(line)} characters)" for line in lines]
