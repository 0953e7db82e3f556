"""What need not be computed or fetched twice: digests of blobs, renders, manifests. Bounded, and safe to delete."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING, Any, Protocol, Self

from tripleo_gitops.operations.mirror.manifest import DigestCache, Digests, InvalidManifest, sha256_of
from tripleo_gitops.operations.mirror.stocked_manifest import read_stocked, read_stored
from tripleo_gitops.plan.rendering import RenderCache

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from tripleo_gitops.documents.tree import BlobId
    from tripleo_gitops.operations.mirror.manifest import Manifest
    from tripleo_gitops.operations.mirror.stocked_manifest import StoredManifest

SIZE_LIMIT = 512 * 1024 * 1024
SCHEMA = """
create table if not exists blob (id text primary key, size integer, md5 text, sha256 text) without rowid;
create table if not exists content (key text primary key, bytes blob);
"""
NAMES_A_QUERY = 30_000


class MirrorMemory(DigestCache, RenderCache, Protocol):
    """A memory of digests and of bytes by key; may forget at any time."""


class DiskMemory:
    """A memory in one SQLite file; begins again when it has grown past its limit, or cannot be read."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database, self._turn = database, threading.Lock()

    @classmethod
    def open(cls, path: Path, *, size_limit: int = SIZE_LIMIT) -> Self:
        """Return the memory in a file, which is made when it is not there."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if sum(file.stat().st_size for file in _files(path) if file.exists()) > size_limit:
            _delete(path)
        try:
            return cls(_connect(path))
        except sqlite3.DatabaseError:
            _delete(path)
            return cls(_connect(path))

    def known(self, blobs: Collection[BlobId]) -> Mapping[BlobId, Digests]:
        """Return the digests of those blobs that are remembered."""
        found: dict[BlobId, Digests] = {}
        for names in _slices(blobs):
            marks = ",".join("?" * len(names))
            query = f"select id, size, md5, sha256 from blob where id in ({marks})"  # noqa: S608  # marks only
            found |= {row[0]: Digests(*row[1:]) for row in self._all(query, names)}
        return found

    def learn(self, digests: Mapping[BlobId, Digests]) -> None:
        """Remember digests of blobs."""
        rows = [(blob, found.size, found.md5, found.sha256) for blob, found in digests.items()]
        self._write("insert or replace into blob values (?, ?, ?, ?)", rows)

    def get(self, key: str) -> bytes | None:
        """Return the bytes that were remembered under a key, or None."""
        rows = self._all("select bytes from content where key = ?", [key])
        return rows[0][0] if rows else None

    def put(self, key: str, content: bytes) -> None:
        """Remember bytes under a key."""
        self._write("insert or replace into content values (?, ?)", [(key, content)])

    def _all(self, query: str, values: Collection[str]) -> list[tuple[Any, ...]]:
        with self._turn:
            try:
                return self._database.execute(query, list(values)).fetchall()
            except sqlite3.DatabaseError:
                return []

    def _write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self._turn:
            try:
                with self._database:
                    self._database.executemany(statement, rows)
            except sqlite3.DatabaseError:
                return  # what is not remembered is computed again


def remember_manifest(memory: RenderCache, content: bytes) -> str:
    """Keep the bytes of a manifest under their digest, and return that."""
    digest = sha256_of(content)
    memory.put(f"manifest {digest}", content)
    return digest


def remember_stored(memory: RenderCache, kept: StoredManifest) -> str:
    """Keep the bytes of a manifest, and of its stock if that is new, and return the manifest's digest."""
    if kept.stock is not None:
        remember_manifest(memory, kept.stock)
    return remember_manifest(memory, kept.content)


def recall_content(memory: RenderCache, digest: str) -> bytes | None:
    """Return the bytes of the manifest of a digest, where they are remembered."""
    content = memory.get(f"manifest {digest}")
    return content if content is not None and sha256_of(content) == digest else None


def recall_manifest(memory: RenderCache, digest: str) -> Manifest | None:
    """Return the manifest of a digest, where it is remembered."""
    content = recall_content(memory, digest)
    try:
        return read_stored(content, lambda stock: recall_content(memory, stock)) if content is not None else None
    except InvalidManifest:
        return None


def count_objects(memory: RenderCache, digest: str) -> int | None:
    """Return how many objects the manifest of a digest names, where it is remembered; a full one is not parsed."""
    content = recall_content(memory, digest)
    if content is None:
        return None
    stocked = read_stocked(content)
    return stocked.count if stocked is not None else content.count(b'{"path":')


def _files(path: Path) -> tuple[Path, ...]:
    """Return a database's file and those that SQLite keeps beside it."""
    return (path, *(path.with_name(path.name + ending) for ending in ("-wal", "-shm")))


def _delete(path: Path) -> None:
    for file in _files(path):
        file.unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=10, check_same_thread=False)
    database.executescript(f"pragma journal_mode=wal; pragma synchronous=off; {SCHEMA}")
    return database


def _slices(blobs: Collection[BlobId]) -> Iterable[list[BlobId]]:
    names = list(blobs)
    return (names[start : start + NAMES_A_QUERY] for start in range(0, len(names), NAMES_A_QUERY))
