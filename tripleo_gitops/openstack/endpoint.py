"""What an address of the deployed cloud answers: one request, bounded in time and size, with TLS verified."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests

from tripleo_gitops.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES, SMALL = 1024 * 1024, 512


class NoAnswer(Unavailable):
    """An address that nothing answers at, or whose certificate is not one to trust."""

    reason = "NoAnswer"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and the begin of a body."""

    status: int
    body: str


def fetch_endpoint(url: str, *, timeout: float, verify: bool = True, ca_file: Path | None = None) -> Answer:
    """Return what a GET answers, redirects not followed; raise NoAnswer. No proxy and no .netrc are used."""
    with requests.Session() as session:
        session.trust_env = False
        trust: bool | str = str(ca_file) if verify and ca_file else verify
        try:
            with session.get(url, timeout=timeout, verify=trust, stream=True, allow_redirects=False) as response:
                return Answer(response.status_code, _body(response, until=time.monotonic() + timeout))
        except (requests.RequestException, ValueError) as exc:
            raise NoAnswer(f"no answer: {_words(exc)}") from exc


def _body(response: requests.Response, *, until: float) -> str:
    """Return the begin of a body: what came in time, and no more than is looked at."""
    body = b""
    for chunk in response.iter_content(SMALL):
        body += chunk
        if len(body) >= MOST_BYTES or time.monotonic() > until:
            break
    return body.decode(errors="replace")


def _words(exc: Exception) -> str:
    """Return what went wrong without the address, which may hold a secret."""
    kinds = (
        (requests.exceptions.SSLError, "its certificate is not one to trust"),
        (requests.exceptions.Timeout, "it took too long"),
        (requests.exceptions.ConnectionError, "nothing listens there, or it closed the connection"),
    )
    return next((words for kind, words in kinds if isinstance(exc, kind)), type(exc).__name__)
