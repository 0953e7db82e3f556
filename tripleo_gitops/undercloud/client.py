"""A small HTTP client for JSON services on 127.0.0.1, with a time limit on everything.

Starting an undercloud should not wait for a client library to be imported.
"""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import Unavailable
from tripleo_gitops.undercloud.errors import Refusal
from tripleo_gitops.undercloud.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 60.0
CLIENT = "3f1d0a52-6c0e-4c7b-9a44-5b1e6a7f0d23"  # Zaqar answers nobody who does not say which client it is


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: status, headers by lower-case name, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    port: int,
    method: str,
    path: str,
    *,
    token: str = "",
    body: Any = None,
    timeout: float = TIMEOUT,
) -> Answer:
    """Return a service's answer, whatever its status; raise Unavailable if none came."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    headers = {"Accept": "application/json", "Content-Type": "application/json", "Client-ID": CLIENT}
    if token:
        headers["X-Auth-Token"] = token
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(f"{method} http://{HOST}:{port}{path} was not answered: {error}") from error
    finally:
        connection.close()


def demand(
    port: int,
    method: str,
    path: str,
    *,
    token: str = "",
    body: Any = None,
    timeout: float = TIMEOUT,
) -> Answer:
    """Return a service's answer; raise Refusal if its status is not one of success."""
    answer = ask(port, method, path, token=token, body=body, timeout=timeout)
    if not 200 <= answer.status < 300:
        raise Refusal(
            request=f"{method} http://{HOST}:{port}{path}",
            status=answer.status,
            body=answer.body.decode("utf-8", "replace"),
        )
    return answer
