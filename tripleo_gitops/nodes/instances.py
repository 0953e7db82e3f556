"""From roles to instances with host names, and what Heat is to be told of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.nodes.desired import DEFAULT_NETWORK, DEFAULT_RESOURCE_CLASS
from tripleo_gitops.nodes.images import DEFAULT_IMAGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.nodes.deployment import RoleRequest

DEFAULT_ROOT_GB = 49
"""50 less one for partitions and the config drive, as upstream."""
CONTROL_PLANE_PORT = "OS::TripleO::DeployedServer::ControlPlanePort"
PORT_TEMPLATE = "deployed-server/deployed-neutron-port.yaml"


@dataclass(frozen=True, slots=True)
class Nic:
    """A network that an instance is in, and its address there where the file says one."""

    network: str
    address: str = ""
    subnet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One machine that a role asks for: its host name, what a node has to have for it, and what is written to it.

    `node` is the name or id of the only node that will do; `is_managed` is false for one that is there already.
    """

    hostname: str
    role: str
    image: str = DEFAULT_IMAGE
    checksum: str = ""
    kernel: str = ""
    ramdisk: str = ""
    resource_class: str = DEFAULT_RESOURCE_CLASS
    capabilities: Mapping[str, str] = field(default_factory=dict)
    traits: tuple[str, ...] = ()
    node: str = ""
    nics: tuple[Nic, ...] = ()
    root_gb: int = DEFAULT_ROOT_GB
    swap_mb: int = 0
    ssh_keys: str = ""
    user: str = "heat-admin"
    cloud_config: Mapping[str, Any] = field(default_factory=dict)
    is_managed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """The instances that are to be there, those that are not, and the parameters that say so to Heat."""

    instances: tuple[Instance, ...]
    gone: tuple[str, ...]
    parameters: Mapping[str, Any]


def expand_roles(roles: Sequence[RoleRequest], *, stack: str) -> Expansion:
    """Return the instances of roles, with generated host names where none is given; raises InvalidInput for twins.

    As tripleo-common's expand_roles: an instance without a host name gets the next one of its role's format, one with
    a host name of its own stands in the map beside the name that Heat will generate; `provisioned: false` counts as
    removed.
    """
    instances: list[Instance] = []
    gone: list[str] = []
    names: dict[str, str] = {}
    parameters: dict[str, Any] = {"HostnameMap": names}
    for role in roles:
        entries = _entries(role)
        pattern = role.hostname_format or default_format(role.name)
        generated = _generated(entries, [_hostname(pattern, index, stack) for index in range(len(entries) * 2)], names)
        removed = []
        for entry, (index, hostname) in zip(entries, generated, strict=True):
            if entry.get("provisioned", True):
                instances.append(_instance(role.name, hostname, entry))
            else:
                gone.append(hostname)
                removed.append(index)
        parameters[f"{role.name}Count"] = len(entries) - len(removed)
        parameters[f"{role.name}HostnameFormat"] = pattern
        if removed:
            parameters[f"{role.name}RemovalPolicies"] = [{"resource_list": removed}]
    _check_twins([one.hostname for one in instances] + gone)
    return Expansion(instances=tuple(instances), gone=tuple(gone), parameters=parameters)


def default_format(role: str) -> str:
    """Return the format of a role's host names that the templates have for it."""
    return "%stackname%-novacompute-%index%" if role == "Compute" else f"%stackname%-{role.lower()}-%index%"


def _entries(role: RoleRequest) -> list[dict[str, Any]]:
    """Return the role's instances, filled up with plain ones until as many as are asked for are provisioned."""
    entries = [{**role.defaults, **one} for one in role.instances]
    for entry in entries:
        if "name" in entry:
            entry.setdefault("hostname", entry["name"])
    missing = role.count - sum(bool(entry.get("provisioned", True)) for entry in entries)
    return entries + [dict(role.defaults) for _ in range(missing)]


def _generated(
    entries: Sequence[Mapping[str, Any]], pool: Sequence[str], names: dict[str, str]
) -> list[tuple[int, str]]:
    """Return index and host name of each entry, and note in `names` what Heat's names stand for."""
    own = {entry["hostname"] for entry in entries if entry.get("hostname") in pool}
    free = iter([(index, name) for index, name in enumerate(pool) if name not in own])
    found = []
    for entry in entries:
        hostname = str(entry.get("hostname") or "")
        index, name = (pool.index(hostname), hostname) if hostname in own else next(free)
        found.append((index, hostname or name))
        names[name] = hostname or name
    return found


def _hostname(pattern: str, index: int, stack: str) -> str:
    return pattern.replace("%index%", str(index)).replace("%stackname%", stack)


def _check_twins(hostnames: Sequence[str]) -> None:
    twice = sorted({name for name in hostnames if hostnames.count(name) > 1})
    if twice:
        raise InvalidInput(f"{', '.join(twice)}: a host name is used by two instances; name them apart")


def _instance(role: str, hostname: str, entry: Mapping[str, Any]) -> Instance:
    image = entry.get("image") or {"href": DEFAULT_IMAGE}
    profile = {"profile": entry["profile"]} if entry.get("profile") else {}
    nics = entry.get("networks") or entry.get("nics") or [{"network": DEFAULT_NETWORK}]
    return Instance(
        hostname=hostname,
        role=role,
        image=image["href"],
        checksum=image.get("checksum", ""),
        kernel=image.get("kernel", ""),
        ramdisk=image.get("ramdisk", ""),
        resource_class=entry.get("resource_class") or DEFAULT_RESOURCE_CLASS,
        capabilities={str(key): str(value) for key, value in (entry.get("capabilities") or {}).items()} | profile,
        traits=tuple(entry.get("traits") or ()),
        node=entry.get("name", ""),
        nics=tuple(Nic(one["network"], str(one.get("fixed_ip") or ""), str(one.get("subnet") or "")) for one in nics),
        root_gb=entry.get("root_size_gb", DEFAULT_ROOT_GB),
        swap_mb=entry.get("swap_size_mb", 0),
        ssh_keys=entry.get("ssh_public_keys", ""),
        user=entry.get("user_name", "heat-admin"),
        cloud_config=(entry.get("config_drive") or {}).get("cloud_config") or {},
        is_managed=entry.get("managed", True),
    )


def deployed_environment(expansion: Expansion, cidrs: Mapping[str, str], *, has_port_template: bool) -> dict[str, Any]:
    """Return the environment for Heat's deployed servers; addresses are those that the file fixes.

    `cidrs` are the subnets of networks by name, or by `network/subnet`. Both spellings are given:
    DeployedServerPortMap (`<host>-ctlplane`, up to Victoria) and NodePortMap (since Wallaby).
    """
    node_ports: dict[str, Any] = {}
    server_ports: dict[str, Any] = {}
    for one in expansion.instances:
        addresses = {nic.network: _address(nic, cidrs) for nic in one.nics if nic.address}
        if addresses:
            node_ports[one.hostname] = addresses
        if DEFAULT_NETWORK in addresses:
            found = addresses[DEFAULT_NETWORK]
            cidr = str(ip_network(found["ip_subnet"], strict=False))
            server_ports[f"{one.hostname}-{DEFAULT_NETWORK}"] = {
                "fixed_ips": [{"ip_address": found["ip_address"]}],
                "subnets": [{"cidr": cidr}],
                "network": {"tags": [cidr]},
            }
    maps = {"DeployedServerPortMap": server_ports, "NodePortMap": node_ports}
    document: dict[str, Any] = {
        "parameter_defaults": {**expansion.parameters, **{name: ports for name, ports in maps.items() if ports}}
    }
    if server_ports and has_port_template:
        document["resource_registry"] = {CONTROL_PLANE_PORT: PORT_TEMPLATE}
    return document


def _address(nic: Nic, cidrs: Mapping[str, str]) -> dict[str, str]:
    try:
        address = ip_address(nic.address)
    except ValueError as exc:
        raise InvalidInput(f"{nic.address!r} in the network {nic.network} is no address") from exc
    cidr = cidrs.get(f"{nic.network}/{nic.subnet}") or cidrs.get(nic.network) or ""
    match = re.search(r"/(\d+)$", cidr)
    bits = match.group(1) if match else "24" if address.version == 4 else "64"
    shown = f"[{address}]" if address.version == 6 else str(address)
    return {"ip_address": str(address), "ip_address_uri": shown, "ip_subnet": f"{address}/{bits}"}
