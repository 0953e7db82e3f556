"""Which node is to get which instance: decided for all of them at once, before the first is reserved."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.nodes.profiles import PROFILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tripleo_gitops.nodes.instances import Instance
    from tripleo_gitops.nodes.registered import RegisteredNode

FREE = "available"
PLAN_KEY = "tripleo_gitops_plan"
"""The key of an allocation's `extra` that says whose it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """A reservation in Ironic: the host name it is for, the node that it got, the plan that made it."""

    uuid: str
    hostname: str
    node: str | None
    state: str
    plan: str = ""
    last_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An instance and its node; `is_reserved` where an earlier run reserved it."""

    instance: Instance
    node: RegisteredNode
    is_reserved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Instances with their nodes, reservations that led to none, and what no node was found for, with the reasons."""

    placed: tuple[Placed, ...]
    stale: tuple[Allocation, ...]
    shortages: tuple[str, ...]


def place_instances(
    instances: Iterable[Instance],
    nodes: Sequence[RegisteredNode],
    allocations: Iterable[Allocation],
    *,
    plan: str,
) -> Placement:
    """Return a node for each instance if there is any way at all; those that have one keep it.

    A node without a profile is taken first for an instance that asks for none.
    """
    by_name = {one.hostname: one for one in allocations}
    by_id = {node.uuid: node for node in nodes}
    kept: list[Placed] = []
    stale: list[Allocation] = []
    shortages: list[str] = []
    waiting: list[Instance] = []
    for one in instances:
        found = by_name.get(one.hostname)
        node = by_id.get(found.node or "") if found else None
        if found is not None and found.plan != plan:
            owner = f"the plan {found.plan}" if found.plan else "somebody else"
            shortages.append(f"{one.hostname}: {owner} has a reservation of that name; give another host name")
        elif node is not None:
            kept.append(Placed(instance=one, node=node, is_reserved=True))
        else:
            stale += [found] if found else []
            waiting.append(one)
    placed, unplaced = _match(waiting, [node for node in nodes if _is_free(node)])
    free = {node.uuid for node in nodes if _is_free(node)} - {node.uuid for node in placed.values()}
    shortages += [_shortage(one, nodes, free) for one in unplaced]
    found_now = [Placed(instance=one, node=placed[one.hostname]) for one in waiting if one.hostname in placed]
    return Placement(placed=(*kept, *found_now), stale=tuple(stale), shortages=tuple(shortages))


def _match(
    instances: Sequence[Instance], nodes: Sequence[RegisteredNode]
) -> tuple[dict[str, RegisteredNode], list[Instance]]:
    """Return a largest assignment (augmenting paths, the choosiest instances first), and who got none."""
    choices = {one.hostname: _candidates(one, nodes) for one in instances}
    by_name = {one.hostname: one for one in instances}
    taken: dict[str, str] = {}
    by_id = {node.uuid: node for node in nodes}
    unplaced = [
        by_name[hostname]
        for hostname in sorted(choices, key=lambda name: len(choices[name]))
        if not _assign(hostname, choices, taken)
    ]
    return {hostname: by_id[uuid] for uuid, hostname in taken.items()}, unplaced


def _assign(hostname: str, choices: Mapping[str, Sequence[str]], taken: dict[str, str]) -> bool:
    """Give a host a node, where need be by moving others; breadth first, so that no depth is a limit."""
    came_from: dict[str, str] = {}
    queue = [hostname]
    for current in queue:
        for node in choices[current]:
            if node in came_from:
                continue
            came_from[node] = current
            if node not in taken:
                _shift(node, came_from, taken, hostname)
                return True
            queue.append(taken[node])
    return False


def _shift(node: str, came_from: Mapping[str, str], taken: dict[str, str], first: str) -> None:
    had = {host: uuid for uuid, host in taken.items()}
    while True:
        host = came_from[node]
        before = had.get(host)
        taken[node] = host
        if host == first or before is None:
            return
        node = before


def _candidates(one: Instance, nodes: Sequence[RegisteredNode]) -> list[str]:
    fitting = [node for node in nodes if not _why_not(one, node)]
    asks = PROFILE in one.capabilities
    return [node.uuid for node in sorted(fitting, key=lambda node: not asks and PROFILE in node.capabilities)]


def _is_free(node: RegisteredNode) -> bool:
    return not node.state.maintenance and not node.state.instance_uuid and node.state.provision_state == FREE


def _why_not(one: Instance, node: RegisteredNode) -> str:
    """Return why a free node does not do for an instance; empty where it does."""
    if one.node and one.node not in (node.state.name, node.uuid):
        return "of another name"
    if node.resource_class != one.resource_class:
        return f"of the resource class {node.resource_class}, not {one.resource_class}"
    lacking = [trait for trait in one.traits if trait not in node.traits]
    if lacking:
        return f"without the trait {lacking[0]}"
    has = node.capabilities
    wrong = [name for name, value in one.capabilities.items() if has.get(name) != value]
    return f"without the capability {wrong[0]}:{one.capabilities[wrong[0]]}" if wrong else ""


def _shortage(one: Instance, nodes: Sequence[RegisteredNode], free: set[str]) -> str:
    counted: Counter[str] = Counter()
    for node in nodes:
        if node.state.maintenance:
            counted["in maintenance"] += 1
        elif node.state.provision_state != FREE:
            counted[f"in state {node.state.provision_state}"] += 1
        else:
            counted[_why_not(one, node) or ("free" if node.uuid in free else "for another instance already")] += 1
    reasons = "; ".join(f"{count} {reason}" for reason, count in counted.most_common())
    return f"{one.hostname}: no node is left: {reasons or 'Ironic has none'}"
