"""Inventories made from a stack's outputs, beside what TripleO's own tool makes of the same outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.operations.playbooks.inventory import Inventory, make_inventory
from tripleo_gitops.operations.playbooks.inventory_file import shown_inventory
from tripleo_gitops.operations.playbooks.plays import Ground
from tripleo_gitops.plan.ansible_settings import AnsibleSettings
from tripleo_gitops.plan.settings import PlanSettings

HERE = Path(__file__).parent / "inventory"
CANARY = "canary-admin-password"
SETTINGS = AnsibleSettings()


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((HERE / name).read_text())
    return document


def made(outputs: dict[str, Any], settings: AnsibleSettings = SETTINGS, **parameters: str) -> Inventory:
    return make_inventory(
        outputs, plan="site1", settings=settings, parameters=parameters, interpreter="/usr/bin/python3"
    )


def test_the_inventory_of_tripleos_outputs_is_that_of_tripleos_own_tool() -> None:
    """But for a path in /tmp, two names that are keywords of plays (one misspelt), and a group for old playbooks."""
    expected = read("tripleo-inventory.yaml")
    undercloud = expected["Undercloud"]["vars"]
    for name in ("ansible_remote_tmp", "any_error_fatal", "max_fail_percentage"):
        del undercloud[name]
    expected["overcloud"] = {"children": {"site1": {}}}

    found = made(read("tripleo-outputs.yaml"), AdminPassword=CANARY, ContainerCli="podman")

    assert found.document() == expected
    assert found.notes == ()
    assert found.hosts() == (
        "site1-controller-0",
        "site1-controller-1",
        "site1-novacompute-0",
        "site1-novacompute-7",
        "undercloud",
    )


def test_hosts_and_roles_have_the_variables_that_config_download_writes() -> None:
    outputs = read("tripleo-outputs.yaml") | {
        "AnsibleHostVarsMap": {"Controller": {"Site1-controller-0": {"fqdn_canonical": "a.example.org"}}},
        "RoleGroupVars": {"Controller": {"max_fail_percentage": 15, "tripleo_role_name": "not this"}},
    }
    controller = made(outputs).groups["Controller"]

    assert controller["hosts"]["site1-controller-0"]["fqdn_canonical"] == "a.example.org"
    assert controller["hosts"]["site1-controller-0"]["ansible_host"] == "192.168.24.11"
    assert (controller["vars"]["max_fail_percentage"], controller["vars"]["tripleo_role_name"]) == (15, "Controller")


def test_without_outputs_there_is_this_machine_alone() -> None:
    found = made({}, AdminPassword=CANARY)

    assert found.hosts() == ("undercloud",)
    assert found.groups["Undercloud"]["vars"]["ansible_connection"] == "local"
    assert CANARY not in str(found.document())


def test_the_canonical_names_stand_in_for_those_of_the_network() -> None:
    outputs = {
        "RoleNetHostnameMap": {"Compute": {"canonical": ["a-0.example.org", "a-1.example.org"]}},
        "RoleNetIpMap": {"Compute": {"ctlplane": ["192.0.2.1", "192.0.2.2"], "storage": ["198.51.100.1"]}},
    }
    hosts = made(outputs).groups["Compute"]["hosts"]

    assert {name: one["ansible_host"] for name, one in hosts.items()} == {"a-0": "192.0.2.1", "a-1": "192.0.2.2"}
    assert ("storage_ip" in hosts["a-0"], "storage_ip" in hosts["a-1"]) == (True, False)


def test_another_network_can_be_the_one_that_ansible_uses() -> None:
    found = made(read("tripleo-outputs.yaml"), AnsibleSettings(network="internal_api", user="cloud-user"))

    host = found.groups["Compute"]["hosts"]["site1-novacompute-0.internalapi.localdomain"]
    assert host["ansible_host"] == "172.16.2.21"
    assert found.groups["Compute"]["vars"]["ansible_ssh_user"] == "cloud-user"


def test_outputs_that_do_not_fit_together_are_noted_and_the_rest_is_there() -> None:
    outputs = read("tripleo-outputs.yaml")
    outputs["RoleNetIpMap"]["Controller"]["ctlplane"] = ["192.168.24.11"]
    found = made(outputs)

    assert list(found.groups["Controller"]["hosts"]) == ["site1-controller-0"]
    assert found.notes == ("role Controller: 2 host names and 1 addresses on ctlplane",)


def test_outputs_of_any_shape_make_some_inventory() -> None:
    for value in (None, 3, "text", [], [None], {"Controller": None}, {"Controller": {"ctlplane": "x"}}):
        names = ("RoleNetHostnameMap", "RoleNetIpMap", "EnabledServices", "VipMap", "ServerIdData", "EndpointMap")
        outputs = dict.fromkeys((*names, "AnsibleHostVarsMap", "RoleGroupVars", "BlacklistedHostnames"), value)

        assert "Undercloud" in made(outputs).groups


def test_a_missing_host_does_not_move_the_others_to_its_place() -> None:
    outputs = {
        "RoleNetHostnameMap": {"A": {"ctlplane": ["a-0.ctlplane.x", None, "a-2.ctlplane.x"]}},
        "RoleNetIpMap": {"A": {"ctlplane": ["192.0.2.1", None, "192.0.2.3"]}},
    }
    hosts = made(outputs).groups["A"]["hosts"]

    assert {name: one["ansible_host"] for name, one in hosts.items()} == {"a-0": "192.0.2.1", "a-2": "192.0.2.3"}


def test_a_stack_without_tripleos_outputs_names_its_hosts_by_settings() -> None:
    outputs = {
        "web_address": "192.0.2.1",
        "workers": ["192.0.2.2", "192.0.2.3"],
        "databases": {"db0": "192.0.2.4", "db1": {"ansible_host": "192.0.2.5", "ansible_port": 2222}},
    }
    asked = (("web", "web_address"), ("worker", "workers"), ("db", "databases"), ("none", "missing"))
    found = made(outputs, AnsibleSettings(hosts=asked, user="cloud-user"))

    assert found.groups["web"]["hosts"] == {"192.0.2.1": {"ansible_host": "192.0.2.1"}}
    assert list(found.groups["worker"]["hosts"]) == ["192.0.2.2", "192.0.2.3"]
    assert found.groups["db"]["hosts"]["db1"] == {"ansible_host": "192.0.2.5", "ansible_port": 2222}
    assert found.groups["db"]["vars"] == {"ansible_user": "cloud-user"}
    assert found.notes == ("group none: the stack has no output missing that names hosts",)


def ground(settings: PlanSettings | None = None, **files: bytes) -> Ground:
    return Ground(
        plan="site1",
        revision="main@sha1:" + "0" * 40,
        tree=MemoryTree(files),
        settings=settings or PlanSettings(),
        outputs=read("tripleo-outputs.yaml"),
        hidden=frozenset({"VipMap", "AdminPassword"}),
        parameters={"AdminPassword": CANARY, "ContainerCli": "podman"},
    )


def test_a_printed_inventory_masks_what_is_hidden_and_shows_the_rest() -> None:
    shown, _notes = shown_inventory(ground())

    assert CANARY not in str(shown)
    assert shown["site1"]["vars"]["redis_vip"] == "******"
    assert shown["site1"]["vars"]["container_cli"] == "podman"
    assert shown["Controller"]["hosts"]["site1-controller-0"]["ansible_host"] == "192.168.24.11"


def test_a_revealed_inventory_is_the_one_that_playbooks_get() -> None:
    shown, _notes = shown_inventory(ground(), is_revealed=True)

    assert shown["Undercloud"]["vars"]["overcloud_admin_password"] == CANARY


def test_a_plans_own_inventory_takes_the_place_of_the_made_one() -> None:
    settings = PlanSettings(ansible=AnsibleSettings(inventory="hosts"))
    shown, notes = shown_inventory(ground(settings, hosts=b"web:\n  hosts:\n    a:\nempty:\n"))

    assert shown == {"web": {"hosts": {"a": None}}, "empty": {}}
    assert notes == ("from hosts of the plan",)


def test_every_hidden_text_is_known_to_be_one() -> None:
    assert {CANARY, "172.16.2.8"} <= ground().secret_texts()
