"""The state directory: every file of an undercloud is in it, private to its owner."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.undercloud.errors import BadState, Busy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700
LOCK_POLL = 0.05
MARK = "undercloud.json"


@dataclass(frozen=True, slots=True)
class State:
    """Where an undercloud keeps what, and how that is read and written."""

    path: Path

    @property
    def clouds_file(self) -> Path:
        return self.path / "clouds.yaml"

    def directory(self, name: str) -> Path:
        """Return a directory of the state, made if it is missing."""
        directory = self.path / name
        with self._explained(directory):
            directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        return directory

    def log_file(self, service: str) -> Path:
        return self.path / "logs" / f"{service}.log"

    def read(self, name: str) -> dict[str, Any]:
        """Return a JSON file's object, empty if there is no such file; raise BadState for anything else."""
        file = self.path / name
        with self._explained(file):
            if not file.exists():
                return {}
            value = json.loads(file.read_bytes())
        if not isinstance(value, dict):
            raise BadState(path=file, why="not a JSON object")
        return value

    def write(self, name: str, value: dict[str, Any]) -> None:
        """Replace a JSON file at once; only its owner can read it."""
        self.write_text(name, json.dumps(value, indent=1, sort_keys=True) + "\n")

    def write_text(self, name: str, text: str) -> None:
        """Replace a file at once; only its owner can read it."""
        file = self.path / name
        partial = file.with_name(f".{file.name}.partial")
        with self._explained(file):
            file.parent.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
            with open(partial, "w", opener=_private) as stream:  # Path.open takes no opener
                stream.write(text)
            partial.rename(file)

    def remove(self, name: str) -> None:
        with self._explained(self.path / name):
            (self.path / name).unlink(missing_ok=True)

    def is_begun(self) -> bool:
        """Say whether an undercloud was ever started here."""
        return (self.path / MARK).exists()

    def wipe(self) -> None:
        """Remove everything but the lock, which its holder still needs."""
        with self._explained(self.path):
            for entry in self.path.iterdir():
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                elif entry.name != "lock":
                    entry.unlink()

    @contextmanager
    def locked(self, *, timeout: float) -> Iterator[None]:
        """Hold the state for one process at a time; raise Busy when another holds it for too long."""
        file = self.directory(".") / "lock"
        with self._explained(file):
            number = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            _wait_for_lock(number, path=self.path, timeout=timeout)
            yield
        finally:
            os.close(number)

    @contextmanager
    def _explained(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BadState(path=path, why=(error.strerror or str(error)).lower()) from error
        except ValueError as error:
            raise BadState(path=path, why=f"cannot be parsed: {error}") from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE_FILE)


def _wait_for_lock(number: int, *, path: Path, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Busy(path=path, seconds=timeout) from None
            time.sleep(LOCK_POLL)
        else:
            return
