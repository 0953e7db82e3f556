"""A webhook of ours: JSON, signed with a shared secret, so that the receiver knows who speaks and when."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests

from tripleo_gitops.notifications.message import NotTold

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.notifications.message import Message

SIGNATURE_HEADER = "X-Tripleo-Plan-Signature"
EVENT_HEADER = "X-Tripleo-Plan-Event"
DELIVERY_HEADER = "X-Tripleo-Plan-Delivery"
TIMEOUT_SECONDS = (5.0, 10.0)
RETRIED = frozenset({408, 425, 429})


def sign(body: bytes, *, secret: str, seconds: int) -> str:
    """Return the value of the signature header: `t=SECONDS,v1=HMAC`, of the time, a dot and the body.

    The HMAC is SHA-256, in hexadecimal. The receiver checks it, and that the time is of the last
    minutes: an old message that somebody else sends again is then told apart.
    """
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that takes our messages; it is never followed to another one, which would carry the message there."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    seconds: Callable[[], float]

    def tell(self, message: Message) -> None:
        """Post the message; raise NotTold for anything but a success."""
        body = json.dumps(dict(message.document), separators=(",", ":"), ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "tripleo-gitops",
            EVENT_HEADER: message.event,
            DELIVERY_HEADER: message.id,
            SIGNATURE_HEADER: sign(body, secret=self.secret, seconds=int(self.seconds())),
        }
        try:
            answer = requests.post(
                self.url, data=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True
            )
            answer.close()
        except requests.RequestException as exc:  # its words name the address, which may hold a secret
            raise NotTold(f"the webhook cannot be reached ({type(exc).__name__})") from None
        if not answer.ok or answer.is_redirect:
            is_passing = answer.status_code >= 500 or answer.status_code in RETRIED
            raise NotTold(f"the webhook answered {answer.status_code}", is_final=not is_passing)
