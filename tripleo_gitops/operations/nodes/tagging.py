"""Give nodes capabilities and traits, and take them away; what is not named stays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.nodes.capabilities import format_capabilities
from tripleo_gitops.nodes.profiles import PROFILE, ProfileMatch, ProfileRule
from tripleo_gitops.nodes.root_device import choose_root_device
from tripleo_gitops.operations.nodes.fleet import act_on_each
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOptions, FleetOutcome, NodeOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tripleo_gitops.nodes.inventory import Inventory
    from tripleo_gitops.nodes.registered import RegisteredNode
    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.outcomes import Show
    from tripleo_gitops.operations.nodes.store import NodeWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What to set and to take away."""

    capabilities: Mapping[str, str] = field(default_factory=dict)
    without_capabilities: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    without_traits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        both = (set(self.capabilities) & set(self.without_capabilities)) | (set(self.traits) & set(self.without_traits))
        if both:
            raise InvalidInput(f"{', '.join(sorted(both))}: set or taken away, but not both")
        bad = [
            key for key, value in self.capabilities.items() if not key or set(key + value) & set(",\n") or ":" in key
        ]
        if bad:
            raise InvalidInput(f"{', '.join(bad)}: a capability has neither comma nor line break, its name no colon")


@dataclass(frozen=True, slots=True)
class Tagging:
    """One node, and what it gets."""

    node: RegisteredNode
    tags: Tags


def plan_promotions(match: ProfileMatch, nodes: Sequence[RegisteredNode]) -> tuple[Tagging, ...]:
    """Return what gives nodes the profile that they are capable of and needed for."""
    by_id = {node.uuid: node for node in nodes}
    return tuple(Tagging(by_id[uuid], Tags(capabilities={PROFILE: profile})) for uuid, profile in match.promote)


def plan_rule_tags(rules: Sequence[ProfileRule], nodes: Sequence[RegisteredNode]) -> tuple[Tagging, ...]:
    """Return what the plan's rules give nodes: the first profile that fits one without any, and traits of all rules."""
    found: list[Tagging] = []
    for node in nodes:
        fitting = [rule for rule in rules if rule.fits(node)]
        profile = next((rule.profile for rule in fitting if rule.profile), None)
        has_profile = PROFILE in node.capabilities
        capabilities = {PROFILE: profile} if profile and not has_profile else {}
        traits = tuple(dict.fromkeys(trait for rule in fitting for trait in rule.traits))
        if capabilities or traits:
            found.append(Tagging(node, Tags(capabilities=capabilities, traits=traits)))
    return tuple(found)


def tag_nodes(
    writer: NodeWriter, taggings: Sequence[Tagging], *, options: FleetOptions, clock: Clock, show: Show
) -> FleetOutcome:
    """Set and take away what was planned, and return what became of each node."""
    return _write(taggings, lambda one: _tag(writer, one), options=options, clock=clock, show=show)


def _tag(writer: NodeWriter, tagging: Tagging) -> bool:
    node, tags = tagging.node, tagging.tags
    kept = {key: value for key, value in node.capabilities.items() if key not in tags.without_capabilities}
    capabilities = kept | dict(tags.capabilities)
    traits = (set(node.traits) - set(tags.without_traits)) | set(tags.traits)
    if traits != set(node.traits):
        writer.set_traits(node.uuid, sorted(traits))
    if capabilities != node.capabilities:
        value = format_capabilities(capabilities)
        writer.patch(node.uuid, [{"op": "add", "path": "/properties/capabilities", "value": value}])
    return capabilities != node.capabilities or traits != set(node.traits)


@dataclass(frozen=True, slots=True)
class RootDeviceChoice:
    """How root devices are chosen; `overwrites` says whether a hint that is there goes."""

    strategy: str
    least_gib: int
    overwrites: bool = False


def set_root_devices(
    writer: NodeWriter,
    found: Sequence[tuple[RegisteredNode, Inventory]],
    choice: RootDeviceChoice,
    *,
    options: FleetOptions,
    clock: Clock,
    show: Show,
) -> FleetOutcome:
    """Write each node's root device hint and disk size from what introspection found."""
    inventories = {node.uuid: inventory for node, inventory in found}

    def act(one: Tagging) -> bool:
        node = one.node
        if "root_device" in node.properties and not choice.overwrites:
            return False
        device = choose_root_device(inventories[node.uuid], choice.strategy, least_gib=choice.least_gib)
        wanted: dict[str, Any] = {"root_device": dict(device.hint), "local_gb": device.local_gb}
        operations = [{"op": "add", "path": f"/properties/{key}", "value": value} for key, value in wanted.items()]
        if all(str(node.properties.get(key)) == str(value) for key, value in wanted.items()):
            return False
        writer.patch(node.uuid, operations)
        return True

    taggings = [Tagging(node, Tags()) for node, _ in found]
    return _write(taggings, act, options=options, clock=clock, show=show)


def _write(
    taggings: Sequence[Tagging],
    act: Callable[[Tagging], bool],
    *,
    options: FleetOptions,
    clock: Clock,
    show: Show,
) -> FleetOutcome:
    def outcome(one: Tagging, ending: Ending = Ending.DONE) -> NodeOutcome:
        state = one.node.state.provision_state
        return NodeOutcome(
            node=one.node.label, uuid=one.node.uuid, verb="tag", ending=ending, before=state, after=state
        )

    def tried(one: Tagging) -> NodeOutcome:
        return outcome(one, Ending.DONE if act(one) else Ending.UNCHANGED)

    return act_on_each(taggings, tried, outcome, concurrency=options.concurrency, clock=clock, show=show)
