"""Machines over Mistral: what TripleO's clients ask of `tripleo.baremetal`, on the real Ironic."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import CommandLine
from tests.mistral.conftest import ActionFailed, Mistral
from tripleo_gitops.undercloud.config import Service

if TYPE_CHECKING:
    from pathlib import Path

    from tests.undercloud_fixture import RunningUndercloud

pytestmark = pytest.mark.undercloud
BOOK = "tripleo.baremetal.v1"
UNUSED = 2
"""The machine behind an IPMI controller that no other test registers."""


@pytest.fixture
def metal(undercloud: RunningUndercloud, mistral: Mistral, tmp_path: Path, capsys: Any, monkeypatch: Any) -> Mistral:
    """Return Mistral with the tool's workbooks, beside Ironic, as an administrator: others may not register nodes."""
    undercloud.with_services(Service.IRONIC, Service.GLANCE)
    for name, value in undercloud.environment.items():
        monkeypatch.setenv(name, value)
    CommandLine(tmp_path, capsys)("mistral", "install")
    return replace(mistral, connection=undercloud.connect())


def _machine(**more: Any) -> dict[str, Any]:
    digits = secrets.token_hex(4)
    mac = ":".join(["52", "54", *(digits[place : place + 2] for place in (0, 2, 4, 6))])
    return {"name": f"m-{digits}", "pm_type": "fake-hardware", "mac": [mac], **more}


def test_machines_are_registered_tagged_and_made_available_by_tripleos_workflows(metal: Mistral) -> None:
    machine = _machine()
    done = metal.run(f"{BOOK}.register_or_update", nodes_json=[machine], instance_boot_option="local")
    assert done["state"] == "SUCCESS", done["output"]
    (node,) = done["output"]["registered_nodes"]
    assert (node["name"], node["provision_state"]) == (machine["name"], "manageable")
    again = metal.run(f"{BOOK}.register_or_update", nodes_json={"nodes": [machine]}, instance_boot_option="local")
    assert [one["uuid"] for one in again["output"]["registered_nodes"]] == [node["uuid"]]
    profile = f"p-{machine['name']}"
    assert metal.run(f"{BOOK}.tag_node", node_uuid=node["uuid"], role=profile)["state"] == "SUCCESS"
    found = metal.run(f"{BOOK}.nodes_with_profile", profile=profile)
    assert found["output"]["matching_nodes"] == []  # nothing can be deployed on it yet
    configured = metal.run(
        f"{BOOK}.configure", node_uuids=[node["uuid"]], kernel_name="file:///k", ramdisk_name="file:///r"
    )
    assert configured["state"] == "SUCCESS", configured["output"]
    looked = metal.run(f"{BOOK}.introspect", node_uuids=[node["uuid"]])
    assert looked["output"]["introspected_nodes"] == {node["uuid"]: {"error": None}}, looked["output"]
    provided = metal.run(f"{BOOK}.provide", node_uuids=[node["uuid"]])
    assert provided["state"] == "SUCCESS", provided["output"]
    found = metal.run(f"{BOOK}.nodes_with_profile", profile=profile)
    assert found["output"]["matching_nodes"] == [node["uuid"]]
    hint = f"h-{machine['name']}"
    metal.call("tripleo.baremetal.update_node_capability", node_uuid=node["uuid"], capability="node", value=hint)
    found = metal.run(f"{BOOK}.nodes_with_hint", hint_regex=f"^{hint}$")
    assert found["output"]["matching_nodes"] == [node["uuid"]]
    given = {"uuid": node["uuid"], "properties": {"capabilities": f"profile:{profile},node:{hint}"}}
    assert metal.call("tripleo.baremetal.get_profile", node=given) == {"profile": profile, "uuid": node["uuid"]}
    assert metal.call("tripleo.baremetal.get_node_hint", node=given) == {"hint": hint, "uuid": node["uuid"]}
    (listed,) = metal.call("tripleo.git.list_nodes", profile=profile)
    assert listed["provision_state"] == "available"
    assert listed["capabilities"]["boot_option"] == "local"
    assert metal.run(f"{BOOK}.manage", node_uuids=[node["uuid"]])["state"] == "SUCCESS"
    assert metal.run(f"{BOOK}.tag_node", node_uuid=node["uuid"])["state"] == "SUCCESS"
    assert metal.call("tripleo.git.list_nodes", profile=profile) == []
    assert metal.run(f"{BOOK}.tag_node", node_uuid=node["uuid"], role=profile)["state"] == "SUCCESS"
    taken = metal.run(f"{BOOK}.tag_nodes", tag_node_uuids=[], untag_node_uuids=[node["uuid"]], role=profile)
    assert taken["state"] == "SUCCESS", taken["output"]
    assert metal.call("tripleo.git.list_nodes", profile=profile) == []


def test_machines_that_cannot_be_registered_are_named(metal: Mistral) -> None:
    bad = _machine(pm_type="no-such-driver")
    with pytest.raises(ActionFailed, match=bad["name"]):
        metal.call("tripleo.baremetal.validate_nodes", nodes_json=[bad])
    refused = metal.run(f"{BOOK}.register_or_update", nodes_json=[bad])
    assert refused["state"] == "ERROR"
    assert bad["name"] in refused["output"]["message"]
    checked = metal.run(f"{BOOK}.validate_nodes", nodes_json=[_machine()])
    assert checked["state"] == "SUCCESS", checked["output"]


def test_machines_that_take_a_login_are_found_and_registered_and_no_result_holds_a_password(
    undercloud: RunningUndercloud, metal: Mistral
) -> None:
    undercloud.with_services(Service.IPMI)
    kept = (undercloud.config.state_dir / "ipmi" / "machines.json").read_text()
    machine = json.loads(kept)["machines"][UNUSED]
    login = [machine["username"], machine["password"]]
    where = {"ip_addresses": [machine["address"]], "ports": [machine["port"]], "credentials": [["x", "y"], login]}
    looked = metal.run(f"{BOOK}.discover_nodes", **where)
    assert looked["state"] == "SUCCESS", looked["output"]
    found = {"pm_type": "ipmi", "pm_addr": machine["address"], "pm_port": machine["port"]}
    assert looked["output"]["nodes_json"] == [{**found, "pm_user": machine["username"]}]
    where["credentials"] = [login]
    enrolled = metal.run(f"{BOOK}.discover_and_enroll_nodes", **where, initial_state="enroll")
    assert enrolled["state"] == "SUCCESS", enrolled["output"]
    (node,) = enrolled["output"]["registered_nodes"]
    assert node["provision_state"] == "enroll"
    assert metal.run(f"{BOOK}.discover_nodes", **where)["output"]["nodes_json"] == []
    again = metal.run(f"{BOOK}.discover_and_enroll_nodes", **where)
    assert (again["state"], again["output"]["registered_nodes"]) == ("SUCCESS", []), again["output"]
    assert machine["password"] not in json.dumps([looked["output"], enrolled["output"], again["output"]])
    metal.connection.baremetal.delete_node(node["uuid"])


def test_only_an_administrator_lets_machines_be_looked_for(mistral: Mistral) -> None:
    where = {"ip_addresses": ["192.0.2.1"], "credentials": [["a", "b"]]}
    with pytest.raises(ActionFailed, match="one of admin is needed"):
        mistral.call("tripleo.git.discover_nodes", **where)
    with pytest.raises(ActionFailed, match="one of admin is needed"):
        mistral.call("tripleo.git.enroll_discovered_nodes", **where)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"credentials": {"user": "a"}}, "credentials are a list of pairs"),
        ({"credentials": [["a"]]}, "credentials are a list of pairs"),
        ({"ip_addresses": "nowhere"}, "'nowhere' is no address"),
        ({"ip_addresses": "192.0.2.0/8"}, "name a smaller range"),
        ({"ports": ["ipmi"]}, "'ipmi' is no port"),
        ({"ports": []}, "nothing to look for"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(metal: Mistral, wrong: dict[str, Any], said: str) -> None:
    where = {"ip_addresses": ["192.0.2.1"], "credentials": [["a", "b"]], **wrong}
    with pytest.raises(ActionFailed, match=said):
        metal.call("tripleo.git.discover_nodes", **where)


def test_a_list_of_machines_removes_none(metal: Mistral) -> None:
    with pytest.raises(ActionFailed, match="nothing is removed"):
        metal.call("tripleo.baremetal.register_or_update_nodes", nodes_json=[_machine()], remove=True)


def test_a_machine_that_is_not_there_is_named_where_it_is_led(metal: Mistral) -> None:
    with pytest.raises(ActionFailed, match="no-such-machine"):
        metal.call("tripleo.git.lead_nodes", errand="provide", node_uuids=["no-such-machine"])
    with pytest.raises(ActionFailed, match="none of manage"):
        metal.call("tripleo.git.lead_nodes", errand="burn", node_uuids=["no-such-machine"])
    with pytest.raises(ActionFailed, match="validations are a plan's"):
        metal.call("tripleo.git.lead_nodes", errand="introspect", run_validations=True)
