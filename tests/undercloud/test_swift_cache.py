"""Swift's cache in memory: what the proxy counts on."""

from __future__ import annotations

import time

from tripleo_gitops.undercloud.launch.swift_cache import MOST_ENTRIES, MemoryCache


def test_what_was_read_is_not_what_is_kept() -> None:
    cache = MemoryCache()
    cache.set("info", {"status": 200})
    cache.get("info")["status"] = 404
    assert cache.get("info") == {"status": 200}


def test_an_entry_ends_with_its_time() -> None:
    cache = MemoryCache()
    cache.set("short", 1, time=0.01)
    cache.set("long", 2)
    time.sleep(0.02)
    assert (cache.get("short"), cache.get("long")) == (None, 2)


def test_counting_never_falls_below_nothing() -> None:
    cache = MemoryCache()
    assert [cache.incr("n"), cache.incr("n", 4), cache.decr("n", 9)] == [1, 5, 0]


def test_a_deleted_entry_is_gone_and_the_others_stay() -> None:
    cache = MemoryCache()
    cache.set_multi({"a": 1, "b": 2}, "server")
    cache.delete("a")
    assert cache.get_multi(["a", "b"], "server") == [None, 2]


def test_the_cache_does_not_grow_without_end() -> None:
    cache = MemoryCache()
    for number in range(MOST_ENTRIES + 1):
        cache.set(str(number), number)
    assert cache.get(str(MOST_ENTRIES)) == MOST_ENTRIES
    assert cache.get("0") is None
