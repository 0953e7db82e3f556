"""Every driver family of instackenv, in Ironic's words."""

from __future__ import annotations

import pytest

from tripleo_gitops.nodes.desired import NodeDefaults, desired_node
from tripleo_gitops.nodes.documents import NodeEntry, read_nodes
from tripleo_gitops.nodes.drivers import FAMILIES, find_family
from tripleo_gitops.nodes.secret import Secret
from tripleo_gitops.nodes.validation import validate_nodes

LOGIN = "pm_addr: h, pm_user: u, pm_password: p"
NAMES = ("address", "username", "password")
CASES = [
    (f"pm_type: ipmi, {LOGIN}, pm_port: 6230, ipmi_bridging: single", "ipmi", "ipmi", "ipmi h 6230"),
    (f"pm_type: pxe_ipmitool, {LOGIN}", "ipmi", "ipmi", "ipmi h 623"),
    (f"pm_type: pxe_drac, {LOGIN}", "idrac", "drac", "idrac h"),
    (f"pm_type: ilo, {LOGIN}", "ilo", "ilo", "ilo h"),
    (f"pm_type: pxe_irmc, {LOGIN}, pm_port: 443", "irmc", "irmc", "irmc h 443"),
    (f"pm_type: redfish, {LOGIN}, pm_system_id: /s/1", "redfish", "redfish", "redfish h s/1"),
    (f"pm_type: xclarity, {LOGIN}", "xclarity", "xclarity", "xclarity h"),
    (f"pm_type: pxe_ucs, {LOGIN}, pm_service_profile: x", "cisco-ucs-managed", "ucs", "cisco-ucs-managed h x"),
    (f"pm_type: staging-ovirt, {LOGIN}, pm_vm_name: v", "staging-ovirt", "ovirt", "staging-ovirt h v"),
    (f"pm_type: staging-iboot, {LOGIN}, pm_relay_id: 2", "staging-iboot", "iboot", "staging-iboot h  2"),
    (f"pm_type: staging-amt, {LOGIN}", "staging-amt", "amt", "staging-amt h"),
]


@pytest.mark.parametrize(
    ("text", "driver", "prefix", "unique"), CASES, ids=[case[1] + str(n) for n, case in enumerate(CASES)]
)
def test_a_login_is_told_in_the_drivers_own_words(text: str, driver: str, prefix: str, unique: str) -> None:
    (entry,) = read_nodes(f"- {{{text}}}\n".encode(), source="n.yaml")
    assert isinstance(entry, NodeEntry)
    assert [one for one in validate_nodes([entry]) if not one.is_secret_in_clear] == []
    node = desired_node(entry, NodeDefaults(plan="p"))
    assert node.driver == driver
    found = [node.driver_info[f"{prefix}_{name}"] for name in NAMES]
    assert found[:2] == ["h", "u"]
    assert isinstance(found[2], Secret)
    assert found[2].value == "p"
    assert node.unique_id == unique


@pytest.mark.parametrize(
    ("name", "driver"),
    [
        ("fake_pxe", "manual-management"),
        ("fake_agent", "manual-management"),
        ("manual-management", "manual-management"),
        ("fake-hardware", "fake-hardware"),
        ("staging-wol", "staging-wol"),
    ],
)
def test_drivers_without_a_login(name: str, driver: str) -> None:
    family = find_family(name)
    assert family is not None
    assert (family.hardware_type, family.mandatory) == (driver, ())


@pytest.mark.parametrize("name", ["ipmi_weird", "weird_ipmi", "redfish2", "", None, 3, ["ipmi"]])
def test_a_name_counts_as_a_whole(name: object) -> None:
    assert find_family(name) is None


def test_a_dell_machine_can_be_reached_both_ways() -> None:
    (entry,) = read_nodes(f"- {{pm_type: idrac, {LOGIN}}}\n".encode(), source="n.yaml")
    assert isinstance(entry, NodeEntry)
    info = desired_node(entry, NodeDefaults(plan="p")).driver_info
    assert (info["redfish_address"], info["drac_address"]) == ("h", "h")
    assert info["redfish_system_id"] == "/redfish/v1/Systems/System.Embedded.1"


def test_no_two_families_have_one_name() -> None:
    names = ["ipmi", "pxe_ipmitool", "idrac", "pxe_drac", "ilo", "irmc", "redfish", "xclarity", "pxe_ucs", "pxe_amt"]
    assert [sum(bool(family.names.fullmatch(name)) for family in FAMILIES) for name in names] == [1] * len(names)
