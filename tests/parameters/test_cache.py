"""The cache on disk: what it gives back is right or nothing, and it stays within its bound."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.parameters.plans import PLAN, tree_of
from tripleo_gitops.operations.comparison.diff import diff_plans
from tripleo_gitops.repository.cache import SHARE, DiskCache

if TYPE_CHECKING:
    from pathlib import Path


def size_of(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


@pytest.mark.parametrize("key", ["heat1-outline-00ff", "a/../../b", "manifest 12", "é", "x" * 500, ""])
def test_what_is_put_is_there_for_every_process_whatever_its_key(tmp_path: Path, key: str) -> None:
    DiskCache(tmp_path / "cache" / "x").put(key, b"content")
    assert DiskCache(tmp_path / "cache" / "x").get(key) == b"content"
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_an_unknown_key_and_an_absent_directory_are_nothing(tmp_path: Path) -> None:
    assert DiskCache(tmp_path / "nowhere" / "x").get("key") is None
    assert not (tmp_path / "nowhere").exists()


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache" / "x")
    cache.put("key", b"content")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "cache").iterdir()}
    assert set(modes.values()) == {0o600}
    assert set(modes) == {"x", "x-wal", "x-shm"}
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("change", ["key = 'other'", "content = x'00' || content", "content = x''", "checksum = 0"])
def test_an_entry_that_is_not_as_it_was_put_reads_as_nothing(tmp_path: Path, change: str) -> None:
    DiskCache(tmp_path / "x").put("key", b"content")
    with sqlite3.connect(tmp_path / "x") as database:
        database.execute(f"update entry set {change}")
    database.close()
    for key in ("key", "other"):
        assert DiskCache(tmp_path / "x").get(key) is None


@settings(max_examples=100, deadline=None)
@example(start=46, damage=b"\0\5", kept=None)
@example(start=18, damage=b"\7\7", kept=None)
@given(
    start=st.integers(0, 60_000), damage=st.binary(min_size=1, max_size=4096), kept=st.none() | st.integers(0, 60_000)
)
def test_a_damaged_file_gives_what_was_put_or_nothing_and_is_of_use_again(
    tmp_path_factory: pytest.TempPathFactory, start: int, damage: bytes, kept: int | None
) -> None:
    path = tmp_path_factory.mktemp("cache") / "x"
    cache = DiskCache(path)
    for number in range(10):
        cache.put(f"{number}", bytes([number]) * 5000)
    del cache
    whole = path.read_bytes()
    path.write_bytes((whole[:start] + damage + whole[start + len(damage) :])[:kept])
    cache = DiskCache(path)
    for number in range(10):
        assert cache.get(f"{number}") in {None, bytes([number]) * 5000}
    for _ in range(3):  # what is found damaged when it is written is begun again for the next
        for number in range(10):
            cache.put(f"{number}", b"new")
    assert {cache.get(f"{number}") for number in range(10)} == {b"new"}


def test_a_file_of_other_tables_is_begun_again(tmp_path: Path) -> None:
    DiskCache(tmp_path / "x", tables="create table more (name text);").put("key", b"1")
    cache = DiskCache(tmp_path / "x")
    assert cache.get("key") is None
    cache.put("key", b"2")
    assert DiskCache(tmp_path / "x").get("key") == b"2"


def test_the_bound_holds_and_the_newest_stay(tmp_path: Path) -> None:
    limit = 400_000
    cache = DiskCache(tmp_path / "x", size_limit=limit)
    for number in range(4000):
        cache.put(f"key-{number}", bytes(number % 1000))
        assert (tmp_path / "x").stat().st_size <= limit
    del cache
    assert limit / 2 < size_of(tmp_path) <= limit
    assert DiskCache(tmp_path / "x").get("key-3999") == bytes(999)
    assert DiskCache(tmp_path / "x").get("key-3800") == bytes(800)
    assert DiskCache(tmp_path / "x").get("key-0") is None


def test_a_file_above_the_bound_is_begun_again(tmp_path: Path) -> None:
    DiskCache(tmp_path / "x").put("key", bytes(200_000))
    cache = DiskCache(tmp_path / "x", size_limit=100_000)
    cache.put("new", b"1")
    assert size_of(tmp_path) < 100_000
    assert (cache.get("key"), cache.get("new")) == (None, b"1")


def test_what_is_larger_than_its_share_is_not_kept(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "x", size_limit=100_000)
    cache.put("other", b"1")
    cache.put("key", bytes(100_000 // SHARE + 1))
    assert (cache.get("key"), cache.get("other")) == (None, b"1")


def test_deleting_it_while_it_is_used_harms_nobody(tmp_path: Path) -> None:
    cache, other = DiskCache(tmp_path / "cache" / "x"), DiskCache(tmp_path / "cache" / "x")
    cache.put("key", b"1")
    assert other.get("key") == b"1"
    shutil.rmtree(tmp_path / "cache")
    assert cache.get("key") is None
    cache.put("key", b"2")
    cache.put("key", b"2")
    assert cache.get("key") == b"2"
    (tmp_path / "cache" / "x").unlink()
    other.put("key", b"3")
    assert cache.get("key") == other.get("key") == b"3"


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a directory would be made")
    cache = DiskCache(tmp_path / "cache" / "x")
    cache.put("key", b"1")
    assert cache.get("key") is None


def test_a_forked_process_opens_it_for_itself(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "x")
    cache.put("key", b"1")
    if not (child := os.fork()):
        cache.put("child", b"2")
        os._exit(cache.get("key") != b"1")
    assert os.waitpid(child, 0)[1] == 0
    assert cache.get("child") == b"2"


def test_threads_may_share_one(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "x")

    def use(number: int) -> bytes | None:
        cache.put(f"{number}", b"%d" % number)
        return cache.get(f"{number}")

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(use, range(200))) == [b"%d" % number for number in range(200)]


def test_processes_that_write_at_once_see_whole_entries_and_a_killed_one_leaves_no_damage(tmp_path: Path) -> None:
    writer = (
        "import sys; from pathlib import Path; from tripleo_gitops.repository.cache import DiskCache\n"
        "for turn in range(int(sys.argv[3])):\n"
        "    DiskCache(Path(sys.argv[1])).put('key', sys.argv[2].encode() * 50_000)"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", writer, str(tmp_path / "x"), letter, turns])
        for letter, turns in (("a", "300"), ("b", "300"), ("c", "300000"))
    ]
    seen = set()
    while any(one.poll() is None for one in writers[:2]):
        seen.add(DiskCache(tmp_path / "x").get("key"))
    writers[2].kill()
    assert [one.wait() for one in writers] == [0, 0, -signal.SIGKILL]
    assert seen <= {None, *(letter * 50_000 for letter in (b"a", b"b", b"c"))}
    with closing(sqlite3.connect(tmp_path / "x")) as database:
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]


class CountingCache(DiskCache):
    parsed = 0

    def put(self, key: str, content: bytes) -> None:
        self.parsed += "-file-" in key
        super().put(key, content)


def test_a_warm_diff_parses_no_more_templates_than_changed(tmp_path: Path) -> None:
    def diff(old: dict[str, str | None], new: dict[str, str | None]) -> int:
        cache = CountingCache(tmp_path / "x")
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

    assert diff(DiskCache(tmp_path / "x")) == diff(DiskCache(tmp_path / "x")) == diff(None)
