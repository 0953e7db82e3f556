"""The hosts of a stack as Ansible sees them: made from the stack's outputs, as TripleO's own inventory is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.outputs import MASK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tripleo_gitops.plan.ansible_settings import AnsibleSettings

UNDERCLOUD_SERVICES = ("tripleo_ironic_conductor",)
CEPH_GROUPS = {
    "ceph_mon": "mons",
    "ceph_osd": "osds",
    "ceph_mgr": "mgrs",
    "ceph_rgw": "rgws",
    "ceph_mds": "mdss",
    "ceph_nfs": "nfss",
    "ceph_client": "clients",
    "ceph_rbdmirror": "rbdmirrors",
    "ceph_grafana": "grafana-server",
}
"""Groups of ceph-ansible that TripleO's inventory has beside its own."""
Groups = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Inventory:
    """Groups by name, each with `hosts`, `vars` and `children` as Ansible's YAML inventories have; and notes."""

    groups: Mapping[str, Mapping[str, Any]]
    notes: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the inventory as a document that Ansible reads."""
        return {name: dict(group) for name, group in self.groups.items()}

    def hosts(self) -> tuple[str, ...]:
        """Return the name of every host, sorted."""
        return tuple(sorted({name for group in self.groups.values() for name in group.get("hosts", ())}))


def make_inventory(
    outputs: Mapping[str, Any],
    *,
    plan: str,
    settings: AnsibleSettings,
    parameters: Mapping[str, Any],
    interpreter: str | None = None,
) -> Inventory:
    """Return the inventory of a stack with these outputs; without outputs, that of the machine alone.

    The groups are those that `tripleo-ansible-inventory` (tripleo-common 18) makes of outputs: the undercloud, each
    role, the plan, `allovercloud`, each service, `excluded_overcloud`; and `overcloud`, for older playbooks. Besides,
    hosts and roles have the variables that config-download writes beside it (`AnsibleHostVarsMap`, `RoleGroupVars`),
    and there are the groups that the plan's settings name. `parameters` are the plan's parameter_defaults,
    `interpreter` is the Python of this machine. Where outputs do not fit together, that is a note, not an error.
    """
    notes: list[str] = []
    groups: Groups = {"Undercloud": _undercloud(outputs, plan if outputs else None, parameters, interpreter)}
    roles = _roles(outputs, settings, notes)
    groups.update(roles)
    if roles:
        _add_plan(groups, outputs, plan, roles, parameters)
    for service, members in _services(outputs, roles).items():
        group = groups.setdefault(service, {})
        group["children"] = {**group.get("children", {}), **{role: {} for role in members if role != service}}
        group.setdefault("vars", {}).setdefault("ansible_ssh_user", settings.user)
    excluded = outputs.get("BlacklistedHostnames") or ()
    groups["excluded_overcloud"] = {"hosts": {name: {} for name in _texts(excluded)}}
    for name, output in settings.hosts:
        groups.setdefault(name, {}).setdefault("hosts", {}).update(_named_hosts(outputs, output, name, notes))
        groups[name].setdefault("vars", {}).setdefault("ansible_user", settings.user)
    return Inventory(groups, tuple(notes))


def with_masked(outputs: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """Return outputs whose hidden ones have the mask for each text and number: what they are made of can be seen."""
    return {name: _masked(value) if name in hidden else value for name, value in outputs.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    return MASK if isinstance(value, str | int | float) and not isinstance(value, bool) else value


def _undercloud(
    outputs: Mapping[str, Any], plan: str | None, parameters: Mapping[str, Any], interpreter: str | None
) -> dict[str, Any]:
    horizon = _mapping(_mapping(outputs.get("EndpointMap")).get("HorizonPublic")).get("uri")
    found = {
        "ansible_host": "localhost",
        "ansible_connection": "local",
        "ansible_python_interpreter": interpreter,
        "undercloud_service_list": list(UNDERCLOUD_SERVICES),
        "plan": plan,
        "overcloud_admin_password": parameters.get("AdminPassword") if plan else None,
        "overcloud_keystone_url": outputs.get("KeystoneURL"),
        "overcloud_horizon_url": horizon,
    }
    return {"hosts": {"undercloud": {}}, "vars": {name: value for name, value in found.items() if value}}


def _roles(outputs: Mapping[str, Any], settings: AnsibleSettings, notes: list[str]) -> Groups:
    found: Groups = {}
    for role, names in _mapping(outputs.get("RoleNetHostnameMap")).items():
        addresses = _mapping(_mapping(outputs.get("RoleNetIpMap")).get(role))
        if not _mapping(names):
            continue
        ips = _listed(addresses.get(settings.network))
        hosts = _host_names(names, settings.network)
        if not ips and not hosts:
            continue
        if len(ips) != len(hosts):
            notes.append(f"role {role}: {len(hosts)} host names and {len(ips)} addresses on {settings.network}")
        found[role] = {
            "hosts": dict(_role_hosts(outputs, role, hosts, ips)),
            "vars": _role_vars(outputs, role, addresses, settings),
        }
    return found


def _host_names(names: Mapping[str, Any], network: str) -> list[str]:
    """Return the short names of a role's hosts: on the network, else the canonical ones."""
    on_network = _listed(names.get(network))
    if on_network:
        return [str(name or "").split(f".{network}.")[0].lower() for name in on_network]
    return [str(name or "").split(".")[0].lower() for name in _listed(names.get("canonical"))]


def _role_hosts(
    outputs: Mapping[str, Any], role: str, hosts: list[str], ips: list[Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each host that has an address, with its variables."""
    addresses = _mapping(_mapping(outputs.get("RoleNetIpMap")).get(role))
    names = _mapping(_mapping(outputs.get("RoleNetHostnameMap")).get(role))
    servers = _listed(_mapping(_mapping(outputs.get("ServerIdData")).get("server_ids")).get(role))
    own = _mapping(_mapping(outputs.get("AnsibleHostVarsMap")).get(role))
    by_name = {str(name).lower(): _mapping(found) for name, found in own.items()}
    for index, (host, ip) in enumerate(zip(hosts, ips, strict=False)):
        if not host or not ip:
            continue
        variables: dict[str, Any] = {"ansible_host": ip}
        if index < len(servers):
            variables["deploy_server_id"] = servers[index]
        for suffix, found in (("ip", addresses), ("hostname", names)):
            for network, values in found.items():
                if index < len(_listed(values)):
                    variables[f"{network}_{suffix}"] = _listed(values)[index]
        yield host, {**by_name.get(host, {}), **variables}


def _role_vars(
    outputs: Mapping[str, Any], role: str, addresses: Mapping[str, Any], settings: AnsibleSettings
) -> dict[str, Any]:
    return {
        **_mapping(_mapping(outputs.get("RoleGroupVars")).get(role)),
        "ansible_ssh_user": settings.user,
        "bootstrap_server_id": _mapping(outputs.get("ServerIdData")).get("bootstrap_server_id"),
        "tripleo_role_name": role,
        "tripleo_role_networks": sorted(addresses),
        "serial": 1,
    }


def _add_plan(
    groups: Groups, outputs: Mapping[str, Any], plan: str, roles: Groups, parameters: Mapping[str, Any]
) -> None:
    """Add the plan's group with its virtual addresses, and the groups that stand for it."""
    networks = {network for role in roles.values() for network in role["vars"]["tripleo_role_networks"]}
    vips = _mapping(outputs.get("VipMap"))
    variables = {f"{name}_vip": vip for name, vip in vips.items() if vip and (name in networks or name == "redis")}
    variables["container_cli"] = parameters.get("ContainerCli")
    group = groups.setdefault(plan, {})
    group["vars"] = {**variables, **group.get("vars", {})}
    group["children"] = {role: {} for role in sorted(roles) if role != plan}
    for alias in ("allovercloud", "overcloud"):
        if alias != plan:
            groups.setdefault(alias, {})["children"] = {plan: {}}


def _services(outputs: Mapping[str, Any], roles: Groups) -> dict[str, list[str]]:
    """Return the roles that have each service, by its group; services of roles without hosts are in none."""
    found: dict[str, list[str]] = {}
    for role, services in sorted(_mapping(outputs.get("EnabledServices")).items()):
        for service in _texts(services) if role in roles else ():
            for name in filter(None, (service.lower(), CEPH_GROUPS.get(service))):
                if role not in found.setdefault(name, []):
                    found[name].append(role)
    return {name: found[name] for name in sorted(found)}


def _named_hosts(outputs: Mapping[str, Any], output: str, group: str, notes: list[str]) -> dict[str, dict[str, Any]]:
    """Return the hosts that one output names: an address, a list of them, or names with addresses or variables."""
    value = outputs.get(output)
    if isinstance(value, str) and value:
        return {value: {"ansible_host": value}}
    if isinstance(value, list):
        return {name: {"ansible_host": name} for name in _texts(value)}
    if isinstance(value, dict):
        return {
            str(name): dict(given) if isinstance(given, dict) else {"ansible_host": str(given)}
            for name, given in value.items()
            if given
        }
    notes.append(f"group {group}: the stack has no output {output} that names hosts")
    return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    """Return a list as it is: what is on one place of it belongs to the host of that place."""
    return list(value) if isinstance(value, list | tuple) else []


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str) and one] if isinstance(value, list | tuple) else []
