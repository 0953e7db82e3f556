"""Which instances a plan wants, and the environment that tells Heat of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import yaml

from tripleo_gitops.nodes.deployment import RoleRequest, read_deployment
from tripleo_gitops.nodes.images import DEFAULT_IMAGE
from tripleo_gitops.nodes.instances import PORT_TEMPLATE, deployed_environment, expand_roles
from tripleo_gitops.operations.nodes.wants import wants_of_plan
from tripleo_gitops.operations.resolution import resolve_plan
from tripleo_gitops.plan.networks import read_networks
from tripleo_gitops.plan.plan import load_plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.nodes.instances import Expansion

HEADING = "# What `tripleo-plan provision` found out about the plan's servers; made anew with each run.\n"


def instances_of_plan(tree: PlanTree) -> Expansion:
    """Return the instances of the plan's `baremetal/deployment.yaml`, or of its roles where it has none.

    Raises InvalidDocument, InvalidInput, and what reading the plan raises.
    """
    roles = read_deployment(tree) or _roles(tree)
    return expand_roles(roles, stack=load_plan(tree).name)


def _roles(tree: PlanTree) -> tuple[RoleRequest, ...]:
    """Return a request for each role with a count: its flavor's profile, its `<Role>Image`."""
    values = _values(tree)

    def defaults(role: str, profile: str, *, is_trait: bool) -> dict[str, Any]:
        found: dict[str, Any] = {"image": {"href": str(values.get(f"{role}Image") or DEFAULT_IMAGE)}}
        if profile:
            found |= {"traits": [profile]} if is_trait else {"profile": profile}
        return found

    return tuple(
        RoleRequest(
            name=want.role,
            count=want.count,
            hostname_format=str(values.get(f"{want.role}HostnameFormat") or ""),
            defaults=defaults(want.role, want.profile, is_trait=want.is_trait),
        )
        for want in wants_of_plan(tree)
    )


def _values(tree: PlanTree) -> dict[str, Any]:
    document = resolve_plan(tree).environment.document
    return {**(document.get("parameter_defaults") or {}), **(document.get("parameters") or {})}


def environment_of(tree: PlanTree, expansion: Expansion) -> dict[str, Any]:
    """Return the environment for Heat's deployed servers, with the subnets of the plan's networks."""
    cidrs = dict(_cidrs(tree))
    return deployed_environment(expansion, cidrs, has_port_template=PORT_TEMPLATE in tree.paths())


def _cidrs(tree: PlanTree) -> Iterator[tuple[str, str]]:
    """Yield the subnets of networks by name and by `network/subnet`; the control plane's is Neutron's word."""
    attributes = _values(tree).get("CtlplaneNetworkAttributes")
    subnets: Any = attributes.get("subnets") if isinstance(attributes, dict) else None
    for name, subnet in _mapping(subnets).items():
        yield f"ctlplane/{name}", str(_mapping(subnet).get("cidr") or "")
        yield "ctlplane", str(_mapping(subnet).get("cidr") or "")
    for network in read_networks(tree):
        inner = _mapping(network.fields.get("subnets"))
        plain = network.fields.get("ip_subnet") or next((_mapping(one).get("ip_subnet") for one in inner.values()), "")
        yield network.name_lower, str(plain or "")
        for name, subnet in inner.items():
            yield f"{network.name_lower}/{name}", str(_mapping(subnet).get("ip_subnet") or "")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def keep_environment(directory: Path, plan: str, environment: Mapping[str, Any]) -> Path:
    """Write an environment where results of a plan are kept on this machine, whole or not at all; return where."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{plan}.yaml"
    coming = path.with_name(f"{path.name}.{os.getpid()}")
    coming.write_text(environment_text(environment))
    coming.replace(path)
    return path


def forget_environment(directory: Path, plan: str) -> None:
    """Keep nothing of a plan's servers on this machine any more: they are gone."""
    (directory / f"{plan}.yaml").unlink(missing_ok=True)


def environment_text(environment: Mapping[str, Any]) -> str:
    """Return an environment as a file for Heat."""
    return HEADING + yaml.safe_dump(dict(environment), sort_keys=False)
