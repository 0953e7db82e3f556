"""Each driver family against the real Ironic and real controllers, by the controllers' own record of the power."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.ipmi_client import ipmi

if TYPE_CHECKING:
    from tests.baremetal.conftest import Site

pytestmark = pytest.mark.undercloud


def redfish_node(site: Site, number: int, **fields: Any) -> dict[str, Any]:
    machine = site.machines("redfish")[number]
    return {
        "name": f"{site.name}-redfish",
        "pm_type": "redfish",
        "pm_addr": machine["address"],
        "pm_system_id": machine["system"],
        "pm_user": machine["username"],
        "pm_password": machine["password"],
        "ports": [{"address": site.mac(40 + number)}],
        **fields,
    }


def ipmi_node(site: Site, number: int, **fields: Any) -> dict[str, Any]:
    machine = site.machines("ipmi")[number]
    return {
        "name": f"{site.name}-ipmi",
        "pm_type": "pxe_ipmitool",
        "pm_addr": machine["address"],
        "pm_port": machine["port"],
        "pm_user": machine["username"],
        "pm_password": machine["password"],
        "ipmi_cipher_suite": 3,
        "ports": [{"address": site.mac(50 + number)}],
        **fields,
    }


def power_of_redfish(site: Site, number: int) -> str:
    machine = site.machines("redfish")[number]
    login = (machine["username"], machine["password"])
    return str(
        requests.get(machine["address"] + machine["system"], auth=login, timeout=10).json()["PowerState"]
    ).lower()


def register(site: Site, *nodes: dict[str, Any], code: int = 0) -> Any:
    """Register from a file outside of the plan, where passwords may be in clear."""
    site.commit()
    (site.directory / "nodes.json").write_text(json.dumps(list(nodes)))
    return site.run("node", "register", "--file", "nodes.json", "--concurrency", "4", "-o", "json", code=code).data


@pytest.mark.xdist_group("redfish-1")
def test_a_redfish_machine_obeys_and_its_controller_says_so(site: Site) -> None:
    register(site, redfish_node(site, 1))
    name = f"{site.name}-redfish"
    assert site.node(name).state.provision_state == "manageable"
    site.run("node", "power", "on", name)
    assert power_of_redfish(site, 1) == "on"
    assert site.run("node", "power", "on", name, "-o", "json").data["nodes"][0]["ending"] == "unchanged"
    site.run("node", "power", "reboot", name)
    site.run("node", "boot-device", "set", "pxe", name, "--persistent")
    assert site.run("node", "boot-device", "show", name, "-o", "json").data["boot_device"] == "pxe"
    site.run("node", "power", "off", name)
    assert power_of_redfish(site, 1) == "off"
    site.run("node", "introspect", name)
    seen = site.run("node", "inventory", name, "-o", "json").data["inventory"]
    assert (seen["cpus"], seen["memory_mb"]) == (8, 16384)
    bios = site.run("node", "bios", "show", name, "-o", "json").data
    assert (bios["BootMode"], bios["ProcTurboMode"]) == ("Uefi", "Enabled")
    assert site.run("node", "provide", name, "-o", "json").data["nodes"][0]["after"] == "available"


@pytest.mark.xdist_group("ipmi")
def test_an_ipmi_machine_obeys_and_its_controller_says_so(site: Site) -> None:
    register(site, ipmi_node(site, 1))
    name, machine = f"{site.name}-ipmi", site.machines("ipmi")[1]
    node = site.node(name)
    assert (node.driver, node.state.provision_state) == ("ipmi", "manageable")
    site.run("node", "power", "on", name)
    assert ipmi(machine, "chassis", "power", "status") == "Chassis Power is on"
    site.run("node", "boot-device", "set", "disk", name)
    assert "Force Boot from default Hard-Drive" in ipmi(machine, "chassis", "bootparam", "get", "5")
    site.run("node", "power", "off", name)
    assert ipmi(machine, "chassis", "power", "status") == "Chassis Power is off"


@pytest.mark.xdist_group("redfish-2")
def test_a_wrong_password_is_one_nodes_own_reason_and_the_right_one_mends_it(site: Site) -> None:
    data = register(site, redfish_node(site, 2, pm_password="wrong"), site.fake(0), code=2)
    found = {one["node"]: one for one in data["nodes"] if one["verb"] == "manageable"}
    assert found[f"{site.name}-0"]["after"] == "manageable"
    failed = found[f"{site.name}-redfish"]
    assert (failed["ending"], failed["after"], failed["tries"]) == ("failed", "enroll", 3)
    assert "wrong" not in failed["reason"]
    register(site, redfish_node(site, 2), site.fake(0))
    assert site.node(f"{site.name}-redfish").state.provision_state == "manageable"


@pytest.mark.xdist_group("ipmi")
def test_a_dead_controller_is_one_nodes_own_reason(site: Site) -> None:
    dead = ipmi_node(site, 2, pm_port=9, name=f"{site.name}-dead")
    data = register(site, dead, site.fake(0), code=2)
    found = {one["node"]: one for one in data["nodes"] if one["verb"] == "manageable"}
    assert found[f"{site.name}-0"]["ending"] == "done"
    assert found[f"{site.name}-dead"]["ending"] == "failed"
    assert found[f"{site.name}-dead"]["reason"]


def test_machines_that_nobody_manages_are_registered(site: Site) -> None:
    register(site, {"name": f"{site.name}-0", "pm_type": "fake_agent", "mac": [site.mac(0)]})
    node = site.node(f"{site.name}-0")
    assert (node.driver, node.state.provision_state) == ("manual-management", "manageable")


def test_a_driver_that_this_ironic_does_not_have_is_refused_by_it(site: Site) -> None:
    ilo = {"name": f"{site.name}-ilo", "pm_type": "ilo", "pm_addr": "192.0.2.77", "pm_user": "a", "pm_password": "b"}
    data = register(site, ilo, site.fake(0), code=2)
    (failed,) = [one for one in data["nodes"] if one["ending"] == "failed"]
    assert failed["node"] == f"{site.name}-ilo"
    assert "ilo" in failed["reason"]
    assert site.node(f"{site.name}-0")
