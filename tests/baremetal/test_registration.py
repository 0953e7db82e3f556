"""Registration against the real Ironic: twice is once, ports and drivers really change, each failure is one node's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.baremetal.conftest import Site

pytestmark = pytest.mark.undercloud


def outcomes(data: dict[str, Any], verb: str) -> dict[str, str]:
    return {one["node"]: one["ending"] for one in data["nodes"] if one["verb"] == verb}


def test_the_second_registration_changes_nothing(site: Site) -> None:
    site.commit(site.fake(0, cpu=4, memory=8192, disk=40, arch="x86_64", traits=["CUSTOM_A"]), site.fake(1))
    first = site.run("node", "register", "-o", "json").data
    assert outcomes(first, "create") == {f"{site.name}-0": "done", f"{site.name}-1": "done"}
    assert site.run("node", "diff", "-o", "json").data["changes"] == []
    assert site.run("node", "register", "-o", "json").data["nodes"] == []


def test_a_new_node_is_led_to_where_it_is_asked(site: Site) -> None:
    site.commit(site.fake(0))
    site.run("node", "register", "--introspect", "--provide")
    node = site.node(f"{site.name}-0")
    assert node.state.provision_state == "available"
    assert node.state.inspection_finished_at


def test_everything_of_the_file_reaches_ironic(site: Site) -> None:
    link = {"switch_id": "52:54:00:ff:ff:01", "port_id": "xe-0/0/1", "switch_info": "leaf1"}
    port = {"address": site.mac(0).upper(), "physical_network": "leaf1", "local_link_connection": link}
    site.commit(
        site.fake(
            0,
            ports=[port],
            cpu=4,
            memory=8192,
            disk=40,
            arch="x86_64",
            platform="SKX",
            capabilities="profile:control,boot_mode:uefi",
            root_device={"serial": "x"},
            resource_class="gold",
            traits=["CUSTOM_A"],
            conductor_group="",
            description="rack 1",
            deploy_interface="direct",
            kernel_id="file:///k",
            ramdisk_id="file:///r",
        )
    )
    site.run("node", "register", "--no-manage")
    node = site.node(f"{site.name}-0")
    assert node.properties == {
        "cpus": 4,
        "memory_mb": 8192,
        "local_gb": 40,
        "cpu_arch": "x86_64",
        "root_device": {"serial": "x"},
        "capabilities": "boot_mode:uefi,profile:control",
    }
    assert (node.resource_class, node.traits, node.extra["tripleo_platform"]) == ("gold", ("CUSTOM_A",), "SKX")
    assert node.interfaces["deploy_interface"] == "direct"
    assert node.fields["description"] == "rack 1"
    assert node.driver_info == {
        "deploy_kernel": "file:///k",
        "rescue_kernel": "file:///k",
        "deploy_ramdisk": "file:///r",
        "rescue_ramdisk": "file:///r",
    }
    (found,) = node.ports
    assert (found.address, found.physical_network, found.local_link_connection) == (site.mac(0), "leaf1", link)


def test_kernel_and_ramdisk_are_found_in_glance(site: Site) -> None:
    image = site.undercloud.connect().image
    ids = {
        kind: image.create_image(name=f"{site.name}-{kind}", disk_format="raw", container_format="bare", data=b"x").id
        for kind in ("kernel", "ramdisk")
    }
    settings = f'[nodes]\nkernel = "{site.name}-kernel"\nramdisk = "{site.name}-ramdisk"\nboot_option = "local"\n'
    site.commit(site.fake(0), **{"tripleo-plan_DOT_toml": settings})
    site.run("node", "register", "--no-manage")
    node = site.node(f"{site.name}-0")
    assert node.driver_info["deploy_kernel"] == node.driver_info["rescue_kernel"] == ids["kernel"]
    assert node.driver_info["deploy_ramdisk"] == ids["ramdisk"]
    assert node.capabilities == {"boot_option": "local"}


def test_ports_change_with_the_file_and_those_that_introspection_found_stay(site: Site) -> None:
    site.commit(site.fake(0, ports=[{"address": site.mac(1)}, {"address": site.mac(2)}]))
    site.run("node", "register", "--no-manage")
    node = site.node(f"{site.name}-0")
    site.services.ironic.create_port({"node_uuid": node.uuid, "address": site.mac(9)})
    site.commit(site.fake(0, ports=[{"address": site.mac(2), "physical_network": "leaf2"}, {"address": site.mac(3)}]))
    site.run("node", "register", "--no-manage")
    ports = {port.address: port.physical_network for port in site.node(node.uuid).ports}
    assert ports == {site.mac(2): "leaf2", site.mac(3): "ctlplane", site.mac(9): None}
    assert site.run("node", "diff", "-o", "json").data["changes"] == []


def test_capabilities_that_others_set_stay_and_those_that_the_plan_took_back_go(site: Site) -> None:
    name = f"{site.name}-0"
    site.commit(site.fake(0, capabilities="profile:control,boot_mode:uefi"))
    site.run("node", "register", "--no-manage")
    site.run("node", "tag", name, "--capability", "found=yes", "--trait", "CUSTOM_FOUND")
    site.commit(site.fake(0, capabilities="profile:compute"))
    site.run("node", "register", "--no-manage")
    node = site.node(name)
    assert node.capabilities == {"profile": "compute", "found": "yes"}
    assert node.traits == ("CUSTOM_FOUND",)


def test_facts_that_introspection_corrected_are_not_put_back(site: Site) -> None:
    name = f"{site.name}-0"
    site.commit(site.fake(0, cpu=4, memory=1024))
    site.run("node", "register", "--no-manage")
    operation = {"op": "add", "path": "/properties/cpus", "value": 8}
    site.services.ironic.patch(site.node(name).uuid, [operation])
    assert site.run("node", "diff", "-o", "json").data["changes"] == []
    site.commit(site.fake(0, cpu=16, memory=1024))
    changes = site.run("node", "diff", "-o", "json", code=1).data["changes"]
    fields = {one["field"]: (one["old"], one["new"]) for one in changes[0]["fields"]}
    assert fields["properties.cpus"] == (8, 16)
    assert "properties.memory_mb" not in fields


def test_another_driver_really_becomes_the_nodes_driver(site: Site) -> None:
    site.commit(site.fake(0))
    site.run("node", "register", "--no-manage")
    before = site.node(f"{site.name}-0")
    address = f"http://{site.name}.example"
    login = {"pm_addr": address, "pm_system_id": "/redfish/v1/Systems/1", "pm_user": "admin"}
    site.commit(site.fake(0, pm_type="redfish", **login))
    site.run("node", "register", "--no-manage")
    after = site.node(f"{site.name}-0")
    assert (before.uuid, before.driver) == (after.uuid, "fake-hardware")
    assert (after.driver, after.interfaces["power_interface"]) == ("redfish", "redfish")
    assert after.driver_info["redfish_address"] == address
    site.commit(site.fake(0))
    site.run("node", "register", "--no-manage")
    back = site.node(f"{site.name}-0")
    assert (back.driver, back.interfaces["power_interface"], back.driver_info) == ("fake-hardware", "fake", {})


def test_nodes_are_removed_only_when_that_is_asked_and_only_those_of_the_plan(site: Site) -> None:
    site.commit(site.fake(0), site.fake(1))
    site.run("node", "register", "--no-manage")
    site.commit(site.fake(0))
    said = site.run("node", "register", "--no-manage")
    assert f"remove {site.name}-1 (stays, without --remove)" in said.err
    assert site.node(f"{site.name}-1")
    data = site.run("node", "register", "--no-manage", "--remove", "--yes", "-o", "json").data
    assert outcomes(data, "remove") == {f"{site.name}-1": "done"}
    assert site.run("node", "show", f"{site.name}-1", code=2).err


def test_a_part_of_the_plan_never_removes(site: Site) -> None:
    site.commit(site.fake(0), site.fake(1))
    site.run("node", "register", "--no-manage")
    (site.directory / "part.json").write_text("[]")
    refused = site.run("node", "register", "--file", "part.json", "--remove", "--yes", code=2)
    assert "not the whole plan" in refused.err
    site.commit()
    refused = site.run("node", "register", "--remove", "--yes", code=2)
    assert "the plan has no nodes" in refused.err
    assert site.node(f"{site.name}-0")


def test_a_node_of_another_plan_is_left_alone(site: Site) -> None:
    mine = site.fake(0)
    site.commit(mine)
    site.run("node", "register", "--no-manage")
    text = (site.directory / "plan-environment.yaml").read_text().replace(site.name, f"{site.name}-b")
    site.commit(mine, site.fake(1), **{"plan-environment_DOT_yaml": text})
    data = site.run("node", "register", "--no-manage", "-o", "json", code=2).data
    assert outcomes(data, "register") == {f"{site.name}-0": "failed"}
    assert outcomes(data, "create") == {f"{site.name}-1": "done"}
    assert f"belongs to the plan {site.name}" in data["nodes"][0]["reason"]
    site.services.ironic.delete(site.node(f"{site.name}-1").uuid)


def test_a_mac_address_in_another_case_is_refused_before_anything_is_done(site: Site) -> None:
    first, second = site.fake(0), site.fake(1)
    second["ports"] = [{"address": site.mac(0).upper()}]
    site.commit(first, second)
    refused = site.run("node", "register", code=2)
    assert f"the MAC address {site.mac(0)} is that of {site.name}-0" in refused.err
    assert site.run("node", "show", f"{site.name}-0", code=2)


def test_a_node_that_fails_has_its_own_reason_and_the_next_run_finishes(site: Site) -> None:
    taken = site.fake(7)
    site.commit(taken)
    site.run("node", "register", "--no-manage")
    # A conductor group without a conductor: Ironic refuses that node, and no other.
    site.commit(taken, site.fake(0), site.fake(1, conductor_group="nowhere"), site.fake(2))
    data = site.run("node", "register", "-o", "json", code=2).data
    assert outcomes(data, "create") == {f"{site.name}-0": "done", f"{site.name}-1": "failed", f"{site.name}-2": "done"}
    (reason,) = [one["reason"] for one in data["nodes"] if one["ending"] == "failed"]
    assert "nowhere" in reason
    assert site.node(f"{site.name}-2").state.provision_state == "manageable"
    site.commit(taken, site.fake(0), site.fake(1), site.fake(2))
    site.run("node", "register")
    assert site.node(f"{site.name}-1").state.provision_state == "manageable"


@pytest.mark.parametrize("suffix", ["json", "csv"])
def test_a_file_outside_of_any_plan_is_registered(site: Site, suffix: str) -> None:
    texts = {
        "json": f'[{{"name": "{site.name}-0", "pm_type": "fake_pxe", "mac": ["{site.mac(0)}"]}}]',
        "csv": f"manual-management,,,,{site.mac(0)}\n",
    }
    (site.directory / f"nodes.{suffix}").write_text(texts[suffix])
    site.commit()
    site.run("node", "register", "--file", f"nodes.{suffix}", "--no-manage")
    (found,) = [node for node in site.services.ironic.nodes() if node.mark and node.mark.plan == site.name]
    assert (found.driver, found.ports[0].address) == ("manual-management", site.mac(0))
