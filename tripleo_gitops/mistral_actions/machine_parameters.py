"""`tripleo.parameters.*` that follow from machines or tell what is wrong: counts, flavors, fencing, deprecated ones."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.heat.masking import MASK
from tripleo_gitops.mistral_actions import parameters
from tripleo_gitops.mistral_actions.nodes import nodes_as
from tripleo_gitops.mistral_actions.server import server_config
from tripleo_gitops.mistral_actions.steps import CLOUD, clouds_file
from tripleo_gitops.nodes.fencing import PASSWORD, FencingOptions, fencing_devices
from tripleo_gitops.nodes.role_parameters import count_of_profile, profile_of_flavor, role_parameters
from tripleo_gitops.operations.parameter_report import report_parameters
from tripleo_gitops.operations.resolution import Reader, resolve_plan
from tripleo_gitops.operations.secrets.fencing import CONFIGURED, DEFAULTS, ENABLED, set_fencing
from tripleo_gitops.wiring.provisioning import open_flavors, open_provisioning

if TYPE_CHECKING:
    from tripleo_gitops.mistral_actions.row import Call
    from tripleo_gitops.nodes.flavors import FoundFlavor
    from tripleo_gitops.operations.plan_service import PlanService


def deprecated(service: PlanService, *, container: str) -> dict[str, Any]:
    """Parameters that templates list as deprecated, and what the plan sets though nothing takes it."""
    with service.tree(container) as tree:
        found = report_parameters(resolve_plan(tree, reader=Reader(service.cache)))
    return {
        "deprecated": [
            {"parameter": name, "deprecated": True, "user_defined": name in found.given} for name in found.deprecated
        ],
        "unused": list(found.unused),
        "invalid_role_specific": list(found.misplaced),
    }


def update_role(service: PlanService, *, call: Call, role: str, container: str) -> dict[str, Any]:
    """Set a role's count and flavor to what machines have its profile, by a commit; Nova is asked if there are any."""
    with nodes_as(service, call, write=True) as services:
        count = count_of_profile(services.ironic.nodes(), role)
    values = role_parameters(role, count=count, flavors=_flavors(call) if count else ())
    return parameters.update(service, parameters=values, container=container)


def get_profile_of_flavor(service: PlanService, *, call: Call, flavor_name: str) -> str:
    """The profile that a flavor asks for."""
    service.caller.check_may(write=False)
    return profile_of_flavor(flavor_name, _flavors(call))


def generate_fencing(
    service: PlanService,
    *,
    call: Call,
    nodes_json: Any,
    delay: Any,
    ipmi_level: Any,
    ipmi_cipher: Any,
    ipmi_lanplus: Any,
    container: str | None = None,
) -> dict[str, Any]:
    """Parameters that switch machines off, passwords masked; with `container` a plan gets them, sealed, by a commit."""
    service.caller.check_may(write=container is not None)
    machines = nodes_json.get("nodes") if isinstance(nodes_json, dict) else nodes_json
    if not isinstance(machines, list):
        raise InvalidInput("nodes_json is a list of machines, or a mapping with `nodes`")
    options = FencingOptions(delay=delay, level=ipmi_level, cipher=ipmi_cipher, lanplus=ipmi_lanplus)
    devices = fencing_devices(machines, hosts=_hosts(call), options=options)
    if container is not None:
        keeper = service.keeper
        service.edit(
            container,
            lambda tree: set_fencing(tree, devices, vault=keeper.vault, recipients=keeper.recipients),
            subject=f"Set fencing of {len(devices)} machines",
        )
    masked = [{**device, "params": {**device["params"], PASSWORD: MASK}} for device in devices]
    return {DEFAULTS: {ENABLED: True, CONFIGURED: {"devices": masked}}}


def _hosts(call: Call) -> dict[str, str]:
    """Return the names of hosts that Ironic's nodes are reserved for, by the addresses of their ports."""
    with clouds_file(call) as clouds:
        services = open_provisioning(replace(server_config(os.environ), cloud=CLOUD, clouds_file=clouds))
        names = {one.node: one.hostname for one in services.reservations.allocations() if one.node}
        nodes = services.ironic.nodes() if names else ()
    return {port.address.lower(): names[node.uuid] for node in nodes if node.uuid in names for port in node.ports}


def _flavors(call: Call) -> tuple[FoundFlavor, ...]:
    with clouds_file(call) as clouds:
        return open_flavors(replace(server_config(os.environ), cloud=CLOUD, clouds_file=clouds)).flavors()
