"""Make Ironic's nodes those of a plan: a diff first, then what it says, node by node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import GitopsError, Refused
from tripleo_gitops.nodes.capabilities import format_capabilities
from tripleo_gitops.nodes.changes import ChangeKind, NodeChange, NodeDiff, PortChange
from tripleo_gitops.nodes.desired import DEFAULT_NETWORK, DesiredNode, DesiredPort
from tripleo_gitops.nodes.diff import diff_nodes
from tripleo_gitops.nodes.registered import MARK, RegisteredNode
from tripleo_gitops.nodes.secret import Secret
from tripleo_gitops.operations.nodes.fleet import act_on_each
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOptions, FleetOutcome, NodeOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.outcomes import Show
    from tripleo_gitops.operations.nodes.store import NodeReader, NodeWriter

REMOVABLE = frozenset(("enroll", "manageable", "available", "adopt failed", "inspect failed", "clean failed"))


class UnsafeRemoval(Refused):
    """Nodes are to be removed, and the plan says too little to be sure of it."""

    reason = "UnsafeRemoval"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationPlan:
    """What a registration would do; `removes` says whether nodes that are gone from the plan are removed, too."""

    name: str
    diff: NodeDiff
    removes: bool = False

    @property
    def changes(self) -> tuple[NodeChange, ...]:
        """What is done: removals only where they were asked for, and last."""
        kept = tuple(change for change in self.diff.changes if change.kind is not ChangeKind.REMOVE)
        return kept + (self.diff.of_kind(ChangeKind.REMOVE) if self.removes else ())


def plan_registration(
    reader: NodeReader,
    desired: Sequence[DesiredNode],
    *,
    plan: str,
    removes: bool = False,
    is_whole: bool = True,
    renew_secrets: bool = False,
) -> RegistrationPlan:
    """Return what would make Ironic's nodes those of a plan; Ironic is asked for two listings.

    Nodes are removed when `removes` says so, and only those that this plan registered. Raises UnsafeRemoval where
    `desired` is not the whole plan, or is empty.
    """
    if removes and not is_whole:
        raise UnsafeRemoval("what is named is not the whole plan: nothing is removed; register the plan with --remove")
    if removes and not desired:
        raise UnsafeRemoval("the plan has no nodes: all of its nodes would be removed; `tripleo-plan node delete` does")
    diff = diff_nodes(desired, reader.nodes(), plan=plan, renew_secrets=renew_secrets)
    if not is_whole:
        kept = tuple(change for change in diff.changes if change.kind is not ChangeKind.REMOVE)
        diff = replace(diff, changes=kept)
    return RegistrationPlan(name=plan, diff=diff, removes=removes)


def apply_registration(
    writer: NodeWriter, planned: RegistrationPlan, *, options: FleetOptions, clock: Clock, show: Show
) -> FleetOutcome:
    """Do what was planned, a few nodes at a time, and return what became of each.

    Half done for a node leaves a node without a port or a trait, which the next registration adds.
    """
    conflicts = FleetOutcome(tuple(_conflict(one.label, one.reason) for one in planned.diff.conflicts))
    for outcome in conflicts.outcomes:
        show(outcome)
    return conflicts + act_on_each(
        planned.changes,
        lambda change: _apply(writer, change),
        _told,
        concurrency=options.concurrency,
        clock=clock,
        show=show,
    )


def _conflict(label: str, reason: str) -> NodeOutcome:
    return NodeOutcome(node=label, uuid="", verb="register", ending=Ending.FAILED, reason=reason)


def _told(change: NodeChange) -> NodeOutcome:
    registered = change.registered
    state = registered.state.provision_state if registered else ""
    return NodeOutcome(
        node=change.label,
        uuid=registered.uuid if registered else "",
        verb=change.kind.value,
        ending=Ending.DONE,
        before=state,
        after=state,
        tries=1,
    )


def _apply(writer: NodeWriter, change: NodeChange) -> NodeOutcome:
    told = _told(change)
    if change.registered is None:
        assert change.desired is not None, "a node to create is desired"
        uuid = writer.create(creation_body(change.desired))
        _complete(writer, uuid, change.desired)
        return NodeOutcome(node=told.node, uuid=uuid, verb=told.verb, ending=Ending.DONE, after="enroll", tries=1)
    if change.desired is None:
        remove_node(writer, change.registered)
        return replace(told, after="")
    _alter(writer, change, change.registered)
    return told


def creation_body(node: DesiredNode) -> dict[str, Any]:
    """Return what registers a node; ports and traits are told after it."""
    properties: dict[str, Any] = dict(node.facts)
    if node.root_device is not None:
        properties["root_device"] = dict(node.root_device)
    if node.capabilities:
        properties["capabilities"] = format_capabilities(node.capabilities)
    extra: dict[str, Any] = {MARK: node.mark.to_document()}
    if node.platform is not None:
        extra["tripleo_platform"] = node.platform
    named = {key: value for key, value in (("name", node.name), ("uuid", node.uuid)) if value}
    return {
        **named,
        "driver": node.driver,
        "driver_info": {key: _plain(value) for key, value in node.driver_info.items()},
        "properties": properties,
        "extra": extra,
        "resource_class": node.resource_class,
        **node.interfaces,
        **node.fields,
    }


def remove_node(writer: NodeWriter, node: RegisteredNode) -> None:
    """Remove a node that holds nothing; raise Refused for one with an instance or in the midst of something."""
    state = node.state.provision_state
    if node.state.instance_uuid or state not in REMOVABLE:
        raise Refused(f"it is {state}; only a node without an instance is removed")
    writer.delete(node.uuid)


def _complete(writer: NodeWriter, uuid: str, node: DesiredNode) -> None:
    for port in node.ports:
        writer.create_port(_port_body(uuid, port))
    if node.traits:
        writer.set_traits(uuid, node.traits)


def _alter(writer: NodeWriter, change: NodeChange, node: RegisteredNode) -> None:
    """Ports first and the mark with the fields last: what the mark says was given, was given."""
    problems: list[GitopsError] = []
    for port in sorted(change.ports, key=lambda one: one.kind is not ChangeKind.REMOVE):
        try:
            _alter_port(writer, node.uuid, port)
        except GitopsError as exc:
            problems.append(exc)
    if change.traits is not None:
        writer.set_traits(node.uuid, change.traits)
    operations = [field.operation() for field in change.fields]
    if problems:
        raise problems[0]
    if operations:
        writer.patch(node.uuid, operations, resets_interfaces=change.resets_interfaces)


def _alter_port(writer: NodeWriter, uuid: str, change: PortChange) -> None:
    if change.new is None:
        assert change.old is not None, "a change has a side"
        writer.delete_port(change.old.uuid)
    elif change.old is None:
        writer.create_port(_port_body(uuid, change.new))
    else:
        writer.patch_port(change.old.uuid, _port_operations(change.new))


def _port_body(uuid: str, port: DesiredPort) -> dict[str, Any]:
    body: dict[str, Any] = {"node_uuid": uuid, "address": port.address}
    body["physical_network"] = port.physical_network or DEFAULT_NETWORK
    if port.local_link_connection:
        body["local_link_connection"] = dict(port.local_link_connection)
    if port.pxe_enabled is not None:
        body["pxe_enabled"] = port.pxe_enabled
    return body


def _port_operations(port: DesiredPort) -> list[dict[str, Any]]:
    names = ("physical_network", "local_link_connection", "pxe_enabled")
    values = {name: getattr(port, name) for name in names}
    return [{"op": "add", "path": f"/{name}", "value": value} for name, value in values.items() if value is not None]


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Secret) else value
