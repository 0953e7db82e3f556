"""Ironic's allocations: nodes reserved under a host name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tripleo_gitops.nodes.placement import PLAN_KEY, Allocation
from tripleo_gitops.openstack.ironic_requests import NodeNotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.openstack.ironic_requests import IronicRequests


class IronicAllocations:
    """The allocations that one project may see."""

    def __init__(self, requests: IronicRequests) -> None:
        self._requests = requests

    def allocations(self) -> tuple[Allocation, ...]:
        """Return every allocation that has a name."""
        found = self._requests.pages("/allocations", "allocations")
        return tuple(_allocation(entry) for entry in found if entry.get("name"))

    def allocation(self, hostname: str) -> Allocation:
        """Return one by its host name; raise NodeNotFound."""
        return _allocation(self._requests.get(f"/allocations/{quote(hostname, safe='')}"))

    def allocate(self, hostname: str, *, node: str, resource_class: str, traits: Sequence[str], plan: str) -> None:
        """Ask for a node under a host name, for a plan; Ironic takes no other node."""
        body = {
            "name": hostname,
            "resource_class": resource_class,
            "candidate_nodes": [node],
            "traits": list(traits),
            "extra": {PLAN_KEY: plan},
        }
        self._requests.send("POST", "/allocations", body=body)

    def release(self, uuid: str) -> None:
        """Give a reservation back; one that is gone already is fine."""
        try:
            self._requests.send("DELETE", f"/allocations/{uuid}")
        except NodeNotFound:
            return


def _allocation(entry: Mapping[str, Any]) -> Allocation:
    return Allocation(
        uuid=entry["uuid"],
        hostname=entry["name"],
        node=entry.get("node_uuid"),
        state=entry["state"],
        plan=str((entry.get("extra") or {}).get(PLAN_KEY) or ""),
        last_error=" ".join((entry.get("last_error") or "").split()),
    )
