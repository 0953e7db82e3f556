"""The cache on disk: what it gives back is right or nothing, and it stays within its bound."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.parameters.plans import PLAN, tree_of
from tripleo_gitops.operations.comparison.diff import diff_plans
from tripleo_gitops.repository.cache import SHARDS, DiskCache

if TYPE_CHECKING:
    from pathlib import Path


def size_of(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


@pytest.mark.parametrize("key", ["heat1-outline-00ff", "a/../../b", "manifest 12", "é", "x" * 500, ""])
def test_what_is_put_is_there_for_every_process_whatever_its_key(tmp_path: Path, key: str) -> None:
    DiskCache(tmp_path / "cache").put(key, b"content")
    assert DiskCache(tmp_path / "cache").get(key) == b"content"
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_an_unknown_key_and_an_absent_directory_are_nothing(tmp_path: Path) -> None:
    assert DiskCache(tmp_path / "nowhere").get("key") is None
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(("kept", "added"), [(-1, b""), (0, b""), (None, b"x")])
def test_what_a_crash_left_behind_reads_as_nothing(tmp_path: Path, kept: int | None, added: bytes) -> None:
    cache = DiskCache(tmp_path)
    cache.put("key", b"content")
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    file.write_bytes(file.read_bytes()[:kept] + added)
    assert cache.get("key") is None


def test_the_bound_holds_and_the_newest_stay(tmp_path: Path) -> None:
    limit = SHARDS * 1000
    for number in range(4000):
        DiskCache(tmp_path, size_limit=limit).put(f"key-{number}", bytes(200))
    assert size_of(tmp_path) <= limit
    assert DiskCache(tmp_path).get("key-3999") == bytes(200)
    assert DiskCache(tmp_path).get("key-0") is None


def test_what_is_larger_than_its_share_is_not_kept(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, size_limit=SHARDS * 100)
    cache.put("key", bytes(200))
    assert cache.get("key") is None


def test_deleting_it_while_it_is_used_harms_nobody(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache")
    cache.put("key", b"1")
    shutil.rmtree(tmp_path / "cache")
    assert cache.get("key") is None
    cache.put("key", b"2")
    cache.put("key", b"2")
    assert cache.get("key") == b"2"


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a directory would be made")
    cache = DiskCache(tmp_path / "cache")
    cache.put("key", b"1")
    assert cache.get("key") is None


def test_processes_that_write_at_once_see_whole_entries(tmp_path: Path) -> None:
    writer = (
        "import sys; from pathlib import Path; from tripleo_gitops.repository.cache import DiskCache\n"
        "for _ in range(300): DiskCache(Path(sys.argv[1])).put('key', sys.argv[2].encode() * 50_000)"
    )
    writers = [subprocess.Popen([sys.executable, "-c", writer, str(tmp_path), letter]) for letter in "ab"]
    seen = set()
    while any(one.poll() is None for one in writers):
        seen.add(DiskCache(tmp_path).get("key"))
    assert [one.returncode for one in writers] == [0, 0]
    assert seen <= {None, b"a" * 50_000, b"b" * 50_000}


class CountingCache(DiskCache):
    parsed = 0

    def put(self, key: str, content: bytes) -> None:
        self.parsed += "-file-" in key
        super().put(key, content)


def test_a_warm_diff_parses_no_more_templates_than_changed(tmp_path: Path) -> None:
    def diff(old: dict[str, str | None], new: dict[str, str | None]) -> int:
        cache = CountingCache(tmp_path)
        found = diff_plans(tree_of(old), tree_of(new), old_label="", new_label="", cache=cache)
        assert found.is_empty == (old == new)
        return cache.parsed

    changed = {"service.yaml": PLAN["service.yaml"].replace("Plain: {type: number, default: 1}", "Plain: {type: json}")}
    assert diff({}, {}) == 3
    assert diff({}, {}) == 0
    assert diff({}, dict(changed)) == 1
    assert diff({}, dict(changed)) == 0


def test_a_diff_is_the_same_with_a_warm_cache_a_cold_one_and_none(tmp_path: Path) -> None:
    new = tree_of({"service.yaml": PLAN["service.yaml"].replace("default: 1", "default: 2")})

    def diff(cache: DiskCache | None) -> object:
        return diff_plans(tree_of(), new, old_label="", new_label="", cache=cache).to_document()

    assert diff(DiskCache(tmp_path)) == diff(DiskCache(tmp_path)) == diff(None)
