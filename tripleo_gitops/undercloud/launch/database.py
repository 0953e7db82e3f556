"""SQLite as a service's database: settings for many threads, and schemas that are made once and copied."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

from oslo_db.sqlalchemy import engines
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import QueuePool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


BUSY_SECONDS = 60
POOL_SIZE = 64


def prepare_sqlite() -> None:
    """Give every SQLite connection of this process its settings; a disposable cloud needs no fsync."""
    event.listen(Engine, "connect", _set_pragmas)
    engines._init_connection_args.dispatch_for("sqlite")(_pool_connections)  # noqa: SLF001


def _pool_connections(_url: Any, engine_args: dict[str, Any], _options: dict[str, Any]) -> None:
    """Keep connections for the next transaction, as SQLAlchemy does by itself.

    oslo.db opens and closes the file for each transaction instead, which costs more than most transactions.
    """
    engine_args["poolclass"] = QueuePool
    engine_args["pool_size"] = engine_args["max_overflow"] = POOL_SIZE
    engine_args["pool_timeout"] = BUSY_SECONDS


def queue_writers() -> None:
    """Let every transaction of this process wait for its turn to write instead of failing.

    One that begins by reading and then writes cannot wait in SQLite (it fails at once with "database is
    locked"); one that begins by BEGIN IMMEDIATE can. Called when the schema is there: migrations open a
    second connection within a transaction, which would wait for itself.
    """
    event.listen(Engine, "before_cursor_execute", _begin_immediate, retval=True)


def _set_pragmas(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", f"busy_timeout={BUSY_SECONDS * 1000}", "synchronous=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(*args: Any) -> tuple[str, Any]:
    """Return the statement and parameters to execute: `args` are connection, cursor, statement, parameters…"""
    statement, parameters = args[2], args[3]
    return ("BEGIN IMMEDIATE" if statement == "BEGIN" else statement), parameters


def ensure_schemas(databases: Mapping[Path, Callable[[], object]], *, copies: Path) -> None:
    """Leave each database with its schema: as it is, as a copy of one made before, or newly made.

    `databases` says for each file what makes its schema. A creation that was cut short is seen by its marker
    file and done again. From here on writers queue.
    """
    for database, create in databases.items():
        marker = database.with_suffix(".creating")
        if marker.exists():
            _remove(database)
            marker.unlink()
        if not database.exists():
            _make(database, copies / database.name, marker=marker, create=create)
        _schema_version(database)  # ends the process with SQLite's own words, instead of answering 500 for ever
    queue_writers()


def _make(database: Path, copy: Path, *, marker: Path, create: Callable[[], object]) -> None:
    if _is_sound(copy):
        partial = database.with_suffix(".partial")
        shutil.copyfile(copy, partial)
        partial.rename(database)
        return
    marker.touch()
    create()
    _save_copy(database, copy)
    marker.unlink()


def _schema_version(database: Path) -> int:
    """Return SQLite's counter of schema changes; raise sqlite3.DatabaseError if the file is no database."""
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("PRAGMA schema_version").fetchone()[0])


def _is_sound(copy: Path) -> bool:
    try:
        return copy.exists() and _schema_version(copy) > 0
    except sqlite3.Error:
        return False


def _save_copy(database: Path, copy: Path) -> None:
    """Put a consistent copy of an open database beside the others, whole or not at all; it may fail."""
    partial = copy.with_name(f"{copy.name}.{database.stat().st_ino}")
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(partial)) as target:
            source.backup(target)
        partial.rename(copy)
    except (OSError, sqlite3.Error) as error:
        print(f"no schema copy is kept in {copy.parent}: {error}", file=sys.stderr)  # noqa: T201  # this is the log


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
