"""The tables of runs: beside DBOS' own, in the same database, SQLite or PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa

SCHEMA_VERSION = 2

metadata = sa.MetaData()


class Word(sa.types.TypeDecorator[str]):
    """Text that may come as a member of an enum, of which drivers would make different things."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002  # their name
        return None if value is None else str(value)


schema = sa.Table("plan_run_schema", metadata, sa.Column("version", sa.Integer, primary_key=True))

runs = sa.Table(
    "plan_runs",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("workflow", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("revision", sa.Text, nullable=False),
    sa.Column("trigger", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("trace_id", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("inputs", sa.Text, nullable=False),
    sa.Column("shown_digest", sa.Text),
    sa.Column("shown_text", sa.Text),
    sa.Column("request_key", sa.Text, unique=True),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("started", sa.Float),
    sa.Column("ended", sa.Float),
    sa.Column("state", Word, nullable=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("is_dispatched", sa.Boolean, nullable=False),
    sa.Column("executor", sa.Text),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("error_reason", sa.Text),
    sa.Column("error_message", sa.Text),
    sa.Column("superseded_by", sa.Text),
    sa.Column("cancel_asked_by", sa.Text),
    sa.Column("lines", sa.Integer, nullable=False, default=0),
    sa.Index("plan_runs_of_plan", "plan", "state"),
    sa.Index("plan_runs_in_state", "state", "is_dispatched"),
    sa.Index("plan_runs_of_executor", "executor"),
    sqlite_autoincrement=True,
)
"""`executor` is whose process works at the run, `fence` how often that changed: what was written by an earlier one is
refused. `lane` says who may begin the run: a server, or the process that asked for it."""

steps = sa.Table(
    "plan_run_steps",
    metadata,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", Word, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("started", sa.Float),
    sa.Column("ended", sa.Float),
    sa.Column("spent", sa.Float, nullable=False),
    sa.Column("waits_for", sa.Text),
    sa.Column("error_reason", sa.Text),
    sa.Column("error_message", sa.Text),
    sa.Column("outputs", sa.Text, nullable=False),
)

log = sa.Table(
    "plan_run_log",
    metadata,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("time", sa.Float, nullable=False),
    sa.Column("step", sa.Text),
    sa.Column("level", Word, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

approvals = sa.Table(
    "plan_run_approvals",
    metadata,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("actor", sa.Text, primary_key=True),
    sa.Column("time", sa.Float, nullable=False),
    sa.Column("digest", sa.Text),
    sa.Column("comment", sa.Text, nullable=False),
)

holds = sa.Table(
    "plan_run_holds",
    metadata,
    sa.Column("plan", sa.Text, primary_key=True),
    sa.Column("run", sa.Text, nullable=False, unique=True),
)
"""One row for each plan that has a run under way: its key is what keeps a second one out."""

news = sa.Table(
    "plan_run_news",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("state", Word, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("time", sa.Float, nullable=False),
    sa.Column("teller", sa.Text),
    sqlite_autoincrement=True,
)
"""What others are still to be told of runs; `teller` is the process that does so."""

executors = sa.Table(
    "plan_run_executors",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("machine", sa.Text, nullable=False),
    sa.Column("kernel", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("pid_started", sa.Text, nullable=False),
    sa.Column("lease", sa.Float, nullable=False),
    sa.Column("beat", sa.Integer, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
)
"""One row for each living process that works at runs; `beat` grows while it lives. Who has none may do nothing."""
