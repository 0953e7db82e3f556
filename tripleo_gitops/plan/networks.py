"""network_data.yaml: the networks of a plan, as their templates see them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.remembered import remembered
from tripleo_gitops.plan.document import Document, KeyPath

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.tree import PlanTree

NETWORKS_FILE = "network_data.yaml"
SHIPPED_NETWORKS_FILE = "network-data-samples/default-network-isolation.yaml"
"""What tripleo-heat-templates render with since they have no network_data.yaml any more."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_TYPES: tuple[tuple[str, type], ...] = (
    ("enabled", bool),
    ("vip", bool),
    ("ipv6", bool),
    ("ip_subnet", str),
    ("ipv6_subnet", str),
    ("gateway_ip", str),
    ("gateway_ipv6", str),
    ("compat_name", str),
    ("allocation_pools", list),
    ("ipv6_allocation_pools", list),
    ("routes", list),
    ("routes_ipv6", list),
    ("subnets", dict),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One network; `fields` is everything that the file says of it, known to us or not."""

    name: str
    name_lower: str
    enabled: bool = True
    vip: bool = False
    fields: Mapping[str, Any]


def networks_file(tree: PlanTree) -> str | None:
    """Return the file that says which networks a plan has, or None for a plan without networks."""
    paths = tree.paths()
    return next((path for path in (NETWORKS_FILE, SHIPPED_NETWORKS_FILE) if path in paths), None)


def read_networks(tree: PlanTree) -> tuple[Network, ...]:
    """Return a plan's networks, none if it has no networks file; raises InvalidDocument."""
    path = networks_file(tree)
    return parse_networks(tree.read(path), source=path) if path is not None else ()


def parse_networks(content: bytes, *, source: str = NETWORKS_FILE) -> tuple[Network, ...]:
    """Return the networks in a file, in its order; raises InvalidDocument with the line."""
    return _networks(content, source=source)


@remembered
def _networks(content: bytes, *, source: str) -> tuple[Network, ...]:
    document = Document(content, source=source)
    entries = document.value if document.value is not None else []
    document.expect(entries, list, (), what="a list of networks")
    networks = tuple(_network(document, entry, (index,)) for index, entry in enumerate(entries))
    _check_twins(document, networks)
    return networks


def _network(document: Document, entry: Any, path: KeyPath) -> Network:
    document.expect(entry, dict, path, what="a network, a mapping with a name,")
    name = document.get(entry, "name", str, path, required=True)
    name_lower = document.get(entry, "name_lower", str, path) or name.lower()
    for key, value in (("name", name), ("name_lower", name_lower)):
        if not _NAME.fullmatch(value):
            raise document.error((*path, key), f"{value!r} names no network: letters, digits, '-', '_' and '.'")
    for key, kind in _TYPES:
        document.get(entry, key, kind, path)
    enabled = entry.get("enabled") is not False
    return Network(
        name=name,
        name_lower=name_lower,
        enabled=enabled,
        vip=entry.get("vip") is True,
        fields=MappingProxyType(entry),
    )


def _check_twins(document: Document, networks: tuple[Network, ...]) -> None:
    """Refuse two networks of one name, and two enabled ones whose files would have one name."""
    names: set[str] = set()
    files: dict[str, str] = {}
    for index, network in enumerate(networks):
        if network.name in names:
            raise document.error((index, "name"), f"{network.name}: a network of that name is defined above")
        names.add(network.name)
        other = files.setdefault(network.name_lower, network.name) if network.enabled else network.name
        if other != network.name:
            raise document.error((index, "name"), f"{network.name}: its files are named as those of {other}")
