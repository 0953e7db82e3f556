"""What a plan is made of, its roles and networks, checked together and edited as data that a server's callers send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.operations.editing import roles_of
from tripleo_gitops.plan.network_edit import check_network_files, merge_networks, write_networks
from tripleo_gitops.plan.networks import NETWORKS_FILE, Network, networks_file, parse_networks, read_networks
from tripleo_gitops.plan.role_edit import check_networks_of_roles, check_roles, merge_roles, write_roles
from tripleo_gitops.plan.roles import ROLES_FILE, Role, parse_roles
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tripleo_gitops.documents.tree import PlanTree


def put_roles(
    tree: PlanTree, roles: Sequence[dict[str, Any]], *, path: str = ROLES_FILE, replaces: bool = False
) -> dict[str, bytes]:
    """Return a plan's roles file with roles merged into it by name, or instead of those that it has.

    Raises InvalidRoles for roles that the plan does not offer, are not as a role is, or are on undefined networks.
    """
    check_roles(roles, available=[dict(one.role.fields) for one in roles_of(tree)])
    content = tree.read(path)
    current = [dict(role.fields) for role in parse_roles(content, source=path)]
    written = write_roles(content, merge_roles(roles, current=current, replaces=replaces), source=path)
    check_networks_of_roles(parse_roles(written, source=path), networks=_names(read_networks(tree)))
    return {path: written}


def put_networks(tree: PlanTree, networks: Sequence[dict[str, Any]], *, path: str = NETWORKS_FILE) -> dict[str, bytes]:
    """Return a plan's networks file with networks merged into it by name.

    Those are the ones that are sent: upstream's workflow merges the offered ones instead, and looks for their templates
    before they are rendered. Raises InvalidNetworks where one that is enabled would have no template.
    """
    source = path if path in tree.paths() else networks_file(tree)
    content = tree.read(source) if source is not None else b""
    current = [dict(network.fields) for network in parse_networks(content, source=source or path)]
    edits = {path: write_networks(content, merge_networks(networks, current=current), source=path)}
    after = MemoryTree({one: tree.read(one) for one in tree.paths()} | edits)
    check_network_files(parse_networks(edits[path], source=path), paths=render(after).paths())
    return edits


def check_given_networks(tree: PlanTree, networks: Sequence[dict[str, Any]]) -> None:
    """Raise InvalidNetworks where one of the networks that are given has no template in a plan, and is enabled."""
    parsed = parse_networks(write_networks(b"", networks), source="networks")
    check_network_files(parsed, paths=render(tree).paths())


def checked_networks(tree: PlanTree, *, path: str = NETWORKS_FILE) -> tuple[Network, ...]:
    """Return the networks in a file of a plan; raises InvalidNetworks where an enabled one has no template."""
    networks = networks_in(tree, path=path)
    check_network_files(networks, paths=render(tree).paths())
    return networks


def checked_composition(
    tree: PlanTree, *, roles_path: str = ROLES_FILE, networks_path: str = NETWORKS_FILE
) -> tuple[tuple[Role, ...], tuple[Network, ...]]:
    """Return roles and networks of a plan; raises InvalidNetworks, InvalidRoles where they do not fit together."""
    networks = checked_networks(tree, path=networks_path)
    roles = parse_roles(tree.read(roles_path), source=roles_path)
    check_networks_of_roles(roles, networks=_names(networks))
    return roles, networks


def networks_in(tree: PlanTree, *, path: str = NETWORKS_FILE) -> tuple[Network, ...]:
    """Return the networks in a file of a plan; those that the plan has where it is the usual file."""
    return read_networks(tree) if path == NETWORKS_FILE else parse_networks(tree.read(path), source=path)


def _names(networks: Sequence[Network]) -> set[str]:
    return {network.name for network in networks}
