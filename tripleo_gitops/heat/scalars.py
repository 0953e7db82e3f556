"""Numbers, booleans and lists as Heat reads them from text."""

from __future__ import annotations

from numbers import Number
from typing import Any

_TRUE = frozenset({"1", "t", "true", "on", "y", "yes"})
_FALSE = frozenset({"0", "f", "false", "off", "n", "no"})


def to_number(value: Any) -> Any:
    """Return a number for a number (booleans are numbers) or its text; raises ValueError or TypeError."""
    if isinstance(value, Number):
        return value
    try:
        return int(value)
    except ValueError:
        return float(value)


def to_boolean(value: Any) -> bool:
    """Return the boolean that `value`, taken as text, spells (OpenStack's strict rule); raises ValueError."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("must be a boolean")


def split_list(value: str) -> list[str]:
    """Return the items of comma-delimited text; empty text has none."""
    return value.split(",") if value else []
