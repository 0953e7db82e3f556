"""Released tripleo-heat-templates as bundles, with selections of their environments; and a table of both answers.

`RELEASED_TEMPLATES=… OS_CLOUD=… python -m tests.heat.releases [VERSION …]` prints the table; `--random N` takes N
random selections of a release's environments instead, of every release that is there (`--seed` for others).
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openstack

from tests.heat.answers import differences, heat_answer, our_answer
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.errors import GitopsError
from tripleo_gitops.heat.bundle import Bundle, collect
from tripleo_gitops.heat.environment import EnvironmentLayer, merge, read_layer
from tripleo_gitops.plan.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openstack.connection import Connection

    from tripleo_gitops.documents.tree import PlanTree

REGISTRY = "overcloud-resource-registry-puppet.yaml"
NETWORKS, NEWER_NETWORKS = "network_data.yaml", "network_data_default.yaml"
SIZES = (1, 2, 4, 6, 10)
"""How many environments a random selection has."""
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
    if NETWORKS not in files:
        files[NETWORKS] = files[NEWER_NETWORKS]
    return render(MemoryTree(files))


def bundle_of(version: str, selection: tuple[str, ...]) -> Bundle:
    """Return what a release and a selection of its environments send to Heat."""
    tree = rendered(version)
    chosen = [read_layer(tree, path) for path in (REGISTRY, *(f"environments/{one}" for one in selection))]
    required = EnvironmentLayer("required", {"parameter_defaults": REQUIRED})
    return collect(tree, "overcloud.yaml", merge([*chosen, required]))


def random_selections(version: str, *, number: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Yield selections of a release's environments, the same ones for the same seed."""
    prefix = "environments/"
    every = [path.removeprefix(prefix) for path in sorted(rendered(version).paths()) if path.startswith(prefix)]
    known = [path for path in every if path.endswith(".yaml") and ".j2." not in path]
    chance = random.Random(f"{seed} {version}")
    for _ in range(number):
        yield tuple(chance.sample(known, chance.choice(SIZES)))


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


def refusal(connection: Connection, version: str, selection: tuple[str, ...], why: GitopsError) -> str:
    """Return the line of a selection that we refuse; raise `why` where Heat takes what we would send."""
    try:
        bundle = bundle_of(version, selection)
    except GitopsError:
        who = "nothing to send"
    else:
        who = "Heat refuses it, too"
        if heat_answer(connection, bundle) is not None:
            raise why
    return f"| {version} | {' '.join(selection)} | refused ({who}): {why} |"


def count(answer: Any) -> int:
    """Return how many parameters an answer has, in all its stacks."""
    return len(answer["Parameters"]) + sum(map(count, answer.get("NestedParameters", {}).values()))


def main() -> None:
    """Print the table; exit with 1 where anything differs."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("versions", nargs="*")
    parser.add_argument("--random", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    connection, differing = openstack.connect(), 0
    sys.stdout.write(
        "| release | environments | Heat's | ours | differing | Heat s | ours s |\n|---|---|---|---|---|---|---|\n"
    )
    is_random = asked.random is not None
    for version in asked.versions or (unpacked() if is_random else SELECTIONS):
        chosen = random_selections(version, number=asked.random, seed=asked.seed) if is_random else SELECTIONS[version]
        for selection in chosen:
            try:
                row = compare(connection, version, selection)
                differing += bool(row.differing)
                sys.stdout.write(f"{row}\n")
            except GitopsError as why:
                if not is_random:
                    raise
                sys.stdout.write(f"{refusal(connection, version, selection, why)}\n")
    sys.exit(bool(differing))


def unpacked() -> list[str]:
    """Return the releases that are there."""
    found = Path(os.environ["RELEASED_TEMPLATES"]).glob("tripleo-heat-templates-*")
    return sorted(path.name.removeprefix("tripleo-heat-templates-") for path in found)


if __name__ == "__main__":
    main()
