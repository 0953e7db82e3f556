"""Files of images: hashed once, read piece by piece, and the note of an upload that outlives its process."""

from __future__ import annotations

import fcntl
import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from tripleo_gitops.errors import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Progress = Callable[[int, int], None]

PIECE = 1024 * 1024
KNOWN = frozenset(hashlib.algorithms_guaranteed)


class ImageFiles:
    """The files of one directory, by name; what was hashed is remembered while they are looked at."""

    def __init__(self, directory: Path, *, aliases: dict[str, str] | None = None) -> None:
        self._directory, self._aliases = directory, aliases or {}
        self._digests: dict[tuple[str, str], str] = {}

    def names(self) -> tuple[str, ...]:
        """Return the names of the files; raise NotFound where there is no such directory."""
        try:
            there = [path.name for path in self._directory.iterdir() if path.is_file()]
        except OSError as exc:
            raise NotFound(f"{self._directory}: {exc.strerror}") from exc
        return (*there, *self._aliases)

    def path(self, name: str) -> Path:
        """Return where a file is."""
        return self._directory / self._aliases.get(name, name)

    def digest(self, name: str, algorithm: str) -> str:
        """Return a file's hash in hexadecimal; empty for an algorithm that Python does not have."""
        if algorithm not in KNOWN:
            return ""
        if (name, algorithm) not in self._digests:
            with self.path(name).open("rb") as file:
                self._digests[name, algorithm] = hashlib.file_digest(file, algorithm).hexdigest()
        return self._digests[name, algorithm]


class MeasuredFile:
    """A file that is read piece by piece, and tells how far it was."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._file, self._size = path.open("rb"), path.stat().st_size
        self._progress, self._read, self._told = progress, 0, 0

    def __len__(self) -> int:
        return self._size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int = -1, /) -> bytes:
        """Return the next piece: never more than 1 MiB."""
        piece = self._file.read(PIECE if size < 0 else min(size, PIECE))
        self._read += len(piece)
        if self._read - self._told >= PIECE or not piece or self._read == self._size:
            self._told = self._read
            self._progress(self._read, self._size)
        return piece


class UploadNotes:
    """A file for each upload under way, locked while its process lives."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @contextmanager
    def held(self, image: str) -> Iterator[None]:
        """Note an upload; the note goes when it is complete, and stays where it broke off."""
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / image
        with path.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as exc:
                raise Refused(f"the image {image} is being sent by another process of this machine") from exc
            yield
            path.unlink(missing_ok=True)

    def dead(self) -> frozenset[str]:
        """Return the uploads that broke off on this machine."""
        try:
            return frozenset(path.name for path in self._directory.iterdir() if _is_free(path))
        except FileNotFoundError:
            return frozenset()

    def forget(self, image: str) -> None:
        """Drop the note of an upload that was made good."""
        (self._directory / image).unlink(missing_ok=True)


def _is_free(path: Path) -> bool:
    with path.open("r") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True
