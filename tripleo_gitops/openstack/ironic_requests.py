"""Requests to Ironic: its version settled once, its locks waited for, its reasons in one line."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import NotFound, Refused
from tripleo_gitops.openstack.connection import (
    CONNECT_RETRIES,
    RETRIED_STATUSES,
    CloudRefused,
    CloudUnavailable,
    RequestRejected,
    told,
)
from tripleo_gitops.openstack.retrying import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests
    from openstack.connection import Connection

NEWEST = (1, 96)
"""The newest version of Ironic's API that the tool speaks: inspection rules."""
PAGE = 1000
TROUBLED = frozenset((429, *(status for status in RETRIED_STATUSES if status != 409)))
SERVICE = "Ironic"
LOCKED = Patience(tries=5, first=0.5, most=4.0)
"""Ironic itself tries three seconds for a lock before it answers."""


class NodeNotFound(NotFound):
    """A node that Ironic does not have."""

    reason = "NodeNotFound"


class NodeBusy(Refused):
    """A node, or what is to be made, that something else holds: Ironic works on it, or the name is taken."""

    reason = "NodeBusy"


class IronicRequests:
    """One project's way to Ironic."""

    def __init__(self, connection: Connection, *, patience: Patience = LOCKED) -> None:
        self._connection, self._patience = connection, patience
        self._version: str | None = None
        self._turn = threading.Lock()

    @property
    def version(self) -> str:
        """The version of the API that both sides speak."""
        with self._turn:
            if self._version is None:
                self._version = self._settle()
            return self._version

    def is_at_least(self, minor: int) -> bool:
        """Return whether Ironic speaks version 1.`minor`."""
        return int(self.version.split(".")[1]) >= minor

    def get(self, path: str, **query: Any) -> Any:
        """Return an answer's document."""
        return self.send("GET", path, query=query).json()

    def pages(self, path: str, key: str, **query: Any) -> Iterator[Mapping[str, Any]]:
        """Yield the entries of a listing, however many requests that takes."""
        document = self.get(path, limit=PAGE, **query)
        yield from document[key]
        while document.get("next") and document[key]:
            document = self.get(path, limit=PAGE, marker=document[key][-1]["uuid"], **query)
            yield from document[key]

    def send(
        self, method: str, path: str, *, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> requests.Response:
        """Return an answer that is no refusal; raise NodeNotFound, NodeBusy, and what `told` raises.

        A change of a node that something else holds is asked for again a few times, but for its provision state:
        whoever leads many nodes does not wait for one.
        """
        for failed in range(1, self._patience.tries):
            response = self._once(method, path, body=body, query=query)
            if response.status_code != 409 or not _waits_for_lock(method, path):
                break
            time.sleep(self._patience.pause(failed))
        else:
            response = self._once(method, path, body=body, query=query)
        if response.status_code >= 400:
            raise _refusal(response)
        return response

    def _once(self, method: str, path: str, *, body: Any, query: Mapping[str, Any] | None) -> requests.Response:
        with told(SERVICE):
            return self._connection.baremetal.request(
                path,
                method,
                json=body,
                params=dict(query or {}),
                microversion=self.version,
                connect_retries=CONNECT_RETRIES,
                status_code_retries=3 if method == "GET" else 0,
                retriable_status_codes=list(RETRIED_STATUSES),
                raise_exc=False,
            )

    def _settle(self) -> str:
        with told(SERVICE):
            data = self._connection.baremetal.get_endpoint_data()
        newest = getattr(data, "max_microversion", None) or (1, 1)
        return ".".join(str(part) for part in min(tuple(newest), NEWEST))


def _waits_for_lock(method: str, path: str) -> bool:
    return method in ("PUT", "PATCH", "DELETE") and not path.endswith("/states/provision")


def _refusal(response: requests.Response) -> Exception:
    status, words = response.status_code, reason_of(response)
    if status == 404:
        return NodeNotFound(f"{SERVICE}: {words}")
    if status == 409:
        return NodeBusy(f"{SERVICE}: {words}")
    if status == 401:
        return CloudRefused(f"{SERVICE}: the token is not accepted or has expired; log in again")
    if status == 403:
        return CloudRefused(f"{SERVICE}: this user may not do that in this project; a role is missing")
    if status in TROUBLED:
        return CloudUnavailable(f"{SERVICE}: answered {status}: {words}; nothing is lost, try again")
    return RequestRejected(SERVICE, words, status=status)


def reason_of(response: requests.Response) -> str:
    """Return what Ironic says in an error: a document inside a text inside a document."""
    try:
        found: Any = response.json()
    except ValueError:
        return f"status {response.status_code}"
    message = found.get("error_message", found.get("error", found)) if isinstance(found, dict) else found
    if isinstance(message, str):
        try:
            message = json.loads(message)
        except ValueError:
            return _line(message)
    if isinstance(message, dict):
        message = message.get("faultstring") or message.get("message") or message.get("title") or ""
    return _line(str(message)) or f"status {response.status_code}"


def _line(text: str) -> str:
    return " ".join(text.split())[:600]
