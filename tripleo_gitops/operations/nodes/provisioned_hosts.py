"""The hosts that `provision` put instances on, as a stack's outputs would name them: known before there is a stack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES, ADDRESSES = "RoleNetHostnameMap", "RoleNetIpMap"
_FORMAT = re.compile(r"(?P<role>.+)HostnameFormat")


def outputs_of_servers(parameters: Mapping[str, Any], *, stack: str, network: str) -> dict[str, Any]:
    """Return names and addresses by role from the parameters that provisioning left for Heat.

    A host belongs to the role whose format of names gives Heat's own name for it; its place there is the index.
    Whose address on `network` nobody fixed is reached by its name.
    """
    ports, removed = _mapping(parameters.get("NodePortMap")), _removed(parameters)
    found: dict[str, dict[int, str]] = {}
    for generated, hostname in _mapping(parameters.get("HostnameMap")).items():
        for role, pattern in _patterns(parameters, stack).items():
            match = pattern.fullmatch(str(generated))
            if match and int(match[1]) not in removed.get(role, ()):
                found.setdefault(role, {})[int(match[1])] = str(hostname)
    roles = {role: [hosts[index] for index in sorted(hosts)] for role, hosts in sorted(found.items())}
    return {
        NAMES: {role: {"canonical": hosts} for role, hosts in roles.items()},
        ADDRESSES: {
            role: {network: [_address(ports, host, network) for host in hosts]} for role, hosts in roles.items()
        },
    }


def with_servers(outputs: Mapping[str, Any], servers: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return outputs with the hosts of the roles that they say nothing of; what a stack says itself stays."""
    told = _mapping(outputs.get(NAMES))
    missing = [role for role in _mapping(servers.get(NAMES)) if not _mapping(told.get(role))]
    if not missing:
        return outputs
    added = {
        name: {**_mapping(outputs.get(name)), **{role: servers[name][role] for role in missing}}
        for name in (NAMES, ADDRESSES)
    }
    return {**outputs, **added}


def _patterns(parameters: Mapping[str, Any], stack: str) -> dict[str, re.Pattern[str]]:
    found = {}
    for name, value in parameters.items():
        if (match := _FORMAT.fullmatch(name)) and isinstance(value, str):
            pattern = re.escape(value.replace("%stackname%", stack)).replace("%index%", r"(\d+)", 1)
            found[match["role"]] = re.compile(pattern.replace("%index%", r"\d+"))
    return {role: pattern for role, pattern in found.items() if pattern.groups == 1}


def _removed(parameters: Mapping[str, Any]) -> dict[str, set[int]]:
    suffix = "RemovalPolicies"
    return {
        name.removesuffix(suffix): {int(index) for policy in value for index in policy.get("resource_list", ())}
        for name, value in parameters.items()
        if name.endswith(suffix) and isinstance(value, list)
    }


def _address(ports: Mapping[str, Any], host: str, network: str) -> str:
    fixed = _mapping(_mapping(ports.get(host)).get(network)).get("ip_address")
    return str(fixed or host)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
