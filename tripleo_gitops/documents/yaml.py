"""YAML as Heat reads it (1.1, timestamps as text), with limits, and with the place in every error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.events import DEFAULT_LIMITS, Limits, read_events
from tripleo_gitops.documents.invalid import InvalidDocument
from tripleo_gitops.documents.outline import duplicate_keys, locate
from tripleo_gitops.documents.values import build_value

if TYPE_CHECKING:
    from tripleo_gitops.documents.events import EventSource

__all__ = ["InvalidDocument", "Limits", "duplicate_keys", "locate", "parse_template", "parse_yaml"]


def parse_yaml(content: bytes, *, source: str, limits: Limits = DEFAULT_LIMITS) -> Any:
    """Return the document in `content` as plain Python values; `source` is named in errors.

    An empty document is None; of a key that occurs twice the last one counts, as for Heat. Raises
    InvalidDocument with the line for what is no YAML, is no plain data (tags), or is beyond a limit.
    """

    def build(parser: EventSource) -> Any:
        return build_value(parser, limits=limits)

    return read_events(content, build, source=source, limits=limits, has_places=False)


def parse_template(content: bytes, *, source: str, limits: Limits = DEFAULT_LIMITS) -> Any:
    """Return a template's document as Heat reads it: as JSON if it is that, as YAML if not.

    The order matters: the number 1e5 is a float in JSON and text in YAML 1.1, and tabs indent JSON only.
    """
    if content[:64].lstrip()[:1] != b"{" or len(content) > limits.size:
        return parse_yaml(content, source=source, limits=limits)
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return parse_yaml(content, source=source, limits=limits)
    if content.count(b"{") + content.count(b"[") > limits.depth:
        _check_depth(document, source=source, limits=limits)
    return document


def _check_depth(document: Any, *, source: str, limits: Limits) -> None:
    level, depth = [document], 0
    while level:
        if depth > limits.depth:
            raise InvalidDocument(f"nested deeper than the limit of {limits.depth}", source=source)
        children: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                children.extend(value.values())
            elif isinstance(value, list):
                children.extend(value)
        level, depth = [child for child in children if isinstance(child, dict | list)], depth + 1
