"""Networks that somebody sends are checked, merged and written; each that is enabled needs its template."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.plan.network_edit import (
    InvalidNetworks,
    available_networks,
    check_network_files,
    merge_networks,
    write_networks,
)
from tripleo_gitops.plan.networks import parse_networks

NETWORKS = b"""\
# Ours.
- {name: Storage, mtu: 9000}  # fast
- name: Management
  enabled: false
"""
STORAGE, MANAGEMENT = {"name": "Storage", "mtu": 9000}, {"name": "Management", "enabled": False}


def test_networks_are_merged_by_name_and_the_last_one_wins() -> None:
    slow, tenant = {"name": "Storage", "mtu": 1500}, {"name": "Tenant"}
    assert merge_networks([tenant, slow], current=[STORAGE, MANAGEMENT]) == (slow, MANAGEMENT, tenant)
    assert merge_networks([tenant], current=[STORAGE], replaces=True) == (tenant,)
    assert merge_networks(None, current=[STORAGE]) == (STORAGE,)


def test_a_network_without_a_name_is_refused() -> None:
    for wrong in ([{"mtu": 1}], ["Storage"], [{"name": None}], "Storage", {"name": "Storage"}):
        with pytest.raises(InvalidNetworks, match="have no name"):
            merge_networks(wrong, current=[])  # type: ignore[arg-type]
    with pytest.raises(InvalidNetworks, match="have no name"):
        merge_networks([], current=None)  # type: ignore[arg-type]


def test_a_network_that_stays_keeps_its_text() -> None:
    written = write_networks(NETWORKS, [STORAGE, {"name": "Management", "enabled": True}])
    assert written.startswith(b"# Ours.\n- {name: Storage, mtu: 9000}  # fast\n")
    assert [network.enabled for network in parse_networks(written)] == [True, True]
    assert write_networks(NETWORKS, [STORAGE, MANAGEMENT]) == NETWORKS


def test_only_enabled_networks_need_a_template() -> None:
    networks = parse_networks(NETWORKS)
    check_network_files(networks, paths={"network/storage.yaml"})
    with pytest.raises(InvalidNetworks, match=r"Storage has no network/storage\.yaml"):
        check_network_files(networks, paths={"network/management.yaml"})


def test_offered_networks_are_those_of_the_folder() -> None:
    tree = MemoryTree(
        {"networks/b.yaml": b"- {name: B}\n", "networks/a.yaml": b"- {name: A, vip: true}\n", "network/c.yaml": b"{}"}
    )
    assert available_networks(tree) == ({"name": "A", "vip": True}, {"name": "B"})
    assert available_networks(MemoryTree({})) == ()
