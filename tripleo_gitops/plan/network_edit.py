"""Networks as data that somebody sends: checked, merged by name, and written into network_data.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import parse_yaml
from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.plan.entry_text import are_named, merge_entries, write_entries
from tripleo_gitops.plan.networks import NETWORKS_FILE, Network, parse_networks

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tripleo_gitops.documents.tree import PlanTree

NETWORKS_FOLDER = "networks/"
"""Where tripleo-heat-templates keep networks to choose from, one file each."""
RENDERED_FOLDER = "network/"


class InvalidNetworks(InvalidInput):
    """Networks that a plan cannot have; every reason is named."""

    reason = "InvalidNetworks"


def check_named(networks: Any) -> None:
    """Raise InvalidNetworks unless this is a list, and each network a mapping with a name."""
    if not are_named(networks):
        raise InvalidNetworks("one or more networks have no name; a list is needed, each of it a mapping with a name")


def available_networks(tree: PlanTree) -> tuple[dict[str, Any], ...]:
    """Return all that is said of the networks that a plan offers to choose from: `networks/*.yaml`."""
    found: list[dict[str, Any]] = []
    for path in sorted(tree.paths()):
        if path.startswith(NETWORKS_FOLDER) and path.endswith(".yaml"):
            content = tree.read(path)
            if isinstance(parse_yaml(content, source=path), list):
                found += [dict(network.fields) for network in parse_networks(content, source=path)]
    return tuple(found)


def merge_networks(
    networks: Sequence[dict[str, Any]] | None, *, current: Sequence[dict[str, Any]], replaces: bool = False
) -> tuple[dict[str, Any], ...]:
    """Return the networks of a plan after an edit: merged by name, the given ones win; or the given ones only."""
    given = networks or []
    check_named(given)
    check_named(current)
    return merge_entries((), given) if replaces else merge_entries(current, given)


def write_networks(content: bytes, networks: Sequence[dict[str, Any]], *, source: str = NETWORKS_FILE) -> bytes:
    """Return a networks file with these networks; one that is as it was keeps its text. Raises InvalidDocument."""
    current = [dict(network.fields) for network in parse_networks(content, source=source)]
    written = write_entries(content, current, networks, source=source)
    parse_networks(written, source=source)
    return written


def check_network_files(networks: Sequence[Network], *, paths: Collection[str]) -> None:
    """Raise InvalidNetworks where a network has no template in the rendered plan; disabled ones are not rendered."""
    missing = [
        f"{network.name} has no {RENDERED_FOLDER}{network.name_lower}.yaml"
        for network in networks
        if network.enabled and f"{RENDERED_FOLDER}{network.name_lower}.yaml" not in paths
    ]
    if missing:
        raise InvalidNetworks(f"in the rendered plan, {'; '.join(missing)}")
