"""The other commands against the real Ironic: tags, profiles, maintenance, cleaning, RAID, discovery, pushes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from tests.baremetal.conftest import Site

pytestmark = pytest.mark.undercloud


def test_a_node_is_taken_out_and_back_in(site: Site) -> None:
    name = f"{site.name}-0"
    site.commit(site.fake(0), site.fake(1))
    site.run("node", "register")
    site.run("node", "maintenance", "set", name, "--reason", "disk is changed")
    refused = site.run("node", "provide", name, f"{site.name}-1", "-o", "json", code=2)
    found = {one["node"]: one for one in refused.data["nodes"]}
    assert "disk is changed" in found[name]["reason"]
    assert found[f"{site.name}-1"]["after"] == "available"
    site.run("node", "maintenance", "unset", name)
    assert site.run("node", "provide", name, "-o", "json").data["nodes"][0]["after"] == "available"


def test_cleaning_raid_and_bios_go_through_ironics_cleaning(site: Site) -> None:
    name = f"{site.name}-0"
    site.commit(site.fake(0))
    site.run("node", "register")
    (site.directory / "bios.yaml").write_text("ProcTurboMode: Enabled\n")
    done = site.run("node", "bios", "configure", name, "--from", "bios.yaml", "--yes", "-o", "json").data
    assert (done["nodes"][0]["ending"], done["nodes"][0]["after"]) == ("done", "manageable")
    assert "ProcTurboMode" in site.run("node", "bios", "show", name, "-o", "json").data
    site.run("node", "bios", "reset", name, "--yes")
    refused = site.run("node", "clean", name, "--step", "bios.no_such_step", "--yes", "-o", "json", code=2)
    assert "no_such_step" in refused.data["nodes"][0]["reason"]
    # The driver that touches nothing takes a wish for a RAID, and has no steps that make one.
    (site.directory / "raid.yaml").write_text("logical_disks: [{size_gb: 50, raid_level: '1'}]\n")
    arguments = ("--from", "raid.yaml", "--yes", "--tries", "1", "-o", "json")
    refused = site.run("node", "raid", "create", name, *arguments, code=2)
    assert "create_configuration" in refused.data["nodes"][0]["reason"]
    assert site.run("node", "raid", "show", name, "-o", "json").data["target"]["logical_disks"][0]["size_gb"] == 50


def test_profiles_are_matched_with_the_reasons_and_promoted(site: Site) -> None:
    profile = f"p{site.name[-6:]}"
    site.commit(
        site.fake(0, capabilities=f"profile:{profile}"), site.fake(1, capabilities=f"{profile}_profile:1"), site.fake(2)
    )
    site.run("node", "register", "--provide")
    short = site.run("node", "profiles", "match", "--want", f"{profile}=3", "-o", "json", code=1).data
    assert short["shortages"][0]["found"] == 2
    assert short["promote"] == []
    site.run("node", "profiles", "match", "--want", f"{profile}=2", "--apply")
    assert site.node(f"{site.name}-1").capabilities["profile"] == profile
    assert f"{site.name}-1" in site.run("node", "list", "--profile", profile).out
    rules = f"- {{profile: other, traits: [CUSTOM_RULE], when: {{name: '{site.name}-2'}}}}\n"
    site.commit(site.fake(2), baremetal__profiles_DOT_yaml=rules)
    site.run("node", "profiles", "tag")
    node = site.node(f"{site.name}-2")
    assert (node.capabilities["profile"], node.traits) == ("other", ("CUSTOM_RULE",))


def test_a_node_with_an_instance_is_not_removed(site: Site) -> None:
    name = f"{site.name}-0"
    site.commit(site.fake(0), site.fake(1))
    site.run("node", "register", "--provide")
    ironic, uuid = site.services.ironic, site.node(name).uuid
    image = {"image_source": "http://127.0.0.1/image", "image_checksum": "0" * 32, "root_gb": 1}
    ironic.patch(uuid, [{"op": "add", "path": "/instance_info", "value": image}])
    site.undercloud.connect().baremetal.set_node_provision_state(uuid, "active", wait=True, timeout=60)
    data = site.run("node", "delete", name, f"{site.name}-1", "--yes", "-o", "json", code=2).data
    found = {one["node"]: one for one in data["nodes"]}
    assert "only a node without an instance" in found[name]["reason"]
    assert found[f"{site.name}-1"]["ending"] == "done"
    site.undercloud.connect().baremetal.set_node_provision_state(uuid, "deleted", wait=True, timeout=60)


def test_names_that_ironic_does_not_have_are_told_all_at_once(site: Site) -> None:
    refused = site.run("node", "manage", "no-such-a", "no-such-b", code=2)
    assert "no-such-a, no-such-b" in refused.err


def test_passwords_are_shown_by_no_command(site: Site) -> None:
    site.commit()
    fields = site.fake(0, ipmi_password="canary-99")
    (site.directory / "n.yaml").write_text(yaml.safe_dump([fields]))
    name, said = f"{site.name}-0", []
    said.append(site.run("node", "diff", "--file", "n.yaml", code=1))
    said.append(site.run("node", "register", "--file", "n.yaml"))
    said.append(site.run("node", "diff", "--file", "n.yaml", "--renew-passwords", "-o", "json", code=1))
    said.append(site.run("node", "show", name, "--validate"))
    assert all("canary-99" not in one.out + one.err for one in said)


@pytest.mark.xdist_group("ipmi")
def test_controllers_are_found_only_where_they_are_looked_for(site: Site) -> None:
    machine = site.machines("ipmi")[0]
    site.commit()
    logins = [{"user": "nobody", "password": "x"}, {"user": machine["username"], "password": machine["password"]}]
    (site.directory / "logins.yaml").write_text(yaml.safe_dump(logins))
    where = ("--range", machine["address"], "--ipmi-port", str(machine["port"]))
    found = site.run("node", "discover", *where, "--credentials", "logins.yaml", "-o", "json")
    assert found.data["tried"] == 2
    assert len(found.data["new"]) + found.data["known"] == 1
    assert all((one["pm_type"], one["pm_port"]) == ("ipmi", str(machine["port"])) for one in found.data["new"])
    assert machine["password"] not in found.out + found.err


def test_redfish_machines_behind_one_controller_are_all_found(site: Site) -> None:
    machines = site.machines("redfish")
    address, port = machines[0]["address"].removeprefix("http://").split(":")
    site.commit()
    logins = [{"user": machines[0]["username"], "password": machines[0]["password"]}]
    (site.directory / "logins.yaml").write_text(yaml.safe_dump(logins))
    where = ("--range", address, "--redfish-port", port)
    found = site.run("node", "discover", *where, "--credentials", "logins.yaml", "-o", "json").data
    assert len(found["new"]) + found["known"] == len(machines)


def test_a_push_registers_where_the_plans_rules_say_so_and_says_it_where_not(site: Site) -> None:
    site.commit(site.fake(0), **{"tripleo-plan_DOT_toml": "[sync]\non_push = false\n"})
    said = site.run("watch", "--once")
    assert "1 new; the plan registers none by itself" in said.out
    settings = "[sync]\non_push = false\n[nodes]\nregister_on_push = true\nintrospect_on_push = true\n"
    site.commit(site.fake(0), site.fake(1), **{"tripleo-plan_DOT_toml": settings})
    site.run("watch", "--once")
    node = site.node(f"{site.name}-1")
    assert node.state.provision_state == "manageable"
    assert node.state.inspection_finished_at
    assert "already are those of" in site.run("watch", "--once").out
