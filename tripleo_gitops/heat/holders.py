"""Parameters that hold others inside, as a role's own values do (`ControllerParameters: {AdminPassword: …}`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECTIONS = ("parameters", "parameter_defaults")


def with_holders(hidden: frozenset[str], *environments: Mapping[str, Any]) -> frozenset[str]:
    """Return the hidden names, and those of parameters whose value has one of them as a key, however deep."""
    holders = (
        name
        for environment in environments
        for section in _SECTIONS
        for name, value in (environment.get(section) or {}).items()
        if isinstance(value, dict | list) and not hidden.isdisjoint(inner_keys(value))
    )
    return hidden.union(holders)


def inner_keys(value: Any) -> Iterator[str]:
    """Yield every key inside a value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from inner_keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from inner_keys(inner)
