"""The services beside the first three, each doing what it is there for."""

from __future__ import annotations

import json
import secrets
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
import requests
import websocket

from tests.ipmi_client import IpmiRefused, ipmi
from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.config import Condition, Service

if TYPE_CHECKING:
    import openstack.connection

    from tests.undercloud_fixture import RunningUndercloud

pytestmark = pytest.mark.undercloud

WORKFLOW = """
version: '2.0'
greet:
  input: [who]
  output: {said: <% $.said %>}
  tasks:
    say: {action: std.echo, input: {output: "hello <% $.who %>"}, publish: {said: <% task().result %>}, on-success: end}
    end: {action: std.noop}
"""


@pytest.fixture(scope="module")
def everything(undercloud: RunningUndercloud) -> RunningUndercloud:
    return undercloud.with_services(*Service)


@pytest.fixture(scope="module")
def admin(everything: RunningUndercloud) -> openstack.connection.Connection:
    return everything.connect()


def machines(undercloud: RunningUndercloud, kind: str) -> list[dict[str, Any]]:
    found = json.loads((undercloud.config.state_dir / kind / "machines.json").read_text())["machines"]
    assert isinstance(found, list)
    return found


def test_every_service_answers(everything: RunningUndercloud) -> None:
    found = {one.service: one.condition for one in supervisor.status(everything.config)}
    assert found == dict.fromkeys(Service, Condition.UP)


def test_glance_keeps_an_image(admin: openstack.connection.Connection) -> None:
    made = admin.image.create_image(name="kernel", disk_format="raw", container_format="bare", data=b"x" * 99)
    found = admin.image.get_image(made.id)
    assert (found.status, found.size) == ("active", 99)


def test_nova_keeps_flavors_and_keypairs(admin: openstack.connection.Connection) -> None:
    flavor = admin.compute.create_flavor(name="baremetal", ram=1, vcpus=1, disk=1)
    admin.compute.create_flavor_extra_specs(flavor, {"resources:CUSTOM_BAREMETAL": "1"})
    specs = admin.compute.fetch_flavor_extra_specs(flavor).extra_specs
    assert specs == {"resources:CUSTOM_BAREMETAL": "1"}
    assert admin.compute.create_keypair(name="default").private_key
    assert list(admin.compute.servers()) == []


def test_mistral_runs_a_workflow_to_its_result(admin: openstack.connection.Connection) -> None:
    admin.workflow.create_workflow(definition=WORKFLOW, scope="private")
    execution = admin.workflow.create_execution(workflow_name="greet", input={"who": "plan"})
    deadline = time.monotonic() + 30
    while execution.status == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.1)
        execution = admin.workflow.get_execution(execution.id)
    assert (execution.status, json.loads(execution.output)["said"]) == ("SUCCESS", "hello plan")


def test_ironic_deploys_a_machine_that_is_not_there(admin: openstack.connection.Connection) -> None:
    node = admin.baremetal.create_node(name="fake", driver="fake-hardware")
    for action in ("manage", "provide"):
        admin.baremetal.set_node_provision_state(node, action, wait=True, timeout=60)
    image = {"image_source": "http://127.0.0.1/image", "image_checksum": "0" * 32, "root_gb": 1}
    admin.baremetal.update_node(node.id, instance_info=image)
    admin.baremetal.set_node_provision_state(node.id, "active", wait=True, timeout=60)
    assert admin.baremetal.get_node(node.id).provision_state == "active"


def test_ironic_shows_its_nodes_to_no_other_tenant(everything: RunningUndercloud) -> None:
    everything.connect().baremetal.create_node(name="hidden", driver="fake-hardware")
    assert list(everything.as_cloud("undercloud-other").connect().baremetal.nodes()) == []


def test_ironic_shows_its_drivers_to_the_system_scope(everything: RunningUndercloud) -> None:
    system = everything.as_cloud("undercloud-system").connect()
    assert {"fake-hardware", "redfish"} <= {driver.name for driver in system.baremetal.drivers()}


def test_ironic_powers_a_machine_over_redfish(everything: RunningUndercloud) -> None:
    baremetal, machine = everything.connect().baremetal, machines(everything, "redfish")[0]
    node = baremetal.create_node(
        name=machine["name"],
        driver="redfish",
        driver_info={
            "redfish_address": machine["address"],
            "redfish_system_id": machine["system"],
            "redfish_username": machine["username"],
            "redfish_password": machine["password"],
        },
    )
    baremetal.set_node_provision_state(node, "manage", wait=True, timeout=60)
    baremetal.set_node_power_state(node, "power on", wait=True, timeout=60)
    assert baremetal.get_node(node.id).power_state == "power on"


def test_a_redfish_controller_refuses_a_wrong_password(everything: RunningUndercloud) -> None:
    machine = machines(everything, "redfish")[0]
    url = machine["address"] + machine["system"]
    assert requests.get(url, auth=(machine["username"], "wrong"), timeout=10).status_code == 401
    login = (machine["username"], machine["password"])
    assert requests.get(url, auth=login, timeout=10).json()["Name"] == machine["name"]


def test_ipmi_controllers_obey_and_are_told_apart(everything: RunningUndercloud) -> None:
    first, second = machines(everything, "ipmi")[:2]
    ipmi(first, "chassis", "power", "on")
    assert ipmi(first, "chassis", "power", "status") == "Chassis Power is on"
    assert ipmi(second, "chassis", "power", "status") == "Chassis Power is off"
    ipmi(first, "chassis", "bootdev", "pxe")
    assert "Force PXE" in ipmi(first, "chassis", "bootparam", "get", "5")


def test_an_ipmi_controller_refuses_a_wrong_password(everything: RunningUndercloud) -> None:
    with pytest.raises(IpmiRefused, match="Unable to establish IPMI v2"):
        ipmi({**machines(everything, "ipmi")[2], "password": "wrong"}, "chassis", "power", "status")


def test_the_inspector_lists_what_it_has_seen(admin: openstack.connection.Connection) -> None:
    answer = admin.session.get("/v1/introspection", endpoint_filter={"service_type": "baremetal-introspection"})
    assert answer.json() == {"introspection": []}


def test_who_listens_to_a_queue_on_the_websocket_hears_what_is_sent_over_http(
    admin: openstack.connection.Connection,
) -> None:
    queue, client = f"queue-{secrets.token_hex(4)}", str(uuid.uuid4())
    listening = websocket.create_connection(admin.endpoint_for("messaging-websocket"), timeout=30)
    whose = {"Client-ID": client, "X-Project-ID": admin.current_project_id}

    def ask(action: str, **body: Any) -> int:
        headers = {**whose, "X-Auth-Token": admin.auth_token} if action == "authenticate" else whose
        listening.send(json.dumps({"action": action, "headers": headers, "body": body}))
        return int(json.loads(listening.recv())["headers"]["status"])

    try:
        assert ask("queue_create", queue_name=queue) == 403  # nobody has said who they are
        assert ask("authenticate") == 200
        assert ask("queue_create", queue_name=queue) == 201
        assert ask("subscription_create", queue_name=queue, ttl=300) == 201
        sent = admin.session.post(
            f"/v2/queues/{queue}/messages",
            json={"messages": [{"body": {"said": "deployed"}, "ttl": 300}]},
            headers={"Client-ID": client},
            endpoint_filter={"service_type": "messaging"},
        )
        assert sent.status_code == 201
        assert json.loads(listening.recv())["body"] == {"said": "deployed"}
    finally:
        listening.close()
