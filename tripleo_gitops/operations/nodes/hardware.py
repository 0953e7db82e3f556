"""Settings of machines that take a cleaning to change: BIOS and RAID."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.nodes.states import Goal
from tripleo_gitops.operations.nodes.fleet import act_on_each
from tripleo_gitops.operations.nodes.journeys import Errand
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOptions, FleetOutcome, NodeOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.nodes.registered import NodeState
    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.outcomes import Show
    from tripleo_gitops.operations.nodes.store import NodeSwitches

METADATA_ONLY = ("deploy.erase_devices_metadata",)


def cleaning(steps: Sequence[str] = METADATA_ONLY) -> Errand:
    """Return the errand of a cleaning by steps such as `deploy.erase_devices_metadata`; raise InvalidInput."""
    found = []
    for step in steps:
        interface, dot, name = step.partition(".")
        if not dot or not interface or not name:
            raise InvalidInput(f"{step!r} is no step; write INTERFACE.STEP, such as {METADATA_ONLY[0]}")
        found.append({"interface": interface, "step": name})
    return Errand(Goal.CLEANED, {"clean_steps": found})


def bios_change(settings: Mapping[str, Any]) -> Errand:
    """Return the errand that gives machines these BIOS settings."""
    if not settings or not all(isinstance(name, str) for name in settings):
        raise InvalidInput("a mapping of BIOS settings by name is needed")
    listed = [{"name": name, "value": value} for name, value in settings.items()]
    return _step("bios", "apply_configuration", {"settings": listed})


def bios_reset() -> Errand:
    """Return the errand that brings the BIOS back to what its maker had."""
    return _step("bios", "factory_reset")


def _step(interface: str, name: str, arguments: Mapping[str, Any] | None = None) -> Errand:
    step: dict[str, Any] = {"interface": interface, "step": name}
    return Errand(Goal.CLEANED, {"clean_steps": [step | ({"args": dict(arguments)} if arguments else {})]})


def raid_creation() -> Errand:
    """Return the errand that makes the RAID that was asked for, in place of the one that is there."""
    steps = [{"interface": "raid", "step": name} for name in ("delete_configuration", "create_configuration")]
    return Errand(Goal.CLEANED, {"clean_steps": steps})


def ask_for_raid(
    switches: NodeSwitches,
    nodes: Sequence[NodeState],
    config: Mapping[str, Any],
    *,
    options: FleetOptions,
    clock: Clock,
    show: Show,
) -> FleetOutcome:
    """Say what RAID machines are to get by the errand of `raid_creation`.

    `config` is Ironic's: `{logical_disks: [{size_gb, raid_level, …}]}`. Raises InvalidInput for another.
    """
    if not isinstance(config.get("logical_disks"), list) or set(config) != {"logical_disks"}:
        raise InvalidInput("a RAID is a mapping with the list logical_disks")

    def told(node: NodeState) -> NodeOutcome:
        state = node.provision_state
        return NodeOutcome(node=node.label, uuid=node.uuid, verb="raid", ending=Ending.DONE, before=state, after=state)

    def act(node: NodeState) -> NodeOutcome:
        switches.set_target_raid(node.uuid, config)
        return told(node)

    return act_on_each(nodes, act, told, concurrency=options.concurrency, clock=clock, show=show)
