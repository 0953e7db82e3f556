"""`tripleo.plan.*` about roles, networks and sample plans: as data between a client's own steps, and as commits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.operations.composition_edits import (
    check_given_networks,
    checked_composition,
    checked_networks,
    put_networks,
    put_roles,
)
from tripleo_gitops.plan import network_edit, role_edit
from tripleo_gitops.plan.networks import NETWORKS_FILE, parse_networks
from tripleo_gitops.plan.roles import ROLES_FILE, parse_roles
from tripleo_gitops.plan.samples import files_of_sample, sample_plans

if TYPE_CHECKING:
    from tripleo_gitops.operations.plan_service import PlanService

Entries = list[dict[str, Any]]


def gather_roles(
    service: PlanService, *, role_names: list[str], current_roles: Entries, available_roles: Entries
) -> dict[str, Entries]:
    """The roles of these names as the plan has them, else as they are offered; nothing is committed."""
    service.caller.check_may(write=False)
    return {
        "gathered_roles": list(role_edit.gather_roles(role_names, current=current_roles, available=available_roles))
    }


def validate_roles(
    service: PlanService,
    *,
    roles: Entries,
    available_roles: Entries,
    container: str,  # noqa: ARG001  # TripleO's input
) -> bool:
    """True for roles that are offered and are as a role is; an error that names all that is wrong."""
    service.caller.check_may(write=False)
    role_edit.check_roles(roles, available=available_roles)
    return True


def merge_roles(
    service: PlanService,
    *,
    roles: Entries,
    current_roles: Entries,
    replace_all: bool = False,
    container: str,  # noqa: ARG001  # TripleO's input
) -> dict[str, Entries]:
    """The roles that a plan would have: merged by name, at least one tagged primary; nothing is committed."""
    service.caller.check_may(write=False)
    return {"roles": list(role_edit.merge_roles(roles, current=current_roles, replaces=replace_all))}


def merge_networks(
    service: PlanService, *, networks: Entries, current_networks: Entries, replace_all: bool = False
) -> dict[str, Entries]:
    """The networks that a plan would have: merged by name; nothing is committed."""
    service.caller.check_may(write=False)
    merged = network_edit.merge_networks(networks, current=current_networks, replaces=replace_all)
    return {"network_data": list(merged)}


def put_plan_roles(
    service: PlanService,
    *,
    container: str,
    roles: Entries,
    roles_data_file: str = ROLES_FILE,
    replace_all: bool = False,
) -> Entries:
    """Merge roles into those of a plan, or put them instead, by a commit; all that is said of its roles then."""
    role_edit.check_named(roles)
    service.edit(
        container,
        lambda tree: put_roles(tree, roles, path=roles_data_file, replaces=replace_all),
        subject=f"Update {_named('roles', roles)}",
    )
    with service.tree(container) as tree:
        return [dict(role.fields) for role in parse_roles(tree.read(roles_data_file), source=roles_data_file)]


def put_plan_networks(
    service: PlanService, *, networks: Entries, container: str, network_data_file: str = NETWORKS_FILE
) -> Entries:
    """Merge networks into those of a plan by a commit; all that is said of its networks then."""
    check_networks(service, networks=networks)
    service.edit(
        container,
        lambda tree: put_networks(tree, networks, path=network_data_file),
        subject=f"Update {_named('networks', networks)}",
    )
    with service.tree(container) as tree:
        return [
            dict(network.fields) for network in parse_networks(tree.read(network_data_file), source=network_data_file)
        ]


def check_networks(service: PlanService, *, networks: Entries) -> None:
    """Whether each network has a name; an error where one has none."""
    service.caller.check_may(write=False)
    network_edit.check_named(networks)


def check_network_files(service: PlanService, *, network_data: Entries, container: str) -> Entries:
    """Networks that are given, each of which has its template in a plan where it is enabled; an error otherwise."""
    check_networks(service, networks=network_data)
    with service.tree(container) as tree:
        check_given_networks(tree, network_data)
    return network_data


def list_available_networks(service: PlanService, *, container: str) -> Entries:
    """All that is said of the networks that a plan may have, of its folder `networks`."""
    with service.tree(container) as tree:
        return list(network_edit.available_networks(tree))


def validate_plan_networks(service: PlanService, *, container: str, network_data_file: str = NETWORKS_FILE) -> Entries:
    """The networks of a plan, each of which has its template where it is enabled; an error where one has none."""
    with service.tree(container) as tree:
        return [dict(network.fields) for network in checked_networks(tree, path=network_data_file)]


def validate_composition(
    service: PlanService,
    *,
    container: str,
    roles_data_file: str = ROLES_FILE,
    network_data_file: str = NETWORKS_FILE,
) -> dict[str, Entries]:
    """Roles and networks of a plan; an error where a role is on a network that there is none of."""
    with service.tree(container) as tree:
        roles, networks = checked_composition(tree, roles_path=roles_data_file, networks_path=network_data_file)
    return {
        "roles_data": [dict(role.fields) for role in roles],
        "network_data": [dict(network.fields) for network in networks],
    }


def list_sample_plans(service: PlanService, *, container: str) -> list[str]:
    """Names of the sample plans that the templates of a plan ship."""
    with service.tree(container) as tree:
        return list(sample_plans(tree))


def select_sample_plan(service: PlanService, *, container: str, sample_plan_name: str = "openstack") -> list[str]:
    """Add the files of a sample plan that the plan lacks, by a commit; the paths of those files."""
    added: list[str] = []

    def decide(tree: Any) -> dict[str, bytes]:
        files = files_of_sample(tree, sample_plan_name)
        added[:] = sorted(files)
        return files

    service.edit(container, decide, subject=f"Select the sample plan {sample_plan_name}")
    return added


def _named(what: str, entries: Entries) -> str:
    names = ", ".join(str(one["name"]) for one in entries)
    return f"the {what} {names}" if len(names) < 60 else f"{len(entries)} {what}"
