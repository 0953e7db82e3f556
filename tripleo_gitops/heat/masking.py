"""Hidden values: what is known of them is whether they changed."""

from __future__ import annotations

from typing import Any

MASK = "******"


class Masked:
    """A value that must not be seen: whatever it is turned into is the mask, and two of them never compare."""

    __slots__ = ()

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __reduce__(self) -> tuple[type[Masked], tuple[()]]:
        return Masked, ()


def to_plain(value: Any) -> Any:
    """Return a value as JSON takes it, masked ones as the mask."""
    return MASK if isinstance(value, Masked) else value
