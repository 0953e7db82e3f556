"""How machines that stopped answering are switched off by others: Pacemaker's devices, from what lists machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tripleo_gitops.errors import InvalidInput

_IPMI = frozenset(("ipmi", "ipmitool", "drac", "idrac", "ilo"))
_REDFISH, _OVIRT = "redfish", "staging-ovirt"
PASSWORD = "passwd"  # noqa: S105  # the name of a field


@dataclass(frozen=True, slots=True, kw_only=True)
class FencingOptions:
    """What holds for every device; what is empty is left to the fence agents."""

    delay: Any = None
    level: Any = None
    cipher: Any = None
    lanplus: Any = None


def fencing_devices(
    machines: Sequence[Mapping[str, Any]], *, hosts: Mapping[str, str], options: FencingOptions
) -> tuple[dict[str, Any], ...]:
    """Return a device for each machine: its agent, its first MAC, and the agent's parameters with the password.

    `hosts` are names of deployed hosts by MAC; where there are any, machines without one are left out. The fields are
    those of tripleo-heat-templates' `FencingConfig`. Raises InvalidInput for a driver without agent, or a field that
    is missing.
    """
    found = (_device(machine, index, hosts, options) for index, machine in enumerate(machines))
    return tuple(device for device in found if device is not None)


def _device(
    machine: Mapping[str, Any], index: int, hosts: Mapping[str, str], options: FencingOptions
) -> dict[str, Any] | None:
    if not isinstance(machine, Mapping):
        raise InvalidInput(f"node #{index}: a mapping is needed")
    mac = _mac(machine)
    if hosts and mac is not None and mac not in hosts:
        return None
    kind = str(_needed(machine, "pm_type", index))
    driver = kind.partition("_")[2] or kind
    common = {
        "ipaddr": _needed(machine, "pm_addr", index),
        PASSWORD: _needed(machine, "pm_password", index),
        "login": _needed(machine, "pm_user", index),
        **({"pcmk_host_list": hosts[mac]} if mac is not None and mac in hosts else {}),
        **({"delay": options.delay} if options.delay else {}),
    }
    agent, own = _agent(machine, driver, index, options)
    return {"agent": agent, **({"host_mac": mac} if mac else {}), "params": {**common, **own}}


def _agent(machine: Mapping[str, Any], driver: str, index: int, options: FencingOptions) -> tuple[str, dict[str, Any]]:
    if driver == _OVIRT:
        return "fence_rhevm", {"port": _needed(machine, "pm_vm_name", index), "ssl": 1, "ssl_insecure": 1}
    if driver != _REDFISH and driver not in _IPMI:
        raise InvalidInput(f"node #{index}: no fence agent is known for {machine['pm_type']}")
    own: dict[str, Any] = {"ipport": machine["pm_port"]} if "pm_port" in machine else {}
    own |= {"cipher": options.cipher} if options.cipher else {}
    own |= {"privlvl": options.level} if options.level else {}
    if driver == _REDFISH:
        verify = machine.get("redfish_verify_ca")
        own |= {} if verify is None else {"ssl_insecure": str(str(verify).lower() == "false").lower()}
        return "fence_redfish", {"systems_uri": _needed(machine, "pm_system_id", index), **own}
    return "fence_ipmilan", {**({"lanplus": options.lanplus} if options.lanplus else {}), **own}


def _mac(machine: Mapping[str, Any]) -> str | None:
    """Return the first address of a machine, small; `mac` is the older way to say `ports`."""
    ports = machine.get("ports") or [{"address": address} for address in machine.get("mac") or ()]
    first = ports[0] if isinstance(ports, list) and ports else None
    address = first.get("address") if isinstance(first, Mapping) else None
    return address.lower() if isinstance(address, str) else None


def _needed(machine: Mapping[str, Any], name: str, index: int) -> Any:
    value = machine.get(name)
    if not value:
        raise InvalidInput(f"node #{index}: {name} is missing, which its fence agent needs")
    return value
