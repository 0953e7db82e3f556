"""Exports: for TripleO with passwords in clear, sealed, without, and the whole repository; and back again."""

from __future__ import annotations

import io
import stat
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.lifecycle.conftest import git
from tests.lifecycle.test_creation import cloned, opened, server

if TYPE_CHECKING:
    from tests.command_line import CommandLine

__all__ = ["server"]


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        found = ((one.name, archive.extractfile(one)) for one in archive if one.isreg())
        return {name: content.read() for name, content in found if content is not None}


@pytest.fixture
def secretive(plan: CommandLine, recipient: str) -> CommandLine:
    plan("passwords", "generate")
    plan("commit", "--all", "-m", "Passwords")
    return plan


def test_an_export_in_clear_is_what_tripleo_takes_and_its_owners_only(secretive: CommandLine, tmp_path: Path) -> None:
    target = tmp_path / "clear.tar.gz"
    secretive("export", "--secrets", "clear", "-f", str(target))
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    files = members(target)
    assert "secrets.yaml" not in files
    assert yaml.safe_load(files["plan-environment.yaml"])["passwords"] == opened(secretive.directory)


def test_an_export_without_secrets_has_none_and_a_sealed_one_no_value(secretive: CommandLine, tmp_path: Path) -> None:
    values = opened(secretive.directory).values()
    for kind in ("none", "sealed"):
        target = tmp_path / f"{kind}.tar.gz"
        secretive("export", "--secrets", kind, "-f", str(target))
        files = members(target)
        assert ("secrets.yaml" in files) == (kind == "sealed")
        assert not any(value.encode() in content for value in values for content in files.values())


@pytest.mark.parametrize("kind", ["sealed", "clear"])
def test_an_export_that_is_imported_again_is_the_same_plan(
    secretive: CommandLine, server: CommandLine, kind: str, tmp_path: Path
) -> None:
    secretive("export", "--secrets", kind, "-f", str(tmp_path / "x.tar.gz"))
    clone = cloned(server("create", "site1", "--from", "x.tar.gz", "-o", "json").data, tmp_path)
    assert opened(clone) == opened(secretive.directory)
    trees = [
        [line for line in git(where, "ls-tree", "-r", "HEAD").splitlines() if not line.endswith("secrets.yaml")]
        for where in (clone, secretive.directory)
    ]
    assert trees[0] == trees[1]


def test_a_rendered_export_can_be_imported_and_loses_its_renders(
    secretive: CommandLine, server: CommandLine, tmp_path: Path
) -> None:
    secretive("export", "--rendered", "-f", str(tmp_path / "x.tar.gz"))
    assert "overcloud.yaml" in members(tmp_path / "x.tar.gz")
    clone = cloned(server("create", "site1", "--from", "x.tar.gz", "-o", "json").data, tmp_path)
    assert not (clone / "overcloud.yaml").exists()


def test_a_bundle_has_the_whole_history_and_is_a_source(
    secretive: CommandLine, server: CommandLine, tmp_path: Path
) -> None:
    secretive("export", "--bundle", "-f", str(tmp_path / "site1.bundle"))
    subprocess.run(["git", "clone", "--quiet", str(tmp_path / "site1.bundle"), str(tmp_path / "again")], check=True)
    assert git(tmp_path / "again", "rev-parse", "HEAD") == git(secretive.directory, "rev-parse", "HEAD")
    made = server("create", "site2", "--from", "site1.bundle", "-o", "json").data
    assert made["source_commit"] == git(secretive.directory, "rev-parse", "HEAD")
    assert "exists" in secretive("export", "--bundle", "-f", str(tmp_path / "site1.bundle"), code=2).err


def test_an_export_in_clear_without_a_key_is_refused(secretive: CommandLine, tmp_path: Path) -> None:
    (Path.home() / ".config" / "sops" / "age" / "keys.txt").unlink()
    refused = secretive("export", "--secrets", "clear", "-f", str(tmp_path / "x.tar.gz"), code=2)
    assert "opens for: age1" in refused.err
    assert not (tmp_path / "x.tar.gz").exists()


def test_executable_files_stay_executable(secretive: CommandLine, tmp_path: Path) -> None:
    script = secretive.directory / "firstboot" / "first-boot.sh"
    script.chmod(0o755)
    git(secretive.directory, "update-index", "--chmod=+x", "firstboot/first-boot.sh")
    git(secretive.directory, "commit", "--quiet", "--allow-empty", "-m", "Executable")
    secretive("export", "-f", str(tmp_path / "x.tar.gz"))
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "x.tar.gz").read_bytes())) as archive:
        assert archive.getmember("firstboot/first-boot.sh").mode == 0o755


def test_an_export_from_within_a_clone_is_put_beside_it_where_no_commit_takes_it(
    secretive: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(secretive.directory / "environments")
    assert f"files in {tmp_path / 'site1.tar.gz'}" in secretive("export", "--secrets", "clear").err
    secretive("export", "--bundle")
    assert (tmp_path / "site1.tar.gz").exists()
    assert (tmp_path / "site1.bundle").exists()
    assert git(secretive.directory, "status", "--porcelain") == ""
