"""ironic-inspector, where a cloud still has it: introspections begun, watched, broken off; results and rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from keystoneauth1 import exceptions as auth

from tripleo_gitops.errors import GitopsError, NotFound, Refused
from tripleo_gitops.openstack.connection import (
    CONNECT_RETRIES,
    RETRIED_STATUSES,
    CloudUnavailable,
    RequestRejected,
    told,
)
from tripleo_gitops.openstack.ironic_requests import reason_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests
    from openstack.connection import Connection

TYPE = "baremetal-introspection"
SERVICE = "ironic-inspector"
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Introspection:
    """How the last introspection of a node goes, or went: `error` is None where nothing is wrong."""

    uuid: str
    is_finished: bool
    error: str | None
    finished_at: str | None


class Inspector:
    """The ironic-inspector of one cloud."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_there(self) -> bool:
        """Return whether the catalog has it."""
        try:
            return self._connection.session.get_endpoint(service_type=TYPE) is not None
        except auth.EndpointNotFound:
            return False

    def start(self, uuid: str, *, manages_boot: bool) -> None:
        """Begin an introspection; without `manages_boot` the machine's power and boot device are left alone."""
        query = None if manages_boot else {"manage_boot": "0"}
        self._send("POST", f"/v1/introspection/{uuid}", query=query)

    def abort(self, uuid: str) -> None:
        """Break an introspection off."""
        self._send("POST", f"/v1/introspection/{uuid}/abort")

    def statuses(self) -> tuple[Introspection, ...]:
        """Return the last introspection of every node."""
        found: list[Introspection] = []
        marker: dict[str, str] = {}
        while True:
            page = self._send("GET", "/v1/introspection", query=marker).json()["introspection"]
            found += [_introspection(one) for one in page]
            if not page or len(page) < PAGE:
                return tuple(found)
            marker = {"marker": page[-1]["uuid"]}

    def inventory(self, ident: str) -> Mapping[str, Any] | None:
        """Return what the ramdisk posted of a node; None where nothing is kept of it."""
        try:
            found = self._send("GET", f"/v1/introspection/{quote(ident, safe='')}/data").json()
        except NotFound:
            return None
        inventory = found.get("inventory")
        return inventory if isinstance(inventory, dict) else None

    def rules(self) -> tuple[Mapping[str, Any], ...]:
        """Return the rules that there are."""
        return tuple(self._send("GET", "/v1/rules").json()["rules"])

    def create_rule(self, rule: Mapping[str, Any]) -> None:
        """Add a rule."""
        self._send("POST", "/v1/rules", body=dict(rule))

    def delete_rule(self, uuid: str) -> None:
        """Remove a rule; one that is gone already is fine."""
        try:
            self._send("DELETE", f"/v1/rules/{uuid}")
        except NotFound:
            return

    def _send(
        self, method: str, path: str, *, body: Any = None, query: Mapping[str, str] | None = None
    ) -> requests.Response:
        with told(SERVICE):
            response = self._connection.session.request(
                path,
                method,
                json=body,
                params=dict(query or {}),
                endpoint_filter={"service_type": TYPE},
                connect_retries=CONNECT_RETRIES,
                raise_exc=False,
            )
        if response.status_code >= 400:
            raise _refusal(response)
        return response


def _refusal(response: requests.Response) -> GitopsError:
    status, words = response.status_code, reason_of(response)
    if status == 404:
        return NotFound(f"{SERVICE}: {words}")
    if status == 409:
        return Refused(f"{SERVICE}: {words}")
    if status in RETRIED_STATUSES:
        return CloudUnavailable(f"{SERVICE}: answered {status}: {words}; nothing is lost, try again")
    return RequestRejected(SERVICE, words, status=status)


def _introspection(entry: Mapping[str, Any]) -> Introspection:
    return Introspection(
        uuid=entry["uuid"],
        is_finished=bool(entry.get("finished")),
        error=entry.get("error") or None,
        finished_at=entry.get("finished_at"),
    )
