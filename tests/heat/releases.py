"""Released tripleo-heat-templates as bundles, with selections of their environments; and a table of both answers.

`RELEASED_TEMPLATES=… OS_CLOUD=… python -m tests.heat.releases` prints the table.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openstack

from tests.heat.answers import differences, heat_answer, our_answer
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.heat.bundle import Bundle, collect
from tripleo_gitops.heat.environment import EnvironmentLayer, merge, read_layer
from tripleo_gitops.plan.rendering import render

if TYPE_CHECKING:
    from openstack.connection import Connection

    from tripleo_gitops.documents.tree import PlanTree

REGISTRY = "overcloud-resource-registry-puppet.yaml"
NETWORKS = {"18.0.0": "network_data_default.yaml"}
REQUIRED = {
    "ContainerCephDaemonImage": "ceph/daemon:v4",
    "DockerCephDaemonImage": "ceph/daemon:v4",
    "AdminPassword": "x",
    "SnmpdReadonlyUserPassword": "x",
    "StackAction": "CREATE",
}
SELECTIONS: dict[str, tuple[tuple[str, ...], ...]] = {
    "10.6.2": (
        (),
        ("docker.yaml", "docker-ha.yaml", "network-isolation.yaml", "net-single-nic-with-vlans.yaml"),
        ("ssl/enable-tls.yaml", "ssl/tls-endpoints-public-ip.yaml", "cadf.yaml", "debug.yaml"),
        (
            "ceph-ansible/ceph-ansible.yaml",
            "ceph-ansible/ceph-rgw.yaml",
            "services/barbican.yaml",
            "services/manila.yaml",
        ),
        ("disable-telemetry.yaml", "services/octavia.yaml", "services/neutron-ovn-ha.yaml", "services/ironic.yaml"),
        ("undercloud.yaml", "use-dns-for-vips.yaml"),
    ),
    "11.6.0": (
        (),
        ("docker-ha.yaml", "network-isolation.yaml", "net-single-nic-with-vlans.yaml", "debug.yaml"),
        ("ssl/enable-tls.yaml", "ssl/tls-everywhere-endpoints-dns.yaml", "cadf.yaml", "auditd.yaml"),
        ("ceph-ansible/ceph-ansible.yaml", "ceph-ansible/ceph-dashboard.yaml", "services/barbican.yaml", "dcn.yaml"),
        ("disable-telemetry.yaml", "services/octavia.yaml", "services/neutron-ovs-dvr.yaml", "services/ironic.yaml"),
        ("undercloud.yaml", "use-dns-for-vips.yaml", "disable-swift.yaml"),
    ),
    "18.0.0": (
        (),
        ("docker-ha.yaml", "config-debug.yaml", "enable-swap.yaml"),
        ("ssl/enable-tls.yaml", "ssl/tls-everywhere-endpoints-dns.yaml", "cadf.yaml", "auditd.yaml"),
        ("cephadm/cephadm.yaml", "services/barbican.yaml", "dcn.yaml", "disable-swift.yaml"),
        ("services/octavia.yaml", "services/ironic.yaml", "services/neutron-ovs-dvr.yaml", "enable-secure-rbac.yaml"),
        ("deployed-networks.yaml", "enable-swap.yaml", "compute-real-time-example.yaml"),
    ),
}


def sources(version: str) -> Path | None:
    """Return where a release is unpacked, or None where it is not here."""
    found = Path(os.environ.get("RELEASED_TEMPLATES", "")) / f"tripleo-heat-templates-{version}"
    return found if found.is_dir() else None


@cache
def rendered(version: str) -> PlanTree:
    """Return a release rendered with its default roles and networks."""
    root = sources(version)
    assert root is not None
    paths = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    files["network_data.yaml"] = files[NETWORKS.get(version, "network_data.yaml")]
    return render(MemoryTree(files))


def bundle_of(version: str, selection: tuple[str, ...]) -> Bundle:
    """Return what a release and a selection of its environments send to Heat."""
    tree = rendered(version)
    chosen = [read_layer(tree, path) for path in (REGISTRY, *(f"environments/{one}" for one in selection))]
    required = EnvironmentLayer("required", {"parameter_defaults": REQUIRED})
    return collect(tree, "overcloud.yaml", merge([*chosen, required]))


@dataclass(frozen=True)
class Row:
    """One line of the table: parameters in each answer, where they differ, seconds of each."""

    version: str
    selection: tuple[str, ...]
    heat: int
    ours: int
    differing: list[tuple[str, Any, Any]]
    heat_s: float
    ours_s: float

    def __str__(self) -> str:
        what = " ".join(one.removesuffix(".yaml") for one in self.selection) or "(none)"
        counts = f"{self.heat} | {self.ours} | {len(self.differing)}"
        return f"| {self.version} | {what} | {counts} | {self.heat_s:.2f} | {self.ours_s:.2f} |"


def compare(connection: Connection, version: str, selection: tuple[str, ...]) -> Row:
    """Ask Heat and ourselves for one selection; ours is timed from rendered files on, Heat's from its request on."""
    rendered(version)
    begin = time.perf_counter()
    bundle = bundle_of(version, selection)
    ours = our_answer(bundle, project_id=connection.current_project_id)
    middle = time.perf_counter()
    theirs = heat_answer(connection, bundle)
    end = time.perf_counter()
    assert theirs is not None
    found = list(differences(theirs, ours))
    return Row(version, selection, count(theirs), count(ours), found, end - middle, middle - begin)


def count(answer: Any) -> int:
    """Return how many parameters an answer has, in all its stacks."""
    return len(answer["Parameters"]) + sum(map(count, answer.get("NestedParameters", {}).values()))


def main() -> None:
    connection = openstack.connect()
    sys.stdout.write(
        "| release | environments | Heat's | ours | differing | Heat s | ours s |\n|---|---|---|---|---|---|---|\n"
    )
    wanted = sys.argv[1:] or SELECTIONS
    for version, selections in ((version, SELECTIONS[version]) for version in wanted):
        for selection in selections:
            sys.stdout.write(f"{compare(connection, version, selection)}\n")


if __name__ == "__main__":
    main()
