"""Which registered node is which machine of the plan."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tripleo_gitops.nodes.drivers import find_family
from tripleo_gitops.nodes.validation import spelled_mac

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tripleo_gitops.nodes.desired import DesiredNode
    from tripleo_gitops.nodes.registered import RegisteredNode


class NodeIndex:
    """Registered nodes by everything that tells one machine from another."""

    def __init__(self, nodes: Sequence[RegisteredNode]) -> None:
        self._by_key: dict[str, set[str]] = defaultdict(set)
        self._by_name: dict[str, RegisteredNode] = {}
        self._by_uuid: dict[str, RegisteredNode] = {}
        for node in nodes:
            self._by_uuid[node.uuid] = node
            if node.state.name:
                self._by_name[node.state.name] = node
            for key in _keys_of(node):
                self._by_key[key].add(node.uuid)
        for node in nodes:
            for key in _keys_to_come(node):
                self._by_key.setdefault(key, {node.uuid})

    def candidates(self, wanted: DesiredNode) -> tuple[RegisteredNode, ...]:
        """Return the nodes that share an id, a MAC address or the management address with a machine.

        The name alone counts where nothing else is shared: a machine may get other ports and another address,
        and names are Ironic's to keep apart.
        """
        found: set[str] = {wanted.uuid} & self._by_uuid.keys() if wanted.uuid else set()
        for key in _keys_wanted(wanted):
            found |= self._by_key.get(key, set())
        if not found and wanted.name in self._by_name:
            return (self._by_name[wanted.name],)
        return tuple(self._by_uuid[uuid] for uuid in sorted(found))


def _keys_of(node: RegisteredNode) -> Iterator[str]:
    for port in node.ports:
        yield f"mac {spelled_mac(port.address)}"
    family = find_family(node.driver)
    unique = family.unique_id(node.driver_info) if family else None
    if unique:
        yield unique


def _keys_to_come(node: RegisteredNode) -> Iterator[str]:
    """Yield what a node without any port was to get: its registration broke off before its ports were made."""
    if node.mark is not None and not node.ports:
        for address in node.mark.ports:
            yield f"mac {spelled_mac(address)}"


def _keys_wanted(wanted: DesiredNode) -> Iterator[str]:
    for port in wanted.ports:
        yield f"mac {port.address}"
    if wanted.unique_id:
        yield wanted.unique_id
