"""Which nodes a command speaks of: those that are named, or all in a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tripleo_gitops.nodes.registered import NodeState


class UnknownNodes(NotFound):
    """Nodes that Ironic does not have; holds every one of them."""

    reason = "UnknownNodes"

    def __init__(self, names: Sequence[str]) -> None:
        shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
        super().__init__(f"Ironic has no node {shown}; `tripleo-plan node list` shows what it has")
        self.names = tuple(names)


def named_nodes(states: Iterable[NodeState], names: Sequence[str]) -> tuple[NodeState, ...]:
    """Return the nodes of these names or ids, in this order, each once; raise UnknownNodes."""
    known: dict[str, NodeState] = {}
    for state in states:
        known[state.uuid] = state
        if state.name:
            known[state.name] = state
    missing = [name for name in names if name not in known]
    if missing:
        raise UnknownNodes(missing)
    return tuple({known[name].uuid: known[name] for name in names}.values())


def nodes_in_state(states: Iterable[NodeState], state: str) -> tuple[NodeState, ...]:
    """Return the nodes in a provision state that are free: no instance, not in maintenance."""
    return tuple(node for node in states if node.provision_state == state and is_free(node))


def never_inspected(states: Iterable[NodeState]) -> tuple[NodeState, ...]:
    """Return the free nodes that could be inspected and never were."""
    return _where(states, lambda node: node.provision_state in ("enroll", "manageable", "inspect failed"))


def is_free(node: NodeState) -> bool:
    """Return whether nobody has a node, and nobody took it out."""
    return not node.maintenance and not node.instance_uuid


def _where(states: Iterable[NodeState], wanted: Callable[[NodeState], bool]) -> tuple[NodeState, ...]:
    return tuple(node for node in states if wanted(node) and is_free(node) and not node.inspection_finished_at)
