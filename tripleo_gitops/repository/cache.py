"""What was computed once, by key: shared between processes, bounded, and safe to delete."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from tripleo_gitops.repository.cache_file import CacheFile

if TYPE_CHECKING:
    from pathlib import Path

SIZE_LIMIT = 512 * 1024 * 1024
SHARE = 8
"""What is larger than this part of the limit is not kept, so that nothing pushes all else out."""
TABLE = "create table if not exists entry (key text unique, checksum integer, content blob);"
ENTRY = "select checksum, content from entry where key = ? and typeof(content) = 'blob'"
MAKE_ROOM = """
delete from entry where rowid in (select rowid from entry order by rowid limit (select count(*) / 4 + 1 from entry))
"""


class DiskCache:
    """Bytes by key in one file, in which the oldest make room for new ones.

    An entry has a checksum, so that what a crash left behind reads as nothing. What does not fit, or cannot be written,
    is not kept: a cache costs nobody their work.
    """

    def __init__(self, path: Path, *, size_limit: int = SIZE_LIMIT, tables: str = "") -> None:
        """`size_limit` is in bytes; `tables` are statements that make more tables, for what builds upon this."""
        self._share = size_limit // SHARE
        self._file = CacheFile(path, tables=TABLE + tables, make_room=MAKE_ROOM, size_limit=size_limit)

    def get(self, key: str) -> bytes | None:
        """Return what was put under a key, or None."""
        for checksum, content in self._file.rows(ENTRY, [key]):
            if checksum == checksum_of(key, content):
                return bytes(content)
        return None

    def put(self, key: str, content: bytes) -> None:
        """Keep bytes under a key until the room is needed for newer ones."""
        if len(content) <= self._share:
            entry = (key, checksum_of(key, content), content)
            self._file.write("insert or replace into entry values (?, ?, ?)", [entry])


def checksum_of(key: str, content: bytes) -> int:
    """Return what tells a row that is whole from what a crash left behind."""
    return zlib.crc32(content, zlib.crc32(key.encode()))
