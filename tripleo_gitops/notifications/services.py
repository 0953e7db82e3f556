"""E-mail, Slack, Matrix and the other services that Apprise knows, each by an address of its kind."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.notifications.message import NotTold, Tone

if TYPE_CHECKING:
    from typing import Self

    from apprise import NotifyBase

    from tripleo_gitops.notifications.message import Message

KINDS = {Tone.GOOD: "success", Tone.NEUTRAL: "info", Tone.BAD: "failure"}
"""Apprise's own words."""
LOCAL_SCHEMAS = frozenset({"dbus", "glib", "gnome", "macosx", "windows", "syslog", "kde", "qt", "blink1"})
"""What would tell the machine that the server runs on, and nobody else."""

logging.getLogger("apprise").addHandler(logging.NullHandler())
logging.getLogger("apprise").propagate = False  # its lines name addresses; what failed is on the run's log


class UnknownService(InvalidInput):
    """An address of which no service is known, or that lacks a part."""

    reason = "UnknownService"


@dataclass(frozen=True, slots=True)
class Service:
    """One service with its address, which may hold a token or a password."""

    messenger: NotifyBase = field(repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """Return the service of an address, such as `mailtos://…` or `slack://…`; raises UnknownService."""
        import apprise  # noqa: PLC0415  # loading it would take a tenth of a second of every deploy that tells nobody

        schema = url.partition(":")[0].lower()
        found = None if schema in LOCAL_SCHEMAS else apprise.Apprise.instantiate(url, suppress_exceptions=True)
        if not isinstance(found, apprise.NotifyBase):
            raise UnknownService(f"{schema or 'an empty address'}: no such service, or its address lacks a part")
        return cls(found)

    def tell(self, message: Message) -> None:
        """Tell the service; raise NotTold. Why it failed, Apprise says only to its own log."""
        if not self.messenger.notify(title=message.title, body=message.body, notify_type=KINDS[message.tone]):
            raise NotTold(f"the service {self.messenger.service_name} did not take it")
