"""An SQLite file of what may be lost: shared between processes and threads, bounded, and safe to delete."""

from __future__ import annotations

import os
import sqlite3
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import finalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    Place = tuple[int, ...]

SECONDS_OF_WAITING = 1.0
"""How long another process's write is waited for; what cannot be kept by then is not."""
PAGE = 4096
PRIMARY = 0xFF
"""The part of an extended result code that names the kind of error (https://www.sqlite.org/rescode.html)."""
PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
    }
)
"""Errors that say nothing against the file itself."""
UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What SQLite raises of a file; Python cannot always decode what a damaged one makes it say."""


class CacheFile:
    """Tables in a file that is made when something is written, and holds nothing until then.

    Nothing waits for the disk (`synchronous=off`), so a row that is to be trusted needs a checksum. A file that is
    damaged, too large or of other tables is begun again, and so is one that was deleted while it was open. A forked
    process opens the file anew.
    """

    def __init__(self, path: Path, *, tables: str, make_room: str, size_limit: int) -> None:
        """Take statements: some that make the tables, and one that deletes what goes first when the file is full.

        `size_limit` is in bytes of the file; its write-ahead log, a few MiB, comes on top while it is used.
        """
        self._path, self._tables, self._make_room, self._size_limit = path, tables, make_room, size_limit
        self._version = zlib.crc32(tables.encode()) >> 1
        self._opened: _Opened | None = None
        self._turn = threading.Lock()

    def rows(self, query: str, values: Sequence[object]) -> list[Any]:
        """Return what a query finds; nothing where the file cannot be read."""
        with self._turn:
            try:
                if not (place := _place(self._path)):
                    return []
                return self._database(place).execute(query, values).fetchall()
            except (*UNREADABLE, OSError) as error:
                self._forget_if_damaged(error)
                return []

    def write(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Do a statement for each of some rows: for all of them, or for none where the file cannot be written."""
        kept = list(rows)
        with self._turn:
            try:
                while not self._is_written(statement, kept):
                    if not self._has_less():
                        self._delete()
                        self._is_written(statement, kept)
                        break
            except (*UNREADABLE, OSError) as error:
                self._forget_if_damaged(error)

    def _is_written(self, statement: str, rows: Sequence[Sequence[object]]) -> bool:
        """Write rows, or say that there is no room for them."""
        try:
            with self._database() as database:
                database.executemany(statement, rows)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                return False
            raise
        return True

    def _has_less(self) -> bool:
        """Delete what goes first; say whether there was any."""
        with self._database() as database:
            return database.execute(self._make_room).rowcount > 0

    def _database(self, place: Place | None = None) -> sqlite3.Connection:
        """Return the connection to what is at the path now, which is made where there is nothing."""
        if self._opened is None or self._opened.place != (place or _place(self._path)):
            if self._opened:
                self._opened.close()
            self._opened = self._open()
        return self._opened.database

    def _open(self) -> _Opened:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._path.exists() and self._path.stat().st_size > self._size_limit:
            self._delete()
        try:
            return self._connect()
        except UNREADABLE as error:
            if not _is_damage(error):
                raise
            self._delete()
            return self._connect()

    def _connect(self) -> _Opened:
        self._path.touch(mode=0o600)
        place = _place(self._path)
        database = sqlite3.connect(self._path, timeout=SECONDS_OF_WAITING, check_same_thread=False)
        close = finalize(self, _close, database, place)
        try:
            self._prepare(database)
        except UNREADABLE:
            close()
            raise
        return _Opened(database, place, close)

    def _prepare(self, database: sqlite3.Connection) -> None:
        told = "select user_version, (select count(*) from sqlite_schema) from pragma_user_version"
        ((version, tables),) = database.execute(told)
        if tables and version != self._version:
            raise _OtherTables
        database.executescript(
            f"pragma journal_mode=wal; pragma synchronous=off; pragma max_page_count={self._size_limit // PAGE};"
        )
        if not tables:
            database.executescript(f"begin immediate; {self._tables} pragma user_version={self._version}; commit;")

    def _forget_if_damaged(self, error: Exception) -> None:
        if _is_damage(error):
            with suppress(OSError):
                self._delete()

    def _delete(self) -> None:
        for ending in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)


class _OtherTables(sqlite3.DatabaseError):
    """The file is of another version of ours."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A connection, where it leads, and what closes it."""

    database: sqlite3.Connection
    place: Place
    close: Callable[[], object]


def _place(path: Path) -> Place:
    """Return what differs when another file is at a path, or another process asks; empty where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_dev, found.st_ino, os.getpid())


def _close(database: sqlite3.Connection, place: Place) -> None:
    if os.getpid() in place[2:]:
        database.close()


def _is_damage(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return isinstance(error, UNREADABLE) and code & PRIMARY not in PASSING
