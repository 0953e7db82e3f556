"""Try a request again where trying again can help: backoff that doubles, with jitter."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keystoneauth1 import exceptions as auth

from tripleo_gitops.openstack.connection import RETRIED_STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

PASSING = (auth.RetriableConnectionFailure, auth.UnknownConnectionError)
"""What keystoneauth raises for a connection that was refused, reset or cut, and for an answer that did not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often to try, and how long to wait between: seconds before the second try, and at most."""

    tries: int = 5
    first: float = 0.2
    most: float = 8.0

    def pause(self, failed: int) -> float:
        """Return the seconds to wait after `failed` tries: anything from half to all of a doubling span."""
        return min(self.most, self.first * 2.0 ** (failed - 1)) * random.uniform(0.5, 1.0)  # noqa: S311  # no secret


def ask_again(ask: Callable[[], requests.Response], patience: Patience) -> requests.Response:
    """Return an answer that is no server's failure, or the last one; other statuses of 4xx are answers.

    Raises what the last try raised where no answer came at all.
    """
    for failed in range(1, patience.tries):
        try:
            response = ask()
        except PASSING:
            time.sleep(patience.pause(failed))
            continue
        if response.status_code not in RETRIED_STATUSES:
            return response
        time.sleep(max(patience.pause(failed), _asked_pause(response, patience)))
    return ask()


def _asked_pause(response: requests.Response, patience: Patience) -> float:
    """Return the seconds that a server asks for in Retry-After, up to our own limit."""
    asked = response.headers.get("Retry-After", "")
    return min(float(asked), patience.most) if asked.isdecimal() else 0.0
