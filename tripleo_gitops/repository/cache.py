"""What was computed once, in files of a directory: shared between processes, bounded, and safe to delete."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import zlib
from itertools import count
from pathlib import Path

SIZE_LIMIT = 512 * 1024 * 1024
SHARDS = 256
CHECKSUM_BYTES = 4
_KEY = re.compile(r"[A-Za-z0-9-]{3,120}")


class DiskCache:
    """Bytes by key, one file each, in 256 directories, of which each is bounded to its share of the limit.

    A file appears whole or not at all, and has its checksum in front, so that what a crash left behind reads as
    nothing. What does not fit, or cannot be written, is not kept: a cache costs nobody their work.
    """

    def __init__(self, directory: Path, *, size_limit: int = SIZE_LIMIT) -> None:
        self._directory, self._share = directory, size_limit // SHARDS
        self._sizes: dict[Path, int] = {}
        self._own, self._numbers = f".{secrets.token_hex(8)}", count()

    def get(self, key: str) -> bytes | None:
        """Return what was put under a key, or None."""
        try:
            content = self._path(key).read_bytes()
        except OSError:
            return None
        checksum, kept = content[:CHECKSUM_BYTES], content[CHECKSUM_BYTES:]
        return kept if checksum == _checksum(kept) else None

    def put(self, key: str, content: bytes) -> None:
        """Keep bytes under a key until the room is needed for newer ones."""
        path, size = self._path(key), len(content) + CHECKSUM_BYTES
        if size > self._share:
            return
        try:
            self._make_room(path.parent, size)
            _write(path, _checksum(content) + content, scratch=f"{self._own}-{next(self._numbers)}")
        except OSError:
            self._sizes.pop(path.parent, None)

    def _path(self, key: str) -> Path:
        name = key if _KEY.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()
        shard = zlib.crc32(name.encode()) % SHARDS
        return self._directory / f"{shard:02x}" / name

    def _make_room(self, shard: Path, size: int) -> None:
        """See to it that a directory has room; what other processes add is seen when it seems full."""
        if shard not in self._sizes or self._sizes[shard] + size > self._share:
            shard.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._sizes[shard] = _shrink(shard, self._share - size)
        self._sizes[shard] += size


def _shrink(shard: Path, limit: int) -> int:
    """Delete the oldest files of a directory that is over a limit, down to half of it; return what is left."""
    found = sorted((entry.stat().st_mtime_ns, entry.stat().st_size, entry.path) for entry in os.scandir(shard))
    total = sum(size for _, size, _ in found)
    goal = limit // 2 if total > limit else limit
    for _, size, path in found:
        if total <= goal:
            break
        Path(path).unlink(missing_ok=True)
        total -= size
    return total


def _write(path: Path, content: bytes, *, scratch: str) -> None:
    place = path.parent / scratch
    with open(place, "xb", opener=_private) as file:
        file.write(content)
    place.replace(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _checksum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(CHECKSUM_BYTES, "big")
