"""Archives as sources: what is in them, and everything that is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.operations.archives import InvalidArchive, read_archive
from tripleo_gitops.repository.file_set import SourceLimits, SourceTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {"a.yaml": b"a: 1\n", "dir/run.sh": b"#!/bin/sh\n"}


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def member(
    name: str, content: bytes = b"x", *, mode: int = 0o644, kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.mode, info.type, info.linkname = mode, kind, link
    return info, content


def plain(prefix: str = "") -> bytes:
    return tar(
        *(member(prefix + name, content, mode=0o755 if ".sh" in name else 0o644) for name, content in FILES.items())
    )


def written(folder: Path, content: bytes, name: str = "source") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("prefix", ["", "./", "release-1.0/"])
def test_tar_archives_are_read_however_they_are_packed(
    pack: Callable[[bytes], bytes], prefix: str, tmp_path: Path
) -> None:
    found = read_archive(written(tmp_path, pack(plain(prefix))))
    assert {path: found.read(path) for path in found.paths()} == FILES
    assert [path for path in found.paths() if found.is_executable(path)] == ["dir/run.sh"]


def test_zip_archives_are_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.yaml", FILES["a.yaml"])
        info = zipfile.ZipInfo("dir/run.sh")
        info.external_attr = (stat.S_IFREG | 0o755) << 16
        archive.writestr(info, FILES["dir/run.sh"])
    found = read_archive(path)
    assert {name: found.read(name) for name in found.paths()} == FILES
    assert found.is_executable("dir/run.sh")


def test_what_a_plan_export_leaves_out_is_left_out(tmp_path: Path) -> None:
    data = tar(member("a.yaml"), member(".git/config"), member(".tox/x"), member("m.pyc"), member("d/__pycache__/m"))
    assert list(read_archive(written(tmp_path, data)).paths()) == ["a.yaml"]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "a\\..\\x", "a/../b"])
def test_names_that_lead_out_of_the_plan_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidArchive, match="leads out"):
        read_archive(written(tmp_path, tar(member("ok"), member(name))))
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ok", "x")
        archive.writestr(name, "x")
    with pytest.raises(InvalidArchive, match="leads out"):
        read_archive(path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(kind: bytes, tmp_path: Path) -> None:
    data = tar(member("ok"), member("bad", b"", kind=kind, link="/etc/passwd"))
    with pytest.raises(InvalidArchive, match="bad is"):
        read_archive(written(tmp_path, data))


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("bad")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(InvalidArchive, match="a link or a device"):
        read_archive(path)


def test_a_name_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArchive, match="twice"):
        read_archive(written(tmp_path, tar(member("a", b"1"), member("./a", b"2"))))


def test_a_bomb_is_refused_before_it_is_in_memory(tmp_path: Path) -> None:
    limits = SourceLimits(size=2**20)
    bomb = gzip.compress(tar(member("big", b"\0" * (8 * 2**20))))
    assert len(bomb) < 20_000
    with pytest.raises(SourceTooLarge):
        read_archive(written(tmp_path, bomb), limits=limits)
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big", b"\0" * (8 * 2**20))
    with pytest.raises(SourceTooLarge):
        read_archive(path, limits=limits)


def test_more_members_than_a_plan_has_are_refused(tmp_path: Path) -> None:
    limits = SourceLimits(files=20)
    many = gzip.compress(tar(*(member(f"d/{number}", b"", kind=tarfile.DIRTYPE) for number in range(50))))
    with pytest.raises(SourceTooLarge):
        read_archive(written(tmp_path, many), limits=limits)
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(50):
            archive.writestr(str(number), "")
    with pytest.raises(SourceTooLarge):
        read_archive(path, limits=limits)


@pytest.mark.parametrize(
    "content",
    [b"", b"not an archive at all" * 100, b"PK\x03\x04broken", gzip.compress(plain())[:40], b"\x1f\x8bgarbage"],
    ids=["nothing", "something else", "a broken zip", "the begin of a gzip", "a broken gzip"],
)
def test_damage_is_told_and_never_a_traceback(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(InvalidArchive):
        read_archive(written(tmp_path, content))


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "x")
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InvalidArchive, match="encrypted"):
        read_archive(path)
