"""`tripleo.baremetal.*`: machines that clients name themselves, and what Ironic's nodes are, by the caller's rights.

These clients name no plan: what a plan says of its machines is led by `tripleo.git.v1.node_registration` and its kin.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput, NotFound, Refused
from tripleo_gitops.mistral_actions.fleet import ActionClock, fleet_of
from tripleo_gitops.mistral_actions.server import server_config
from tripleo_gitops.mistral_actions.steps import CLOUD, clouds_file, watch
from tripleo_gitops.nodes.desired import NodeDefaults
from tripleo_gitops.nodes.hints import HINT, PROFILE, capability_of, has_hint
from tripleo_gitops.operations.nodes.boot import boot_images, set_boot_images
from tripleo_gitops.operations.nodes.files import InvalidNodes, nodes_of_file
from tripleo_gitops.operations.nodes.introspection import findings_of
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOptions
from tripleo_gitops.operations.nodes.registration import plan_registration
from tripleo_gitops.operations.nodes.selection import named_nodes
from tripleo_gitops.operations.nodes.tagging import RootDeviceChoice, Tagging, Tags, set_root_devices, tag_nodes
from tripleo_gitops.operations.nodes.workflow import After, register_nodes
from tripleo_gitops.wiring.nodes import inspection_of, open_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tripleo_gitops.mistral_actions.row import Call
    from tripleo_gitops.nodes.desired import DesiredNode
    from tripleo_gitops.nodes.registered import NodeState, RegisteredNode
    from tripleo_gitops.operations.plan_service import PlanService
    from tripleo_gitops.wiring.nodes import NodeServices

SOURCE = "nodes.json"
ADDRESSES = ("file://", "http://", "https://")


@contextmanager
def nodes_as(service: PlanService, call: Call, *, write: bool) -> Iterator[NodeServices]:
    """Yield the services for nodes with the caller's rights; raises RoleMissing."""
    service.caller.check_may(write=write)
    with clouds_file(call) as clouds:
        yield open_nodes(replace(server_config(os.environ), cloud=CLOUD, clouds_file=clouds))


def validate(service: PlanService, *, nodes_json: Any) -> None:
    """Whether machines can be registered as they are written; an error that names what is wrong."""
    service.caller.check_may(write=False)
    _desired(nodes_json, NodeDefaults(plan=""))


def register(
    service: PlanService,
    *,
    call: Call,
    nodes_json: Any,
    remove: bool = False,
    kernel_name: str | None = None,
    ramdisk_name: str | None = None,
    instance_boot_option: str | None = None,
    initial_state: str = "enroll",
    concurrency: int = 20,
    node_timeout: float = 1200,
) -> list[dict[str, Any]]:
    """Register machines or change the nodes that they are, lead new ones to a state, and the nodes as Ironic has them.

    Nothing is removed: a list that somebody sends is never known to be whole.
    """
    if remove:
        raise Refused(
            "nothing is removed by a list of machines; `tripleo-plan node register --remove` removes a plan's"
        )
    if initial_state not in ("enroll", "manageable", "available"):
        raise InvalidInput(f"initial_state {initial_state!r} is none of enroll, manageable, available")
    with nodes_as(service, call, write=True) as services:
        defaults = NodeDefaults(
            plan="",
            kernel=_image(services, kernel_name),
            ramdisk=_image(services, ramdisk_name),
            boot_option=instance_boot_option,
        )
        planned = plan_registration(services.ironic, _desired(nodes_json, defaults), plan="", is_whole=False)
        done = register_nodes(
            services.ironic,
            planned,
            After(manages=initial_state != "enroll", provides=initial_state == "available"),
            options=FleetOptions(concurrency=int(concurrency), node_timeout=float(node_timeout)),
            clock=ActionClock(watch(service, call)),
            show=lambda _outcome: None,
        )
        fleet_of(done)
        mine = {node.uuid for node in planned.diff.matched.values()}
        mine |= {one.uuid for one in done.outcomes if one.verb == "create" and one.ending is Ending.DONE}
        return [document_of(state) for state in services.ironic.states() if state.uuid in mine]


def profile_of(service: PlanService, *, node: Any) -> dict[str, Any]:
    """The profile of a node that is given as Ironic lists it, and its id."""
    service.caller.check_may(write=False)
    return {"profile": capability_of(node, PROFILE), "uuid": node.get("uuid")}


def hint_of(service: PlanService, *, node: Any) -> dict[str, Any]:
    """The hint of a node that is given as Ironic lists it (`node:controller-0`), and its id."""
    service.caller.check_may(write=False)
    return {"hint": capability_of(node, HINT), "uuid": node.get("uuid")}


def nodes_list(
    service: PlanService, *, call: Call, profile: str | None = None, hint_regex: str | None = None
) -> list[dict[str, Any]]:
    """Ironic's nodes as the caller sees them; those of a profile, or with such a hint, where that is said."""
    with nodes_as(service, call, write=False) as services:
        return [
            {**document_of(node.state), "profile": node.capabilities.get(PROFILE), "capabilities": node.capabilities}
            for node in services.ironic.nodes()
            if (profile is None or node.capabilities.get(PROFILE) == profile)
            and (hint_regex is None or has_hint(node.capabilities, hint_regex))
        ]


def set_capability(
    service: PlanService, *, call: Call, node_uuid: str, capability: str, value: str | None = None
) -> dict[str, Any]:
    """Give a node a capability, or take it away where no value is given; the node."""
    tags = Tags(without_capabilities=(capability,)) if value is None else Tags(capabilities={capability: str(value)})
    return _tag(service, call, [node_uuid], tags)[0]


def tag(
    service: PlanService, *, call: Call, tag_nodes: Sequence[str], untag_nodes: Sequence[str] = (), role: str
) -> list[dict[str, Any]]:
    """Give nodes the profile of a role, and take it from others; the nodes."""
    tagged = _tag(service, call, tag_nodes, Tags(capabilities={"profile": role})) if tag_nodes else []
    return tagged + (_tag(service, call, untag_nodes, Tags(without_capabilities=("profile",))) if untag_nodes else [])


def set_root_device(
    service: PlanService,
    *,
    call: Call,
    node_uuid: str,
    root_device: str = "smallest",
    minimum_size: int = 4,
    overwrite: bool = False,
) -> None:
    """Choose the system's disk of a node from what introspection found."""
    configure(
        service,
        call=call,
        node_uuids=[node_uuid],
        root_device=root_device,
        root_device_minimum_size=minimum_size,
        overwrite_root_device_hints=overwrite,
    )


def set_boot(
    service: PlanService,
    *,
    call: Call,
    node_uuid: str,
    kernel_name: str | None = None,
    ramdisk_name: str | None = None,
    instance_boot_option: str | None = None,
) -> None:
    """Say what a node boots to be deployed, and how its instance boots."""
    configure(
        service,
        call=call,
        node_uuids=[node_uuid],
        kernel_name=kernel_name,
        ramdisk_name=ramdisk_name,
        instance_boot_option=instance_boot_option,
    )


def configure(
    service: PlanService,
    *,
    call: Call,
    node_uuids: Sequence[str] | None = None,
    kernel_name: str | None = None,
    ramdisk_name: str | None = None,
    instance_boot_option: str | None = None,
    root_device: str | None = None,
    root_device_minimum_size: int = 4,
    overwrite_root_device_hints: bool = False,
) -> list[dict[str, Any]]:
    """Give nodes boot images, a boot option and a root device: those named, else all manageable ones; the nodes."""
    with nodes_as(service, call, write=True) as services:
        chosen = _registered(services, node_uuids)
        if not chosen:
            raise NotFound("no manageable nodes to configure")
        how: dict[str, Any] = {
            "options": FleetOptions(),
            "clock": ActionClock(watch(service, call)),
            "show": lambda _outcome: None,
        }
        images = boot_images(kernel=_image(services, kernel_name), ramdisk=_image(services, ramdisk_name))
        if images:
            fleet_of(set_boot_images(services.ironic, chosen, images, **how))
        if instance_boot_option:
            tags = Tags(capabilities={"boot_option": instance_boot_option})
            fleet_of(tag_nodes(services.ironic, [Tagging(node, tags) for node in chosen], **how))
        if root_device:
            results = inspection_of(services, "ironic")[1]
            found = [(node, findings_of(results, node.state).inventory) for node in chosen]
            choice = RootDeviceChoice(root_device, int(root_device_minimum_size), bool(overwrite_root_device_hints))
            fleet_of(set_root_devices(services.ironic, found, choice, **how))
        return [document_of(node.state) for node in chosen]


def document_of(state: NodeState) -> dict[str, Any]:
    """Return a node as Ironic's own documents have it, as far as clients read it."""
    return {
        "uuid": state.uuid,
        "name": state.name,
        "provision_state": state.provision_state,
        "power_state": state.power_state,
        "maintenance": state.maintenance,
        "instance_uuid": state.instance_uuid,
        "last_error": state.last_error,
    }


def _tag(service: PlanService, call: Call, names: Sequence[str], tags: Tags) -> list[dict[str, Any]]:
    with nodes_as(service, call, write=True) as services:
        chosen = _registered(services, names)
        taggings = [Tagging(node, tags) for node in chosen]
        clock = ActionClock(watch(service, call))
        fleet_of(tag_nodes(services.ironic, taggings, options=FleetOptions(), clock=clock, show=lambda _outcome: None))
        return [document_of(node.state) for node in chosen]


def _registered(services: NodeServices, names: Sequence[str] | None) -> list[RegisteredNode]:
    by_id = {node.uuid: node for node in services.ironic.nodes()}
    states = [node.state for node in by_id.values()]
    if names is None:
        return [by_id[state.uuid] for state in states if state.provision_state == "manageable"]
    return [by_id[state.uuid] for state in named_nodes(states, list(names))]


def _desired(nodes_json: Any, defaults: NodeDefaults) -> tuple[DesiredNode, ...]:
    document = nodes_json if isinstance(nodes_json, dict) else {"nodes": nodes_json}
    try:
        return nodes_of_file(json.dumps(document).encode(), SOURCE, None, defaults)
    except InvalidNodes as exc:
        said = "; ".join(f"{one.node}: {one.message}" for one in exc.problems[:10])
        raise InvalidInput(f"{exc}: {said}") from exc


def _image(services: NodeServices, name: str | None) -> str | None:
    if not name or name.startswith(ADDRESSES):
        return name or None
    found = services.images.find(name)
    if found is None:
        raise NotFound(f"Glance has no active image {name}; upload it, or register without deploy images")
    return found
