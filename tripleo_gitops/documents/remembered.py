"""Parsed files that are kept for the next one who asks: most files of two trees that are compared are the same."""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T_co = TypeVar("T_co", covariant=True)

KEPT_FILES, KEPT_SIZE = 16, 512 * 1024
"""How many files of one kind are kept, and how many bytes each may have."""


class Parse(Protocol[T_co]):
    """Makes a value of a file's bytes; `source` is named in errors."""

    def __call__(self, content: bytes, *, source: str) -> T_co: ...


def remembered(parse: Parse[T_co]) -> Callable[..., T_co]:
    """Return a pure parser that keeps its last results; they are not to be changed."""
    kept = lru_cache(maxsize=KEPT_FILES)(parse)

    @wraps(parse)
    def recall(content: bytes, *, source: str) -> T_co:
        return kept(content, source=source) if len(content) <= KEPT_SIZE else parse(content, source=source)

    return recall
