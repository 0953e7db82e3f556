"""A playbook's document: YAML in which Ansible's own tags may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.events import Limits, read_events
from tripleo_gitops.documents.values import build_value

if TYPE_CHECKING:
    from tripleo_gitops.documents.events import EventSource

TAGS = frozenset({"!unsafe", "!vault", "!vault-encrypted"})
LIMITS = Limits(size=1024 * 1024)


def parse_playbook(content: bytes, *, source: str) -> Any:
    """Return the document of a playbook; what Ansible's tags mark is the text as it stands.

    Raises InvalidDocument with the line.
    """
    return read_events(content, _build, source=source, limits=LIMITS)


def _build(parser: EventSource) -> Any:
    return build_value(_Untagged(parser), limits=LIMITS)


class _Untagged:
    """The events of a document without the tags that only Ansible knows."""

    def __init__(self, parser: EventSource) -> None:
        self._parser = parser

    def get_event(self) -> Any:
        """Return the next event."""
        event = self._parser.get_event()
        if getattr(event, "tag", None) in TAGS:
            event.tag = None
        return event
