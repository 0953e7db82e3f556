"""`tripleo.git.discover_nodes`: machines that answer where a client says, and what becomes of them.

Their passwords are in no result, which Mistral keeps: who wants them registered lets one action do both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.mistral_actions.nodes import nodes_as, register
from tripleo_gitops.mistral_actions.steps import watch
from tripleo_gitops.nodes.candidates import Credential, expand_ranges, plan_probes
from tripleo_gitops.nodes.secret import Secret
from tripleo_gitops.openstack.bmc_probe import ControllerProbe
from tripleo_gitops.operations.caller import RoleMissing
from tripleo_gitops.operations.nodes.discovery import discover_nodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tripleo_gitops.mistral_actions.row import Call
    from tripleo_gitops.operations.nodes.discovery import Discovered
    from tripleo_gitops.operations.plan_service import PlanService

ADMINISTRATORS = frozenset({"admin"})
"""Whose wish lets an executor knock at addresses of the management network."""
CONCURRENCY = 20
IPMI_PORT = 623


def discover(
    service: PlanService,
    *,
    call: Call,
    ip_addresses: Any,
    credentials: Any,
    ports: Sequence[int] = (IPMI_PORT,),
) -> list[dict[str, Any]]:
    """Machines whose IPMI takes a login and that are not registered, as a file of nodes has them, without passwords."""
    found = _found(service, call, ip_addresses, credentials, ports).new
    machines = ({name: value for name, value in one.fields().items() if name != "pm_password"} for one in found)
    return list(machines)


def enroll(
    service: PlanService,
    *,
    call: Call,
    ip_addresses: Any,
    credentials: Any,
    ports: Sequence[int] = (IPMI_PORT,),
    kernel_name: str | None = None,
    ramdisk_name: str | None = None,
    instance_boot_option: str | None = None,
    initial_state: str = "manageable",
) -> list[dict[str, Any]]:
    """Register the machines that `tripleo.git.discover_nodes` finds, and the nodes as Ironic has them."""
    found = _found(service, call, ip_addresses, credentials, ports).new
    if not found:
        return []
    machines = [
        {name: value.value if isinstance(value, Secret) else value for name, value in one.fields().items()}
        for one in found
    ]
    return register(
        service,
        call=call,
        nodes_json=machines,
        kernel_name=kernel_name,
        ramdisk_name=ramdisk_name,
        instance_boot_option=instance_boot_option,
        initial_state=initial_state,
    )


def _found(service: PlanService, call: Call, ip_addresses: Any, credentials: Any, ports: Sequence[int]) -> Discovered:
    if not service.caller.roles & ADMINISTRATORS:
        raise RoleMissing(service.caller, needed=ADMINISTRATORS)
    ranges = [ip_addresses] if isinstance(ip_addresses, str) else [str(one) for one in ip_addresses or ()]
    probes = plan_probes(expand_ranges(ranges), [("ipmi", _port(one)) for one in ports], _logins(credentials))
    if not probes:
        raise InvalidInput("nothing to look for: addresses, ports and credentials are needed, one of each at least")
    go_on = watch(service, call)
    with nodes_as(service, call, write=True) as services:
        registered = services.ironic.nodes()
        return discover_nodes(
            ControllerProbe(), probes, registered, concurrency=CONCURRENCY, show=lambda _probe: go_on()
        )


def _logins(credentials: Any) -> tuple[Credential, ...]:
    pairs: list[Any] = credentials if isinstance(credentials, list) else [None]
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise InvalidInput("credentials are a list of pairs: a user's name and a password")
    return tuple(Credential(str(user), Secret(str(password))) for user, password in pairs)


def _port(port: Any) -> int:
    try:
        number = int(port)
    except (TypeError, ValueError):
        number = 0
    if not 0 < number < 65536:
        raise InvalidInput(f"{port!r} is no port")
    return number
