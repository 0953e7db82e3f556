"""The cache that Swift's proxy expects of memcached, in the memory of the one process that uses it."""

from __future__ import annotations

from copy import deepcopy
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MOST_ENTRIES = 20_000


class MemoryCache:
    """The methods of `swift.common.memcached.MemcacheRing` that the middleware and the proxy call.

    Values go in and out as copies, as they do with memcached: what is read is never what somebody else holds.
    """

    def __init__(self) -> None:
        self._entries: dict[str, tuple[Any, float]] = {}

    def get(self, key: str, raise_on_error: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002
        value, expires = self._entries.get(key, (None, 0.0))
        return None if 0 < expires < monotonic() else deepcopy(value)

    def set(self, key: str, value: Any, *_args: Any, time: float = 0, **_kwargs: Any) -> None:
        if len(self._entries) >= MOST_ENTRIES:
            self._entries.clear()
        self._entries[key] = (deepcopy(value), monotonic() + time if time else 0.0)

    def incr(self, key: str, delta: int = 1, time: float = 0) -> int:
        total = max(0, int(self.get(key) or 0) + delta)
        self.set(key, total, time=time)
        return total

    def decr(self, key: str, delta: int = 1, time: float = 0) -> int:
        return self.incr(key, -delta, time)

    def delete(self, key: str, server_key: str | None = None) -> None:  # noqa: ARG002
        self._entries.pop(key, None)

    def get_multi(self, keys: Iterable[str], server_key: str) -> list[Any]:  # noqa: ARG002
        return [self.get(key) for key in keys]

    def set_multi(self, mapping: Mapping[str, Any], server_key: str, *_args: Any, time: float = 0) -> None:  # noqa: ARG002
        for key, value in mapping.items():
            self.set(key, value, time=time)


def filter_factory(_global_config: Mapping[str, str], **_config: str) -> Callable[[Any], Any]:
    """Return the paste filter that gives each request the one cache of this process."""
    cache = MemoryCache()

    def cached(application: Any) -> Any:
        def answer(environ: dict[str, Any], start_response: Any) -> Any:
            environ["swift.cache"] = cache
            return application(environ, start_response)

        return answer

    return cached
