"""The node that an instance is meant for: the capability `node` of `profile:control,node:controller-0`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import regex

from tripleo_gitops.errors import InvalidInput, Refused
from tripleo_gitops.nodes.capabilities import read_capabilities

if TYPE_CHECKING:
    from collections.abc import Mapping

HINT, PROFILE = "node", "profile"
PATTERN_SECONDS = 1.0
"""The expression is a client's: `regex` is `re` with a time limit."""


def capability_of(node: Any, name: str) -> str | None:
    """Return one capability of a node as Ironic's documents have it, None where it has none; raises InvalidInput."""
    properties = node.get("properties") if isinstance(node, dict) else None
    if not isinstance(properties, dict):
        raise InvalidInput("a node is a mapping with its `properties`, as Ironic lists it in detail")
    return read_capabilities(properties.get("capabilities")).get(name)


def has_hint(capabilities: Mapping[str, str], pattern: str) -> bool:
    """Return whether an expression is found in a node's hint; raises InvalidInput, Refused for one that takes long."""
    hint = capabilities.get(HINT, "")
    try:
        return regex.compile(pattern).search(hint, timeout=PATTERN_SECONDS) is not None and bool(hint)
    except (regex.error, TypeError) as exc:
        raise InvalidInput(f"{pattern!r} is no regular expression: {exc}") from exc
    except TimeoutError as exc:
        raise Refused(f"{pattern!r} takes more than {PATTERN_SECONDS:g} s to match {hint!r}; write it simpler") from exc
