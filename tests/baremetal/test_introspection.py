"""Introspection by Ironic and by ironic-inspector; the ramdisk is played by a double that posts a real inventory."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.baremetal.ramdisk import Ramdisk, inventory, post_to_inspector, post_to_ironic

if TYPE_CHECKING:
    from tests.baremetal.conftest import Site

pytestmark = pytest.mark.undercloud

SYSTEM = ("--cloud", "undercloud-system")
"""Rules are the whole cloud's, and its administrators' to change."""
RULES = """
- description: mark what was seen
  actions:
    - {op: set-attribute, args: {path: /extra/seen_by_rule, value: "yes"}}
"""


def registered(site: Site, **fields: Any) -> str:
    site.commit(site.fake(0, inspect_interface="agent", **fields))
    site.run("node", "register")
    return f"{site.name}-0"


def test_what_the_ramdisk_found_is_shown_and_compared_with_the_last_time(site: Site) -> None:
    name, mac = registered(site), site.mac(0)
    with Ramdisk(lambda: post_to_ironic(site.undercloud, inventory(mac))):
        data = site.run("node", "introspect", name, "-o", "json").data
    assert data["nodes"][0]["ending"] == "done"
    assert data["findings"][0]["changes"] is None
    seen = site.run("node", "inventory", name, "-o", "json").data["inventory"]
    assert (seen["cpus"], seen["memory_mb"], seen["product"]) == (8, 16384, "Red Hat KVM")
    assert [disk["name"] for disk in seen["disks"]] == ["/dev/vda", "/dev/vdb"]
    assert [card["mac"] for card in seen["cards"]] == [mac]
    with Ramdisk(lambda: post_to_ironic(site.undercloud, inventory(mac, cpus=16, extra_mac=site.mac(8)))):
        again = site.run("node", "introspect", name, "-o", "json").data
    changes = {one["what"]: (one["old"], one["new"]) for one in again["findings"][0]["changes"]}
    assert changes == {"cpus": (8, 16), f"card {site.mac(8)}": (None, "eth1")}
    compared = site.run("node", "inventory", name, "--compare", "-o", "json", code=1).data
    assert len(compared["changes"]) == 2


def test_a_root_device_is_chosen_from_what_was_found(site: Site) -> None:
    name = registered(site)
    with Ramdisk(lambda: post_to_ironic(site.undercloud, inventory(site.mac(0)))):
        site.run("node", "introspect", name)
    site.run("node", "root-device", name, "--strategy", "smallest")
    properties = site.node(name).properties
    assert (properties["root_device"], properties["local_gb"]) == ({"serial": "QM00002"}, 19)
    unchanged = site.run("node", "root-device", name, "--strategy", "largest", "-o", "json").data
    assert unchanged["nodes"][0]["ending"] == "unchanged"
    site.run("node", "root-device", name, "--strategy", "vda", "--overwrite")
    assert site.node(name).properties["root_device"] == {"wwn_with_extension": "0x5000c500a0b1c2d3"}


def test_a_ramdisk_that_never_answers_fails_in_time_and_leaves_nothing_waiting(site: Site) -> None:
    name = registered(site)
    data = site.run("node", "introspect", name, "--node-timeout", "1", "--tries", "2", "-o", "json", code=2).data
    (outcome,) = data["nodes"]
    assert (outcome["ending"], outcome["after"], outcome["tries"]) == ("failed", "inspect failed", 2)
    with Ramdisk(lambda: post_to_ironic(site.undercloud, inventory(site.mac(0)))):
        site.run("node", "introspect", name)
    assert site.node(name).state.provision_state == "manageable"


def test_an_introspection_can_be_broken_off(site: Site) -> None:
    name = registered(site)
    site.services.ironic.provision(site.node(name).uuid, "inspect")
    until = time.monotonic() + 60  # what Ironic still prepares cannot be broken off
    while site.node(name).state.provision_state != "inspect wait" and time.monotonic() < until:
        time.sleep(0.1)
    data = site.run("node", "abort", name, "-o", "json").data
    assert data["nodes"][0]["ending"] == "done"
    assert site.node(name).state.provision_state in ("inspect wait", "inspect failed")
    assert site.run("node", "manage", name, "-o", "json").data["nodes"][0]["after"] == "manageable"


def test_rules_of_the_plan_are_applied_and_taken_back(site: Site) -> None:
    name = registered(site)
    site.commit(site.fake(0, inspect_interface="agent"), **{"baremetal__inspection-rules_DOT_yaml": RULES})
    assert "create mark what was seen" in site.run("node", "rules", *SYSTEM, "--dry-run", code=1).out
    site.run("node", "rules", *SYSTEM)
    assert site.run("node", "rules", *SYSTEM, "--dry-run").out == ""
    with Ramdisk(lambda: post_to_ironic(site.undercloud, inventory(site.mac(0)))):
        site.run("node", "introspect", name)
    assert site.node(name).extra["seen_by_rule"] == "yes"
    site.commit(site.fake(0, inspect_interface="agent"), **{"baremetal__inspection-rules_DOT_yaml": "[]\n"})
    assert "remove" in site.run("node", "rules", *SYSTEM).out
    assert site.run("node", "rules", *SYSTEM, "--dry-run").err.startswith("0 rules")


def test_ironic_inspector_serves_where_a_cloud_still_has_it(site: Site) -> None:
    site.commit(site.fake(0, inspect_interface="no-inspect"))
    site.run("node", "register")
    name, mac = f"{site.name}-0", site.mac(0)
    with Ramdisk(lambda: post_to_inspector(site.undercloud, inventory(mac))):
        data = site.run("node", "introspect", name, "--with", "inspector", "--unmanaged-boot", "-o", "json").data
    assert data["nodes"][0]["ending"] == "done"
    assert data["findings"][0]["inventory"]["cpus"] == 8
    assert site.node(name).state.provision_state == "manageable"


def test_ironic_inspector_gives_up_on_a_silent_machine_too(site: Site) -> None:
    site.commit(site.fake(0, inspect_interface="no-inspect"))
    site.run("node", "register")
    arguments = ("--with", "inspector", "--unmanaged-boot", "--node-timeout", "1", "--tries", "1")
    data = site.run("node", "introspect", f"{site.name}-0", *arguments, "-o", "json", code=2).data
    assert data["nodes"][0]["ending"] == "failed"
