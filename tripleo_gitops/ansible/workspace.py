"""A private directory for plays, in memory where there is such a place; it goes away, after a kill by the next one."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

MEMORY = Path("/dev/shm")  # noqa: S108  # what is made there has a random name and is its owner's only
PREFIX = "tripleo-plan-ansible-"
_LOCK = "lock"


class Workspace:
    """A directory of mode 0700 that is removed at the end; use it with `with`.

    A process that is killed leaves its directory, but not its lock on it, so the next workspace removes it.
    """

    def __init__(self, path: Path, lock: int) -> None:
        self.path, self._lock = path, lock

    @classmethod
    def open(cls, *, parent: Path | None = None) -> Self:
        """Return a new workspace below `parent`: memory, else the system's directory for temporary files."""
        place = parent or (MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir()))
        _sweep(place)
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        lock = os.open(path / f"{_LOCK}.new", os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        (path / f"{_LOCK}.new").rename(path / _LOCK)  # held before anybody can find it
        return cls(path, lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the directory and all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)

    def folder(self, prefix: str) -> Path:
        """Return a new directory in the workspace."""
        return Path(tempfile.mkdtemp(prefix=f"{prefix}-", dir=self.path))


def write_private(path: Path, value: Mapping[str, Any] | bytes) -> Path:
    """Write a file that only its owner can read: a mapping as JSON, or bytes."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    return path


def _sweep(place: Path) -> None:
    """Remove the workspaces of this user whose process is gone."""
    for path in place.glob(f"{PREFIX}*"):
        try:
            if path.is_symlink() or path.stat().st_uid != os.getuid():
                continue
            lock = os.open(path / _LOCK, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)
