"""Records of validations in the database of runs, where every process finds them, and a wish to stop one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tripleo_gitops.operations.playbooks.validation_results import LOST_AFTER_SECONDS, ValidationRecord, ValidationState
from tripleo_gitops.runs.tables import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tripleo_gitops.operations.playbooks.validation_results import ResultQuery
    from tripleo_gitops.runs.database import Database

MOST_TEXT = 100_000
KEEP = 5_000

metadata = sa.MetaData()
validations = sa.Table(
    "plan_validations",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("revision", sa.Text, nullable=False),
    sa.Column("validation", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("group_name", sa.Text),
    sa.Column("is_warning", sa.Boolean, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("state", Word, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("problem", sa.Text, nullable=False),
    sa.Column("hosts", sa.Text, nullable=False),
    sa.Column("failures", sa.Text, nullable=False),
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
    sa.Column("seen", sa.Float, nullable=False),
    sa.Column("stop_asked_by", sa.Text),
    sa.Index("plan_validations_of_plan", "plan", "validation"),
    sa.Index("plan_validations_of_run", "run"),
    sa.Index("plan_validations_in_state", "state"),
    sqlite_autoincrement=True,
)


class SqlValidationResults:
    """The records in one database, the newest `keep` of each plan. `now` gives the time."""

    def __init__(self, database: Database, *, now: Callable[[], datetime], keep: int = KEEP) -> None:
        self._opened, self._now, self._keep = database, now, keep

    @cached_property
    def _database(self) -> Database:
        """The database, once it is asked for: with the table."""
        self._opened.write(metadata.create_all)
        return self._opened

    def begin(self, record: ValidationRecord) -> None:
        """Keep a record of a validation that begins; again, it is kept once."""
        values = {**_values(record), "seen": self._now().timestamp()}

        def write(connection: sa.Connection) -> None:
            known = sa.select(validations.c.id).where(validations.c.id == record.id)
            if connection.execute(known).first() is None:
                connection.execute(sa.insert(validations).values(**values))

        self._database.write(write)

    def end(self, record: ValidationRecord) -> None:
        """Keep how it ended; a wish to stop that came too late stays on record."""
        values = {name: value for name, value in _values(record).items() if name not in ("id", "stop_asked_by")}
        if record.stop_asked_by is not None:
            values["stop_asked_by"] = record.stop_asked_by
        update = sa.update(validations).where(validations.c.id == record.id).values(**values)
        numbers = sa.select(validations.c.number).where(validations.c.plan == record.plan)
        oldest = numbers.order_by(validations.c.number.desc()).offset(self._keep - 1).limit(1).scalar_subquery()
        old = sa.delete(validations).where(validations.c.plan == record.plan, validations.c.number < oldest)

        def write(connection: sa.Connection) -> None:
            connection.execute(update)
            connection.execute(old)

        self._database.write(write)

    def beat(self, ids: Collection[str]) -> dict[str, str]:
        """Say that these still run; return which of them somebody asked to stop, and who."""
        mine = validations.c.id.in_(tuple(ids))
        beaten = sa.update(validations).where(mine).values(seen=self._now().timestamp())
        asked = sa.select(validations.c.id, validations.c.stop_asked_by).where(
            mine, validations.c.stop_asked_by.is_not(None)
        )

        def write(connection: sa.Connection) -> dict[str, str]:
            connection.execute(beaten)
            return {row.id: row.stop_asked_by for row in connection.execute(asked)}

        return self._database.write(write) if ids else {}

    def ask_stop(self, ids: Collection[str], *, actor: str) -> None:
        """Ask whoever runs these to stop them; those that ended are left as they are."""
        update = (
            sa.update(validations)
            .where(validations.c.id.in_(tuple(ids)), validations.c.state == str(ValidationState.RUNNING))
            .values(stop_asked_by=actor)
        )
        self._database.write(lambda connection: connection.execute(update))

    def find(self, query: ResultQuery) -> tuple[ValidationRecord, ...]:
        """Return the records that a query asks for, the newest first; those whose process is gone are `lost`."""
        gone = self._now().timestamp() - LOST_AFTER_SECONDS
        rows = self._database.read(lambda connection: connection.execute(_select(query, gone)).mappings().all())
        return tuple(_record(row, gone) for row in rows)


def _select(query: ResultQuery, gone: float) -> sa.Select[Any]:
    columns = validations.c
    chosen = sa.select(validations).order_by(columns.number.desc()).limit(query.limit)
    for name in ("plan", "validation", "run", "revision"):
        value = getattr(query, name)
        if value is not None:
            chosen = chosen.where(columns[name] == value)
    if query.before is not None:
        before = sa.select(columns.number).where(columns.id == query.before).scalar_subquery()
        chosen = chosen.where(columns.number < before)
    if not query.states:
        return chosen
    is_gone = sa.and_(columns.state == str(ValidationState.RUNNING), columns.seen < gone)
    as_kept = {str(state) for state in query.states if state is not ValidationState.LOST}
    wanted = sa.and_(columns.state.in_(as_kept), sa.not_(is_gone))
    return chosen.where(sa.or_(wanted, is_gone) if ValidationState.LOST in query.states else wanted)


def _values(record: ValidationRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "run": record.run,
        "plan": record.plan,
        "revision": record.revision,
        "validation": record.validation,
        "name": record.name,
        "origin": record.origin,
        "group_name": record.group,
        "is_warning": record.is_warning,
        "actor": record.actor,
        "state": str(record.state),
        "detail": record.detail,
        "problem": record.problem[:MOST_TEXT],
        "hosts": json.dumps(record.hosts),
        "failures": json.dumps(record.failures),
        "started": record.started.timestamp(),
        "ended": record.ended.timestamp() if record.ended else None,
        "stop_asked_by": record.stop_asked_by,
    }


def _record(row: sa.RowMapping, gone: float) -> ValidationRecord:
    state = ValidationState(row["state"])
    is_lost = state is ValidationState.RUNNING and row["seen"] < gone
    return ValidationRecord(
        id=row["id"],
        run=row["run"],
        plan=row["plan"],
        revision=row["revision"],
        validation=row["validation"],
        name=row["name"],
        origin=row["origin"],
        group=row["group_name"],
        is_warning=row["is_warning"],
        actor=row["actor"],
        state=ValidationState.LOST if is_lost else state,
        detail=row["detail"],
        problem="the process that ran it is gone" if is_lost else row["problem"],
        hosts=tuple(json.loads(row["hosts"])),
        failures=tuple(json.loads(row["failures"])),
        started=datetime.fromtimestamp(row["started"], UTC),
        ended=datetime.fromtimestamp(row["ended"], UTC) if row["ended"] is not None else None,
        stop_asked_by=row["stop_asked_by"],
    )
