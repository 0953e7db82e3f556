"""Introspect nodes, keep what was found, and tell what is not as it was the last time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.errors import GitopsError, NotFound
from tripleo_gitops.nodes.inventory import (
    Inventory,
    InventoryChange,
    compare_inventories,
    from_document,
    read_inventory,
    to_document,
)
from tripleo_gitops.nodes.states import ABORTABLE, Goal, Verb
from tripleo_gitops.operations.nodes.fleet import act_on_each
from tripleo_gitops.operations.nodes.journeys import Errand, lead_nodes
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOptions, FleetOutcome, NodeOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.nodes.registered import NodeState
    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.outcomes import Show
    from tripleo_gitops.operations.nodes.store import NodeGuide
    from tripleo_gitops.plan.rendering import RenderCache

KEPT = 2


class InventorySource(Protocol):
    """Knows what the ramdisk of a node posted last."""

    def inventory(self, ident: str) -> Mapping[str, Any] | None: ...


class NoInventory(NotFound):
    """A node of which nothing was found out, or only once."""

    reason = "NoInventory"


@dataclass(frozen=True, slots=True)
class NodeFindings:
    """What introspection found out about a node; `changes` since the last time, None where this is the first."""

    node: str
    inventory: Inventory
    changes: tuple[InventoryChange, ...] | None


@dataclass(frozen=True, slots=True)
class IntrospectionOutcome:
    """What became of each node, and what was found out."""

    fleet: FleetOutcome
    findings: tuple[NodeFindings, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """The last results of introspections, and this machine's memory of those before, which may forget."""

    source: InventorySource
    memory: RenderCache

    def learn(self, node: NodeState) -> NodeFindings | None:
        """Ask for a node's result, remember it, and return it beside the one before; None where there is none."""
        try:
            document = self.source.inventory(node.uuid)
        except GitopsError:
            document = None
        kept = self._recall(node.uuid)
        if document is not None:
            found = {"mark": _mark(document), "inventory": to_document(read_inventory(document))}
            if not kept or kept[-1]["mark"] != found["mark"]:
                kept = [*kept, found][-KEPT:]
                self.memory.put(_key(node.uuid), json.dumps(kept).encode())
        if not kept:
            return None
        last = from_document(kept[-1]["inventory"])
        changes = compare_inventories(from_document(kept[-2]["inventory"]), last) if len(kept) == KEPT else None
        return NodeFindings(node.label, last, changes)

    def _recall(self, uuid: str) -> list[dict[str, Any]]:
        content = self.memory.get(_key(uuid))
        found = json.loads(content) if content is not None else []
        return found if isinstance(found, list) else []


def introspect_nodes(
    guide: NodeGuide,
    results: Results,
    nodes: Sequence[NodeState],
    *,
    options: FleetOptions,
    clock: Clock,
    show: Show,
) -> IntrospectionOutcome:
    """Introspect nodes, a few at a time, and return what became of each with what was found.

    What is kept of a node before is remembered first, since the services keep the last result only; the memory is
    this machine's and may forget. A result that cannot be had does not make a node a failure.
    """
    for node in nodes:
        if node.inspection_finished_at:
            results.learn(node)
    fleet = lead_nodes(guide, nodes, Errand(Goal.INSPECTED), options=options, clock=clock, show=show)
    ended = {one.uuid for one in fleet.outcomes if one.ending is not Ending.FAILED}
    found = (results.learn(node) for node in nodes if node.uuid in ended)
    return IntrospectionOutcome(fleet, tuple(one for one in found if one is not None))


def findings_of(results: Results, node: NodeState) -> NodeFindings:
    """Return the last result of a node and how it differs from the one before; raise NoInventory."""
    found = results.learn(node)
    if found is None:
        raise NoInventory(f"nothing is known of {node.label}; `tripleo-plan node introspect {node.label}` finds it out")
    return found


def abort_introspections(
    guide: NodeGuide, nodes: Sequence[NodeState], *, options: FleetOptions, clock: Clock, show: Show
) -> FleetOutcome:
    """Break off what nodes wait for; those that wait for nothing are left alone."""

    def act(node: NodeState) -> NodeOutcome:
        if node.provision_state not in ABORTABLE:
            return _told(node)
        guide.provision(node.uuid, Verb.ABORT.value)
        return _told(node, Ending.DONE)

    return act_on_each(nodes, act, _told, concurrency=options.concurrency, clock=clock, show=show)


def _told(node: NodeState, ending: Ending = Ending.UNCHANGED) -> NodeOutcome:
    return NodeOutcome(node=node.label, uuid=node.uuid, verb="abort", ending=ending, before=node.provision_state)


def _mark(document: Mapping[str, Any]) -> str:
    """Return what tells one result from another, without keeping it: serial numbers are enough of a trace."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()


def _key(uuid: str) -> str:
    return f"inventory {uuid}"
