"""Plans in tar and zip archives: read as a stream, with nothing in them believed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import posixpath
import stat
import tarfile
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, cast

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.repository.directory import SKIPPED
from tripleo_gitops.repository.file_set import LIMITS, FileSet, SourceLimits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK = 2**20
COMPILED = (".pyc", ".pyo")
_DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError)


class InvalidArchive(InvalidInput):
    """An archive that cannot be read, or that holds what a plan cannot hold."""

    reason = "InvalidArchive"

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source}: {problem}")
        self.source, self.problem = source, problem


class _Bounded(io.RawIOBase):
    """A stream that ends with SourceTooLarge, however much a compressor promises."""

    def __init__(self, stream: IO[bytes], source: str, limits: SourceLimits) -> None:
        self._stream, self._source, self._limits, self._size = stream, source, limits, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        data = self._stream.read(len(view))
        self._size += len(data)
        self._limits.check(self._source, files=0, size=self._size // 2)
        view[: len(data)] = data
        return len(data)


class _Collected:
    """The files of an archive as far as they were read, within the limits."""

    def __init__(self, source: str, limits: SourceLimits) -> None:
        self._source, self._limits, self._size = source, limits, 0
        self.files: dict[str, bytes] = {}
        self.executables: list[str] = []

    def add(self, name: str, stream: IO[bytes], *, is_executable: bool) -> None:
        path = _checked_name(name, self._source)
        if _is_skipped(path):
            return
        if path in self.files:
            raise InvalidArchive(self._source, f"{path} is in it twice")
        parts: list[bytes] = []
        while chunk := stream.read(CHUNK):
            self._size += len(chunk)
            self._check()
            parts.append(chunk)
        self.files[path] = b"".join(parts)
        self._check()
        if is_executable:
            self.executables.append(path)

    def _check(self) -> None:
        self._limits.check(self._source, files=len(self.files), size=self._size)

    def file_set(self) -> FileSet:
        """Return the files; those that all are below one directory without its name, as releases are packed."""
        tops = {path.split("/", 1)[0] if "/" in path else "" for path in self.files}
        if len(tops) != 1 or "" in tops:
            return FileSet(self.files, self.executables)
        length = len(tops.pop()) + 1
        return FileSet(
            {path[length:]: content for path, content in self.files.items()},
            [path[length:] for path in self.executables],
        )


def read_archive(path: Path, *, limits: SourceLimits = LIMITS) -> FileSet:
    """Return the files of a tar (plain, gzip, bzip2, xz) or zip archive.

    Raises InvalidArchive for absolute names, `..`, links, devices, names that occur twice and damage, and
    SourceTooLarge for bombs.
    """
    source = path.name
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            if start.startswith(b"PK"):
                return _read_zip(file, source, limits)
            return _read_tar(_decompressed(file, start), source, limits)
    except FileNotFoundError:
        raise InvalidArchive(source, "no such file") from None
    except _DAMAGE as exc:
        raise InvalidArchive(source, f"it cannot be read as tar or zip ({type(exc).__name__})") from exc


def _decompressed(file: IO[bytes], start: bytes) -> IO[bytes]:
    if start.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.open(file))
    if start.startswith(b"BZ"):
        return cast("IO[bytes]", bz2.open(file))
    return cast("IO[bytes]", lzma.open(file)) if start.startswith(b"\xfd7") else file


def _read_tar(stream: IO[bytes], source: str, limits: SourceLimits) -> FileSet:
    collected = _Collected(source, limits)
    bounded = io.BufferedReader(_Bounded(stream, source, limits), CHUNK)
    with tarfile.open(fileobj=bounded, mode="r|") as archive:
        for count, member in enumerate(archive):
            limits.check(source, files=count, size=0)
            if member.isdir():
                _checked_name(member.name, source)
                continue
            if not member.isreg():
                raise InvalidArchive(
                    source, f"{_shown(member.name)} is {_kind(member)}; a plan holds regular files only"
                )
            content = archive.extractfile(member)
            assert content is not None, "a regular member has content"
            collected.add(member.name, content, is_executable=bool(member.mode & 0o100))
    return collected.file_set()


def _read_zip(file: IO[bytes], source: str, limits: SourceLimits) -> FileSet:
    collected = _Collected(source, limits)
    with zipfile.ZipFile(file) as archive:
        limits.check(source, files=len(archive.filelist), size=0)
        for member, mode in _zip_members(archive):
            if member.is_dir():
                _checked_name(member.filename.rstrip("/"), source)
                continue
            if member.flag_bits & 0x1:
                raise InvalidArchive(source, f"{_shown(member.filename)} is encrypted")
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise InvalidArchive(source, f"{_shown(member.filename)} is a link or a device")
            with archive.open(member) as content:
                collected.add(member.filename, content, is_executable=bool(mode & 0o100))
    return collected.file_set()


def _zip_members(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, int]]:
    for member in archive.infolist():
        yield member, member.external_attr >> 16


def _checked_name(name: str, source: str) -> str:
    path = posixpath.normpath(name)
    is_bad = name.startswith("/") or "\\" in name or "\x00" in name or ".." in name.split("/")
    try:
        name.encode()
    except UnicodeEncodeError:
        is_bad = True
    if is_bad or not name:
        raise InvalidArchive(source, f"{_shown(name)} leads out of the plan or is no name")
    return path


def _is_skipped(path: str) -> bool:
    """Return whether `openstack overcloud plan export` leaves such a file out, too."""
    return path.endswith(COMPILED) or any(part in SKIPPED for part in path.split("/"))


def _shown(name: str) -> str:
    return name[:120].encode("ascii", "backslashreplace").decode()


def _kind(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return "a link"
    return "a device" if member.isdev() else "no regular file"
