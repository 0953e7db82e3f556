"""The database of runs: opened by URL, with transactions that wait while it is locked, full or away."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tripleo_gitops.errors import InvalidInput, Unavailable
from tripleo_gitops.runs import tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

    from tripleo_gitops.operations.clock import Clock

T = TypeVar("T")

CONNECTIONS = 10
PASSING_SQLITE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
PASSING_POSTGRESQL = ("08", "40", "53", "55P03", "57P")
"""Beginnings of SQLSTATE: connection, serialization, resources (disk full), lock not available, shutting down."""


class DatabaseUnavailable(Unavailable):
    """The database of runs is locked, full or away for longer than we wait."""

    reason = "DatabaseUnavailable"


class DatabaseNotUsable(InvalidInput):
    """A URL that names no database of ours."""

    reason = "DatabaseNotUsable"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabasePatience:
    """How long a transaction is tried again while the database cannot take it: seconds, and the pause between.

    `busy` is how long SQLite itself waits for a lock in each try.
    """

    limit: float = 300.0
    pause: float = 0.5
    busy: float = 5.0


class Database:
    """One database, shared by threads and with other processes."""

    def __init__(
        self, engine: sa.Engine, *, clock: Clock, say: Callable[[str], None], patience: DatabasePatience
    ) -> None:
        self.engine, self._clock, self._say, self._patience = engine, clock, say, patience
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._turn: AbstractContextManager[object] = threading.Lock() if self.is_sqlite else nullcontext()

    def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Return what a reading function gets of one moment of the database; raises DatabaseUnavailable."""

        def ask() -> T:
            with self.engine.connect() as connection:
                return work(connection)

        return self._patiently(ask)

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Do all of a function's writes or none; it may be called again. Raises DatabaseUnavailable."""

        def act() -> T:
            with self._turn, self.engine.begin() as connection:
                if self.is_sqlite:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                return work(connection)

        return self._patiently(act)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def _patiently(self, work: Callable[[], T]) -> T:
        begun, was_told = self._clock.monotonic(), False
        while True:
            try:
                return work()
            except (DBAPIError, PoolTimeoutError) as exc:
                if isinstance(exc, DBAPIError) and not is_passing(exc):
                    raise
                waited = self._clock.monotonic() - begun
                if waited > self._patience.limit:
                    raise DatabaseUnavailable(
                        f"the database of runs could not be used for {waited:.0f} s: {_words(exc)}; "
                        "what was done is kept, and goes on from there with `tripleo-plan run resume`"
                    ) from exc
                if not was_told:
                    self._say(f"the database of runs is not usable ({_words(exc)}); waiting")
                was_told = True
            self._clock.sleep(self._patience.pause)


def is_passing(exc: DBAPIError) -> bool:
    """Return whether what a database failed with may be over in a while: a lock, no room, a lost connection."""
    code = getattr(exc.orig, "sqlite_errorcode", None)
    if code is not None:
        return (code & 0xFF) in PASSING_SQLITE
    state = getattr(exc.orig, "sqlstate", None)
    if state is None:
        return exc.connection_invalidated or isinstance(exc, sa.exc.OperationalError)
    return str(state).startswith(PASSING_POSTGRESQL)


def open_database(
    url: str, *, clock: Clock, say: Callable[[str], None], patience: DatabasePatience | None = None
) -> Database:
    """Return the database at a URL, with the tables of runs made where they are missing.

    `sqlite:////path` and `postgresql://…` are taken. Raises DatabaseNotUsable, DatabaseUnavailable.
    """
    patience = patience or DatabasePatience()
    database = Database(_engine(url, busy=patience.busy), clock=clock, say=say, patience=patience)
    if (database.read(_version) or 0) < tables.SCHEMA_VERSION:
        database.write(_create)
    found = database.read(_version)
    if found is None or found > tables.SCHEMA_VERSION:
        database.close()
        raise DatabaseNotUsable(
            f"the database of runs has version {found}, this tool knows {tables.SCHEMA_VERSION}; use the newer tool"
        )
    return database


def _engine(url: str, *, busy: float) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
    except ArgumentError as exc:
        raise DatabaseNotUsable(
            "the URL of the database of runs is none; write sqlite:////path or postgresql://…"
        ) from exc
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return _sqlite_engine(parsed, busy=busy)
    if parsed.get_backend_name() != "postgresql":
        raise DatabaseNotUsable(f"runs are kept in sqlite or postgresql, not {parsed.get_backend_name()!r}")
    try:
        return sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_size=CONNECTIONS, pool_timeout=60, pool_pre_ping=True
        )
    except NoSuchModuleError as exc:
        raise DatabaseNotUsable(f"no driver for {parsed.drivername!r}") from exc


def _sqlite_engine(url: sa.URL, *, busy: float) -> sa.Engine:
    path = Path(str(url.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    except OSError as exc:
        raise DatabaseNotUsable(f"{path}: cannot be made: {exc.strerror}") from exc
    engine = sa.create_engine(url, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=60)
    event.listen(engine, "connect", partial(_prepare_sqlite, busy))
    return engine


def _prepare_sqlite(busy: float, connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Set up a connection as both we and DBOS need it: writers in turn, readers never kept waiting."""
    connection.isolation_level = "IMMEDIATE"
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={busy * 1000:.0f}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _version(connection: sa.Connection) -> int | None:
    if not sa.inspect(connection).has_table(tables.schema.name):
        return None
    return connection.execute(sa.select(tables.schema.c.version)).scalar()


def _create(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":  # two that begin at once: one makes, the other waits and finds it made
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(7350731)"))
    version = _version(connection)
    if (version or 0) >= tables.SCHEMA_VERSION:
        return
    tables.metadata.create_all(connection)  # what is there stays; each version until now added tables only
    new = sa.insert(tables.schema) if version is None else sa.update(tables.schema)
    connection.execute(new.values(version=tables.SCHEMA_VERSION))


def _words(exc: DBAPIError | PoolTimeoutError) -> str:
    """Return what a driver said in its first line; never the statement, whose values are the run's."""
    said = exc.orig if isinstance(exc, DBAPIError) else "no connection came free in time"
    return str(said).strip().partition("\n")[0][:200]
