"""Ironic's nodes: listed, made, changed, led from state to state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tripleo_gitops.nodes.drivers import INTERFACE_FIELDS
from tripleo_gitops.nodes.registered import NodeState, RegisteredNode, RegisteredPort
from tripleo_gitops.openstack.ironic_requests import NodeNotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.openstack.ironic_requests import IronicRequests

STATE_FIELDS = (
    "uuid",
    "name",
    "provision_state",
    "target_provision_state",
    "power_state",
    "maintenance",
    "maintenance_reason",
    "reservation",
    "last_error",
    "instance_uuid",
    "inspection_finished_at",
    "inspect_interface",
)
NODE_FIELDS = (
    *STATE_FIELDS,
    "driver",
    "driver_info",
    "properties",
    "extra",
    "resource_class",
    "traits",
    "conductor_group",
    "description",
    "owner",
)
SINCE = {
    "conductor_group": 46,
    "description": 51,
    "owner": 50,
    "traits": 37,
    "bios_interface": 40,
    "rescue_interface": 38,
}
"""In which version of the API a field of nodes came."""
SINCE |= {"firmware_interface": 86, "storage_interface": 33, "resource_class": 21}
PORT_FIELDS = ("uuid", "node_uuid", "address", "physical_network", "local_link_connection", "pxe_enabled")


class IronicNodes:
    """The nodes that one project may see."""

    def __init__(self, requests: IronicRequests) -> None:
        self._requests = requests

    def nodes(self) -> tuple[RegisteredNode, ...]:
        """Return every node with its ports: two listings, whatever the number of nodes."""
        fields = ",".join(name for name in (*NODE_FIELDS, *INTERFACE_FIELDS) if self._knows(name))
        entries = list(self._requests.pages("/nodes", "nodes", fields=fields))
        ports: dict[str, list[RegisteredPort]] = {}
        for entry in self._requests.pages("/ports", "ports", fields=",".join(PORT_FIELDS)):
            ports.setdefault(entry["node_uuid"], []).append(_port(entry))
        return tuple(_node(entry, ports.get(entry["uuid"], ())) for entry in entries)

    def node(self, ident: str) -> RegisteredNode:
        """Return one node by name or id; raise NodeNotFound."""
        entry = self._requests.get(f"/nodes/{quote(ident, safe='')}")
        ports = self._requests.pages("/ports", "ports", node=entry["uuid"], fields=",".join(PORT_FIELDS))
        return _node(entry, [_port(port) for port in ports])

    def document(self, ident: str) -> Mapping[str, Any]:
        """Return everything that Ironic says of one node; secrets are masked by Ironic."""
        found: dict[str, Any] = self._requests.get(f"/nodes/{quote(ident, safe='')}")
        found.pop("links", None)
        return {name: value for name, value in found.items() if not _is_link(value)}

    def states(self) -> tuple[NodeState, ...]:
        """Return where every node is: one listing."""
        return tuple(_state(entry) for entry in self._requests.pages("/nodes", "nodes", fields=",".join(STATE_FIELDS)))

    def create(self, body: Mapping[str, Any]) -> str:
        """Register a node and return its id."""
        return str(self._requests.send("POST", "/nodes", body=body).json()["uuid"])

    def patch(self, uuid: str, operations: Sequence[Mapping[str, Any]], *, resets_interfaces: bool = False) -> None:
        """Change a node by JSON patch; with another driver, its interfaces go back to that driver's own."""
        query = {"reset_interfaces": "True"} if resets_interfaces else None
        self._requests.send("PATCH", f"/nodes/{uuid}", body=list(operations), query=query)

    def delete(self, uuid: str) -> None:
        """Remove a node and its ports; one that is gone already is fine."""
        try:
            self._requests.send("DELETE", f"/nodes/{uuid}")
        except NodeNotFound:
            return

    def set_traits(self, uuid: str, traits: Sequence[str]) -> None:
        """Make these all the traits of a node."""
        self._requests.send("PUT", f"/nodes/{uuid}/traits", body={"traits": list(traits)})

    def create_port(self, body: Mapping[str, Any]) -> None:
        """Add a port to a node."""
        self._requests.send("POST", "/ports", body=body)

    def patch_port(self, uuid: str, operations: Sequence[Mapping[str, Any]]) -> None:
        """Change a port by JSON patch."""
        self._requests.send("PATCH", f"/ports/{uuid}", body=list(operations))

    def delete_port(self, uuid: str) -> None:
        """Remove a port; one that is gone already is fine."""
        try:
            self._requests.send("DELETE", f"/ports/{uuid}")
        except NodeNotFound:
            return

    def provision(self, uuid: str, verb: str, **options: Any) -> None:
        """Ask for a change of provision state; returns when Ironic has begun it."""
        self._requests.send("PUT", f"/nodes/{uuid}/states/provision", body={"target": verb, **options})

    def validate(self, uuid: str) -> Mapping[str, tuple[bool | None, str]]:
        """Return for each interface whether Ironic could work with the node, and if not, why."""
        answer = self._requests.get(f"/nodes/{uuid}/validate")
        return {name: (one.get("result"), one.get("reason") or "") for name, one in answer.items()}

    def _knows(self, field: str) -> bool:
        return self._requests.is_at_least(SINCE.get(field, 31 if field.endswith("_interface") else 1))


def _is_link(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "href" in value[0]


def _state(entry: Mapping[str, Any]) -> NodeState:
    values: dict[str, Any] = {name: entry.get(name) for name in STATE_FIELDS}
    values["provision_state"] = values["provision_state"] or ""
    return NodeState(**{**values, "maintenance": bool(values["maintenance"])})


def _node(entry: Mapping[str, Any], ports: Sequence[RegisteredPort]) -> RegisteredNode:
    return RegisteredNode(
        state=_state(entry),
        driver=entry["driver"],
        driver_info=entry.get("driver_info") or {},
        properties=entry.get("properties") or {},
        extra=entry.get("extra") or {},
        resource_class=entry.get("resource_class"),
        traits=tuple(entry.get("traits") or ()),
        interfaces={name: entry[name] for name in INTERFACE_FIELDS if entry.get(name)},
        fields={name: entry.get(name) for name in ("conductor_group", "description", "owner")},
        ports=tuple(ports),
    )


def _port(entry: Mapping[str, Any]) -> RegisteredPort:
    return RegisteredPort(
        uuid=entry["uuid"],
        node=entry["node_uuid"],
        address=entry["address"].lower(),
        physical_network=entry.get("physical_network"),
        local_link_connection=entry.get("local_link_connection") or {},
        pxe_enabled=bool(entry.get("pxe_enabled", True)),
    )
