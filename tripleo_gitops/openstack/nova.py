"""Nova's flavors, with their extra specs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from openstack import exceptions as sdk

from tripleo_gitops.nodes.flavors import FoundFlavor
from tripleo_gitops.openstack.connection import CONNECT_RETRIES, RETRIED_STATUSES, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests
    from openstack.connection import Connection

SERVICE = "Nova"
WITH_SPECS = "2.61"
"""The version of the API that lists flavors together with their extra specs."""
PAGE = 500


class NovaFlavors:
    """The flavors that one project sees."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def flavors(self) -> tuple[FoundFlavor, ...]:
        """Return every flavor: one listing, whatever their number below 500."""
        return tuple(_flavor(entry) for entry in self._entries())

    def create(self, name: str, sizes: Mapping[str, int]) -> str:
        """Make a flavor without extra specs, for everybody, and return its id."""
        body = {"flavor": {"name": name, "os-flavor-access:is_public": True, **sizes}}
        return str(self._send("POST", "/flavors", body).json()["flavor"]["id"])

    def set_specs(self, ident: str, specs: Mapping[str, str]) -> None:
        """Set extra specs of a flavor; the others stay."""
        self._send("POST", f"/flavors/{ident}/os-extra_specs", {"extra_specs": dict(specs)})

    def unset_spec(self, ident: str, name: str) -> None:
        """Take an extra spec of a flavor away."""
        self._send("DELETE", f"/flavors/{ident}/os-extra_specs/{quote(name, safe=':')}")

    def _entries(self) -> Iterator[Mapping[str, Any]]:
        marker = ""
        while True:
            after = f"&marker={quote(marker, safe='')}" if marker else ""
            entries = self._send("GET", f"/flavors/detail?is_public=none&limit={PAGE}{after}").json()["flavors"]
            yield from entries
            if len(entries) < PAGE:
                return
            marker = entries[-1]["id"]

    def _send(self, method: str, path: str, body: Any = None) -> requests.Response:
        with told(SERVICE):
            response: requests.Response = self._connection.compute.request(
                path,
                method,
                json=body,
                microversion=WITH_SPECS,
                connect_retries=CONNECT_RETRIES,
                status_code_retries=3 if method == "GET" else 0,
                retriable_status_codes=list(RETRIED_STATUSES),
                raise_exc=False,
            )
            sdk.raise_from_response(response)
        return response


def _flavor(entry: Mapping[str, Any]) -> FoundFlavor:
    return FoundFlavor(
        id=entry["id"],
        name=entry["name"],
        vcpus=entry["vcpus"],
        ram=entry["ram"],
        disk=entry["disk"],
        specs=entry.get("extra_specs") or {},
    )
