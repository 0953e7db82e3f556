"""What is told of a run, in words for people and as data for programs; and how telling it can fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tone(StrEnum):
    """How an event sounds."""

    GOOD = "good"
    NEUTRAL = "neutral"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event of a run: `id` is the same when the same event is told twice; `document` holds no secret."""

    id: str
    event: str
    title: str
    body: str
    tone: Tone
    document: Mapping[str, Any] = field(default_factory=dict)


class NotTold(Unavailable):
    """A message that did not arrive; `is_final` says that trying again cannot help."""

    reason = "NotTold"

    def __init__(self, what: str, *, is_final: bool = False) -> None:
        super().__init__(what)
        self.is_final = is_final


class Messenger(Protocol):
    """One way to tell somebody."""

    def tell(self, message: Message) -> None:
        """Tell it once, within seconds; raise NotTold."""
