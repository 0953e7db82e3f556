"""Capabilities of nodes: pairs in one text, `profile:control,boot_option:local`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class NoCapabilities(ValueError):
    """A value that is no list of `key:value`."""


def parse_capabilities(value: Any) -> dict[str, str]:
    """Return the pairs of a text or mapping; raise NoCapabilities for anything else.

    Ironic takes any text here, so whoever reads it has to look.
    """
    if value in (None, "", {}):
        return {}
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, str):
        pairs = [_pair(part) for part in value.split(",")]
    else:
        raise NoCapabilities(f"{value!r} is neither text such as 'profile:control' nor a mapping")
    for key, content in pairs:
        if not isinstance(key, str) or not key.strip() or set(f"{key}{content}") & set(",\n"):
            raise NoCapabilities(f"{key!r}: {content!r} cannot be a capability")
        if isinstance(content, dict | list):
            raise NoCapabilities(f"{key!r} needs one value")
    return {key.strip(): _text(content) for key, content in pairs if content is not None}


def read_capabilities(value: Any) -> dict[str, str]:
    """Return the pairs of what Ironic holds; what is no pair is left out."""
    try:
        return parse_capabilities(value)
    except NoCapabilities:
        parts = value.split(",") if isinstance(value, str) else ()
        return dict(part.strip().split(":", 1) for part in parts if ":" in part)


def format_capabilities(pairs: Mapping[str, str]) -> str:
    """Return the text for Ironic, sorted, so that equal pairs are equal texts."""
    return ",".join(f"{key}:{pairs[key]}" for key in sorted(pairs))


def merge_capabilities(
    found: Mapping[str, str], asked: Mapping[str, str], *, given_before: Collection[str]
) -> dict[str, str]:
    """Return what a node is to have: what the plan asks, and what it never spoke of.

    Pairs that introspection or tagging found stay; a pair that the plan gave before and does not give now goes.
    """
    kept = {key: value for key, value in found.items() if key not in given_before or key in asked}
    return kept | dict(asked)


def _pair(part: str) -> tuple[str, str]:
    key, colon, content = part.strip().partition(":")
    if not colon:
        raise NoCapabilities(f"{part.strip()!r} is no key:value")
    return key, content


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
