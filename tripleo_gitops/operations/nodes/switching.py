"""Switch nodes: power, maintenance, boot device; remove them."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from tripleo_gitops.errors import GitopsError, Unavailable
from tripleo_gitops.operations.nodes.fleet import act_on_each
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOptions, FleetOutcome, NodeOutcome
from tripleo_gitops.operations.nodes.registration import remove_node

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tripleo_gitops.nodes.registered import NodeState, RegisteredNode
    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.outcomes import Show
    from tripleo_gitops.operations.nodes.store import NodeSwitches, NodeWriter


class PowerTarget(StrEnum):
    """What the power is asked to become; Ironic's own words."""

    ON = "power on"
    OFF = "power off"
    REBOOT = "rebooting"
    SOFT_OFF = "soft power off"
    SOFT_REBOOT = "soft rebooting"

    @property
    def end(self) -> str:
        """The state of a machine on which it was done."""
        return "power off" if self in (PowerTarget.OFF, PowerTarget.SOFT_OFF) else "power on"

    @property
    def is_a_state(self) -> bool:
        """Whether a machine may be there already; a reboot is done anew each time."""
        return self not in (PowerTarget.REBOOT, PowerTarget.SOFT_REBOOT)


class PowerFailed(GitopsError):
    """Ironic could not switch a machine."""

    reason = "PowerFailed"


def switch_power(
    switches: NodeSwitches,
    nodes: Sequence[NodeState],
    target: PowerTarget,
    *,
    options: FleetOptions,
    clock: Clock,
    show: Show,
) -> FleetOutcome:
    """Switch machines, a few at a time, and return when each is as asked, or Ironic said why it is not.

    A machine that is there already, by what its controller last said to Ironic, is left alone.
    """

    def act(node: NodeState) -> NodeOutcome:
        if target.is_a_state and node.power_state == target.end:
            return _told(node, target.value, Ending.UNCHANGED)
        switches.set_power(node.uuid, target.value, timeout=max(1, int(options.node_timeout)))
        _follow_power(switches, node, target, options, clock)
        return _told(node, target.value)

    return _each(nodes, act, target.value, options=options, clock=clock, show=show)


def _follow_power(
    switches: NodeSwitches, node: NodeState, target: PowerTarget, options: FleetOptions, clock: Clock
) -> None:
    deadline = clock.monotonic() + options.node_timeout
    while clock.monotonic() < deadline:
        state, is_moving, error = switches.power(node.uuid)
        if not is_moving and state == target.end:
            return
        if not is_moving:
            raise PowerFailed(" ".join((error or f"the machine is {state or 'in an unknown state'}").split()))
        clock.sleep(options.interval)
    raise Unavailable(f"not {target.end} within {options.node_timeout:g} s")


def set_maintenance(
    switches: NodeSwitches,
    nodes: Sequence[NodeState],
    reason: str | None,
    *,
    options: FleetOptions,
    clock: Clock,
    show: Show,
) -> FleetOutcome:
    """Take nodes out for a reason, or back with None."""
    verb = "maintenance unset" if reason is None else "maintenance set"

    def act(node: NodeState) -> NodeOutcome:
        is_same = node.maintenance == (reason is not None) and (reason is None or node.maintenance_reason == reason)
        if is_same:
            return _told(node, verb, Ending.UNCHANGED)
        switches.set_maintenance(node.uuid, reason)
        return _told(node, verb)

    return _each(nodes, act, verb, options=options, clock=clock, show=show)


def set_boot_device(
    switches: NodeSwitches,
    nodes: Sequence[NodeState],
    device: tuple[str, bool],
    *,
    options: FleetOptions,
    clock: Clock,
    show: Show,
) -> FleetOutcome:
    """Let machines boot from a device: its name, and whether that is for good."""
    name, is_persistent = device

    def act(node: NodeState) -> NodeOutcome:
        switches.set_boot_device(node.uuid, name, persistent=is_persistent)
        return _told(node, f"boot {name}")

    return _each(nodes, act, f"boot {name}", options=options, clock=clock, show=show)


def delete_nodes(
    writer: NodeWriter, nodes: Sequence[RegisteredNode], *, options: FleetOptions, clock: Clock, show: Show
) -> FleetOutcome:
    """Remove nodes that hold nothing; the others stay, with the reason."""

    def act(node: RegisteredNode) -> NodeOutcome:
        remove_node(writer, node)
        return replace(_told(node.state, "delete"), after="")

    def told(node: RegisteredNode) -> NodeOutcome:
        return _told(node.state, "delete")

    return act_on_each(nodes, act, told, concurrency=options.concurrency, clock=clock, show=show)


def _each(
    nodes: Sequence[NodeState],
    act: Callable[[NodeState], NodeOutcome],
    verb: str,
    *,
    options: FleetOptions,
    clock: Clock,
    show: Show,
) -> FleetOutcome:
    return act_on_each(
        nodes, act, lambda node: _told(node, verb), concurrency=options.concurrency, clock=clock, show=show
    )


def _told(node: NodeState, verb: str, ending: Ending = Ending.DONE) -> NodeOutcome:
    state = node.provision_state
    return NodeOutcome(node=node.label, uuid=node.uuid, verb=verb, ending=ending, before=state, after=state)
