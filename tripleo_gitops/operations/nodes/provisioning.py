"""Put instances on nodes: decided for all, reserved, written, waited for; it goes on wherever it broke off."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.errors import Refused
from tripleo_gitops.nodes.placement import place_instances
from tripleo_gitops.nodes.states import DEPLOYABLE, Goal, Verb
from tripleo_gitops.operations.nodes.fleet import act_on_each
from tripleo_gitops.operations.nodes.journeys import Errand, lead_nodes
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOptions, FleetOutcome, NodeOutcome
from tripleo_gitops.operations.nodes.store import NodeGuide, NodeReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tripleo_gitops.nodes.instances import Expansion, Instance
    from tripleo_gitops.nodes.placement import Allocation, Placed, Placement
    from tripleo_gitops.nodes.registered import NodeState
    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.outcomes import Show

RESERVATION_SECONDS, RESERVATION_PAUSE = 60.0, 0.2


class Reservations(Protocol):
    """Reserves nodes under host names."""

    def allocations(self) -> tuple[Allocation, ...]: ...
    def allocation(self, hostname: str) -> Allocation: ...
    def allocate(self, hostname: str, *, node: str, resource_class: str, traits: Sequence[str], plan: str) -> None: ...
    def release(self, uuid: str) -> None: ...


class Machines(NodeReader, NodeGuide, Protocol):
    """Lists, changes and leads nodes."""

    def patch(self, uuid: str, operations: Sequence[Mapping[str, Any]], *, resets_interfaces: bool = False) -> None: ...


class Power(Protocol):
    """Switches nodes."""

    def power(self, uuid: str) -> tuple[str | None, bool, str | None]: ...
    def set_power(self, uuid: str, target: str, *, timeout: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Metal:
    """What instances are put on nodes with."""

    machines: Machines
    reservations: Reservations
    power: Power


class TooFewNodes(Refused):
    """Instances that no node is left for; nothing was reserved. Holds the reason of each."""

    reason = "TooFewNodes"

    def __init__(self, shortages: Sequence[str], *, instances: int) -> None:
        more = f"; and {len(shortages) - 10} more" if len(shortages) > 10 else ""
        super().__init__(
            f"{len(shortages)} of {instances} instances cannot be placed, nothing was reserved: "
            f"{'; '.join(shortages[:10])}{more}"
        )
        self.shortages = tuple(shortages)


class NotReserved(Refused):
    """A node that Ironic did not give."""

    reason = "NotReserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionPlan:
    """What provisioning would do: instances on nodes, and stale reservations to give back first.

    `images` are ids by what the file calls them, for those that are in Glance.
    """

    plan: str
    expansion: Expansion
    placement: Placement
    images: Mapping[str, str] = field(default_factory=dict)

    @property
    def pending(self) -> tuple[Placed, ...]:
        """The instances that are not on their nodes yet."""
        return tuple(one for one in self.placement.placed if one.node.state.provision_state != "active")


def plan_provisioning(
    machines: Machines, reservations: Reservations, expansion: Expansion, *, plan: str
) -> ProvisionPlan:
    """Return which instance goes where; raise TooFewNodes where one has nowhere to go."""
    wanted = [one for one in expansion.instances if one.is_managed]
    placement = place_instances(wanted, machines.nodes(), reservations.allocations(), plan=plan)
    if placement.shortages:
        raise TooFewNodes(placement.shortages, instances=len(wanted))
    return ProvisionPlan(plan=plan, expansion=expansion, placement=placement)


def apply_provisioning(
    metal: Metal,
    planned: ProvisionPlan,
    *,
    options: FleetOptions,
    clock: Clock,
    show: Show,
) -> FleetOutcome:
    """Reserve and deploy what was planned, a few at a time; return what became of each node.

    A node that cannot be had fails for its instance, and the others go
    on. Killed anywhere, the next run takes up reservations, deployments under way, and those that failed.
    """
    for stale in planned.placement.stale:
        metal.reservations.release(stale.uuid)
    prepared = act_on_each(
        [one for one in planned.placement.placed if _needs_writing(one)],
        lambda one: _prepare(metal, one, planned, clock),
        _told,
        concurrency=options.concurrency,
        clock=clock,
        show=show,
    )
    failed = {one.uuid for one in prepared.failed}
    on_way = [one for one in planned.placement.placed if one.node.uuid not in failed]
    drives = {one.node.uuid: config_drive(one.instance) for one in on_way}
    nodes = _states(metal.machines, [one.node.uuid for one in on_way])
    guide = DeployGuide(metal.machines, drives)
    return prepared + lead_nodes(guide, nodes, Errand(Goal.DEPLOYED), options=options, clock=clock, show=show)


@dataclass(frozen=True, slots=True)
class DeployGuide:
    """Leads nodes, and hands each its own config drive when it is deployed."""

    machines: NodeGuide
    drives: Mapping[str, Mapping[str, Any]]

    def states(self) -> tuple[NodeState, ...]:
        """Return where all nodes are."""
        return self.machines.states()

    def provision(self, uuid: str, verb: str, **options: Any) -> None:
        """Ask for a change of state."""
        if verb == Verb.DEPLOY.value:
            options = {**options, "configdrive": dict(self.drives[uuid])}
        self.machines.provision(uuid, verb, **options)


def _needs_writing(one: Placed) -> bool:
    return not one.is_reserved or one.node.state.provision_state in DEPLOYABLE


def _told(one: Placed) -> NodeOutcome:
    state = one.node.state.provision_state
    return NodeOutcome(
        node=one.node.label,
        uuid=one.node.uuid,
        verb=f"reserve for {one.instance.hostname}",
        ending=Ending.UNCHANGED if one.is_reserved else Ending.DONE,
        before=state,
        after=state,
        tries=1,
    )


def _prepare(metal: Metal, one: Placed, planned: ProvisionPlan, clock: Clock) -> NodeOutcome:
    if not one.is_reserved:
        _settle_power(metal.power, one, clock)
        _reserve(metal.reservations, one, planned.plan, clock)
    wanted = instance_info(one.instance, planned.images)
    metal.machines.patch(
        one.node.uuid,
        [{"op": "add", "path": f"/instance_info/{name}", "value": value} for name, value in wanted.items()],
    )
    return _told(one)


def _settle_power(power: Power, one: Placed, clock: Clock) -> None:
    """Switch a node off of which Ironic never knew whether it is on: it reserves no such node."""
    if one.node.state.power_state:
        return
    power.set_power(one.node.uuid, "power off", timeout=int(RESERVATION_SECONDS))
    until = clock.monotonic() + RESERVATION_SECONDS
    while True:
        state, is_switching, error = power.power(one.node.uuid)
        if state and not is_switching:
            return
        if clock.monotonic() >= until:
            raise NotReserved(f"it cannot be switched off: {error or f'no answer within {RESERVATION_SECONDS:g} s'}")
        clock.sleep(RESERVATION_PAUSE)


def _reserve(reservations: Reservations, one: Placed, plan: str, clock: Clock) -> None:
    """Reserve the node, and wait until Ironic says that it is."""
    instance = one.instance
    reservations.allocate(
        instance.hostname,
        node=one.node.uuid,
        resource_class=instance.resource_class,
        traits=instance.traits,
        plan=plan,
    )
    until = clock.monotonic() + RESERVATION_SECONDS
    while (found := reservations.allocation(instance.hostname)).state == "allocating" and clock.monotonic() < until:
        clock.sleep(RESERVATION_PAUSE)
    if found.state != "active":
        reservations.release(found.uuid)
        raise NotReserved(f"Ironic does not give it to {instance.hostname}: {found.last_error or found.state}")


def instance_info(one: Instance, images: Mapping[str, str]) -> dict[str, Any]:
    """Return what Ironic is told of an instance: what is written, how large, and what it was chosen by."""
    found: dict[str, Any] = {
        "display_name": one.hostname,
        "image_source": images.get(one.image, one.image),
        "root_gb": str(one.root_gb),
        "capabilities": {"boot_option": "local", **one.capabilities},
    }
    optional = {
        "image_checksum": one.checksum,
        "kernel": images.get(one.kernel, one.kernel),
        "ramdisk": images.get(one.ramdisk, one.ramdisk),
        "swap_mb": str(one.swap_mb) if one.swap_mb else "",
    }
    return found | {name: value for name, value in optional.items() if value}


def config_drive(one: Instance) -> dict[str, Any]:
    """Return what the machine reads when it first boots: its host name, and whom it lets in."""
    keys = [line.strip() for line in one.ssh_keys.splitlines() if line.strip()]
    user: dict[str, Any] = {"name": one.user, "groups": ["wheel"], "sudo": ["ALL=(ALL) NOPASSWD:ALL"]}
    if keys:
        user["ssh_authorized_keys"] = keys
    cloud = {"users": [user], **one.cloud_config}
    return {
        "meta_data": {"name": one.hostname, "hostname": one.hostname, "local-hostname": one.hostname},
        "user_data": "#cloud-config\n" + json.dumps(cloud, sort_keys=True),
    }


def images_needed(expansion: Expansion) -> tuple[str, ...]:
    """Return the names of images of Glance that instances need, each once; what is at an address is none."""
    named = [
        name
        for one in expansion.instances
        if one.is_managed
        for name in (one.image, one.kernel, one.ramdisk)
        if name and "://" not in name
    ]
    return tuple(dict.fromkeys(named))


def find_images(names: Sequence[str], find: Callable[[str], str | None]) -> dict[str, str]:
    """Return the id of each image of a name; raise Refused with all that are missing."""
    found = {name: find(name) for name in names}
    missing = [name for name, ident in found.items() if ident is None]
    if missing:
        raise Refused(
            f"Glance has no image {', '.join(missing)}, nothing was reserved; `tripleo-plan image ensure DIRECTORY` "
            "sends what the plan needs"
        )
    return {name: ident for name, ident in found.items() if ident is not None}


def _states(machines: NodeGuide, wanted: Sequence[str]) -> tuple[NodeState, ...]:
    states = {state.uuid: state for state in machines.states()}
    return tuple(states[uuid] for uuid in wanted if uuid in states)
