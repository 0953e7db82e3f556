"""One action as a row of the table: its name, what it is given, and the function that does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Needed(Enum):
    """Stands for the default of an input that has to be given."""

    NEEDED = "needed"


NEEDED = Needed.NEEDED
CONTAINER = "overcloud"
"""The plan that TripleO's actions mean when none is named."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an action: the execution that it is for (None: none), and the caller's way to the cloud.

    The token is the caller's own; or one that a trust of theirs gave, with what Keystone said of it as `document`.
    The run's `ticket` leads to that trust, also in the workflows that it calls.
    """

    execution: str | None
    token: str = field(repr=False)
    auth_url: str
    verify: bool | str
    ticket: str | None = field(default=None, repr=False)
    document: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def is_own(self) -> bool:
        """Whether the token is what the caller gave."""
        return self.document is None


@dataclass(frozen=True, slots=True)
class Row:
    """An action: `act` is called with the caller's PlanService and each input by its name; it returns JSON values.

    One that `knows_call` is given the Call as `call`, too.
    """

    name: str
    act: Callable[..., Any]
    inputs: Mapping[str, Any]
    knows_call: bool = False

    @property
    def class_name(self) -> str:
        """The action's class: `tripleo.plan.create_container` is PlanCreateContainer."""
        words = self.name.removeprefix("tripleo.").replace(".", "_").replace("-", "_").split("_")
        return "".join(word.capitalize() for word in words)

    @property
    def summary(self) -> str:
        """What Mistral shows of the action."""
        return (self.act.__doc__ or "").strip()
