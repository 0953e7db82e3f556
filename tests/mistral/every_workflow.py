"""Run every workflow that the tool registers in Mistral, on a real OpenStack that is there for this only.

`tox run -e workflows` starts Keystone, Swift, Heat, Ironic, Mistral and Glance, registers the workbooks, lists them by
Mistral's own command line, runs the workflows in an order that makes sense, prints what each gave, and stops
everything again. It exits 1 where one ended otherwise than it is said here to end, or is not listed.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openstack

from tests.mistral.listed import expected, listed
from tripleo_gitops.cli.main import run
from tripleo_gitops.openstack.swift import SwiftContainers
from tripleo_gitops.operations.mirror.announcement import USAGE_KEY, USAGE_VALUE
from tripleo_gitops.operations.mirror.manifest import md5_of
from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.clouds import client_environment
from tripleo_gitops.undercloud.config import DEFAULT_SERVICES, Service, Undercloud

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).parents[2]
EXAMPLE = PROJECT / "examples" / "plan-repo"
PLAN = "every"
IMAGE = "overcloud-full"
PATIENCE = 300.0
GIT, PLANS, DEPLOYMENT = "tripleo.git.v1", "tripleo.plan_management.v1", "tripleo.deployment.v1"
ENVIRONMENTS, VALIDATIONS, STACKS = "tripleo.heat_environments.v1", "tripleo.validations.v1", "tripleo.stack.v1"
METAL, MESSAGES = "tripleo.baremetal.v1", "tripleo.messaging.v1"
NETWORKS, PARAMETERS = "tripleo.networks.v1", "tripleo.parameters.v1"
FERNET, SCALES = "tripleo.fernet_keys.v1", "tripleo.scale.v1"
MAIN = "overcloud.j2.yaml"
FERNET_KEYS = b"  KeystoneFernetKeys: {type: json, hidden: true, description: Keys of the tokens}\n"
MACHINE = {"name": "one-more", "pm_type": "fake-hardware", "mac": ["52:54:00:00:00:99"]}
FENCED = {
    "nodes_json": [{"pm_type": "ipmi", "pm_addr": "192.0.2.9", "pm_user": "u", "pm_password": "hush"}],
    **dict.fromkeys(("delay", "ipmi_level", "ipmi_cipher", "ipmi_lanplus")),
    "container": PLAN,
}
STEPS = [{"interface": "bios", "step": "factory_reset"}]
ROLE = {
    "name": "Networker",
    "description": "Routers",
    "CountDefault": 0,
    "HostnameFormatDefault": "%stackname%-networker-%index%",
    "tags": ["external_bridge"],
    "networks": ["InternalApi"],
    "ServicesDefault": ["OS::TripleO::Services::Ntp"],
}
NETWORK = {"name": "Tenant", "ip_subnet": "172.16.0.0/24"}
DISKS = [{"size_gb": 10, "raid_level": "1"}]
SLOW = b"""\
- hosts: undercloud
  gather_facts: false
  vars:
    metadata: {name: Slow, description: Takes its time, groups: [slow]}
  tasks:
    - ansible.builtin.wait_for: {timeout: 120}
"""
OFFERED = {
    "validations/slow.yaml": SLOW,
    "networks/External.yaml": b"- {name: External, vip: true}\n",
    "plan-samples/small/notes.yaml": b"{}\n",
}
"""What the example lacks."""
CONTROLLERS = "CONTROLLERS"
"""The variable that says where the undercloud's management controllers are listed."""
UNTIL_IT_RUNS = 6.0
"""Seconds that a validation may take to begin."""


@dataclass(frozen=True)
class Turn:
    """One workflow, what it is given, and how it has to end.

    `inputs` is called when its turn comes, with the ids of the machines. The next turn after one that `goes_on` begins
    `waits` seconds later; the first after those that `joins` waits for it, too. `gives` names an
    output that may not be empty.
    """

    workflow: str
    inputs: Callable[[list[str]], dict[str, Any]] = field(default=lambda _nodes: {})
    ends: str = "SUCCESS"
    goes_on: bool = False
    waits: float = 0.0
    joins: bool = False
    gives: str | None = None

    def is_right(self, state: str, output: dict[str, Any]) -> bool:
        """Return whether the workflow ended as it has to end, and gave something where it has to."""
        return state == self.ends and (self.gives is None or bool(output.get(self.gives)))


def _given(**inputs: Any) -> Callable[[list[str]], dict[str, Any]]:
    return lambda _nodes: inputs


def _for_machines(**inputs: Any) -> Callable[[list[str]], dict[str, Any]]:
    return lambda nodes: {"node_uuids": nodes, **inputs}


def _for_controller(**inputs: Any) -> Callable[[list[str]], dict[str, Any]]:
    """Return what names the management controller that the undercloud has, and its login."""

    def given(_nodes: list[str]) -> dict[str, Any]:
        machine = json.loads(Path(os.environ[CONTROLLERS]).read_text())["machines"][0]
        where = {"ip_addresses": [machine["address"]], "ports": [machine["port"]]}
        return {**where, "credentials": [[machine["username"], machine["password"]]], **inputs}

    return given


MADE = (
    Turn(f"{PLANS}.create_deployment_plan", _given(container=PLAN)),
    Turn(f"{PLANS}.list_plans"),
    Turn(f"{PLANS}.update_deployment_plan", _given(container=PLAN)),
    Turn(f"{PLANS}.list_roles", _given(container=PLAN)),
    Turn(f"{PLANS}.list_available_roles", _given(container=PLAN)),
    Turn(f"{PLANS}.list_networks", _given(container=PLAN)),
    Turn(f"{PLANS}.select_roles", _given(container=PLAN, role_names=["Controller", "Compute"])),
    Turn(f"{PLANS}.validate_roles", _given(container=PLAN)),
    Turn(f"{PLANS}.validate_networks", _given(container=PLAN)),
    Turn(f"{PLANS}.validate_roles_and_networks", _given(container=PLAN)),
    Turn(f"{PLANS}.validate_network_files", _given(container=PLAN, network_data=[{"name": "Storage"}])),
    Turn(f"{PLANS}.list_available_networks", _given(container=PLAN), gives="available_networks"),
    Turn(f"{NETWORKS}.validate_networks_input", _given(networks=[NETWORK])),
    Turn(f"{NETWORKS}.update_networks", _given(container=PLAN, networks=[NETWORK]), gives="network_data"),
    Turn(f"{PLANS}.update_roles", _given(container=PLAN, roles=[ROLE]), gives="updated_roles"),
    Turn(f"{PLANS}.list_sample_plans", _given(container=PLAN), gives="available_plans"),
    Turn(f"{PLANS}.select_sample_plan", _given(container=PLAN, sample_plan_name="small")),
    Turn(f"{PLANS}.update_parameters", _given(container=PLAN, parameters={"ComputeCount": 2})),
    Turn(f"{PLANS}.get_deprecated_parameters", _given(container=PLAN)),
    Turn(f"{PARAMETERS}.generate_fencing_parameters", _given(**FENCED), gives="fencing_parameters"),
    Turn(f"{PLANS}.get_passwords", _given(container=PLAN), ends="ERROR"),
    Turn(f"{PLANS}.rotate_passwords", _given(container=PLAN, password_list=["AdminPassword"])),
    Turn(f"{FERNET}.rotate_fernet_keys", _given(container=PLAN)),
    Turn(f"{PLANS}.export_deployment_plan", _given(plan=PLAN)),
    Turn(f"{ENVIRONMENTS}.get", _given(container=PLAN)),
    Turn(f"{ENVIRONMENTS}.update", _given(container=PLAN, environments={"environments/debug.yaml": True})),
    Turn(f"{GIT}.mirror", _given(container=PLAN)),
)
CHECKED = (
    Turn(
        f"{VALIDATIONS}.run_validation",
        _given(plan=PLAN, validation_name="slow"),
        ends="ERROR",
        goes_on=True,
        waits=UNTIL_IT_RUNS,
    ),
    Turn(f"{VALIDATIONS}.stop", _given(plan=PLAN), joins=True),
    Turn(f"{VALIDATIONS}.list", _given(plan=PLAN)),
    Turn(f"{VALIDATIONS}.list_groups", _given(plan=PLAN)),
    Turn(f"{VALIDATIONS}.run_validation", _given(plan=PLAN, validation_name="unique-ports")),
    Turn(f"{VALIDATIONS}.run_validations", _given(plan=PLAN, validation_names=["unique-ports"])),
    Turn(f"{VALIDATIONS}.run_groups", _given(plan=PLAN, group_names=["pre-deployment"])),
    Turn(f"{VALIDATIONS}.results", _given(plan=PLAN)),
    Turn(f"{GIT}.validation", _given(container=PLAN, group="pre-deployment")),
)
REGISTERED = (
    Turn(f"{METAL}.validate_nodes", _given(nodes_json=[MACHINE])),
    Turn(f"{METAL}.register_or_update", _given(nodes_json=[MACHINE], instance_boot_option="local")),
    Turn(f"{METAL}.configure_manageable_nodes", _given(kernel_name="file:///k", ramdisk_name="file:///r")),
    Turn(f"{METAL}.introspect_manageable_nodes"),
    Turn(f"{METAL}.apply_bios_settings_on_manageable_nodes", _given(settings={"virtualization": "on"})),
    Turn(f"{METAL}.reset_bios_settings_on_manageable_nodes"),
    Turn(f"{METAL}.manage_manageable_nodes"),
    Turn(f"{METAL}.provide_manageable_nodes"),
)
FOUND = (
    Turn(f"{METAL}.discover_nodes", _for_controller(), gives="nodes_json"),
    Turn(f"{METAL}.discover_and_enroll_nodes", _for_controller(initial_state="enroll"), gives="registered_nodes"),
)
LED = (
    Turn(f"{METAL}.manage", _for_machines()),
    Turn(f"{METAL}.configure", _for_machines(kernel_name="file:///k", ramdisk_name="file:///r")),
    Turn(f"{METAL}.introspect", _for_machines()),
    Turn(f"{METAL}.tag_node", lambda nodes: {"node_uuid": nodes[0], "role": "control"}),
    Turn(f"{METAL}.nodes_with_profile", _given(profile="control")),
    Turn(f"{METAL}.nodes_with_hint", _given(hint_regex="^controller-[0-9]+$")),
    Turn(f"{METAL}.tag_nodes", lambda nodes: {"tag_node_uuids": [], "untag_node_uuids": nodes, "role": "control"}),
    Turn(f"{METAL}.manual_cleaning", lambda nodes: {"node_uuid": nodes[0], "clean_steps": STEPS}),
    Turn(f"{METAL}.apply_bios_settings", _for_machines(settings={"virtualization": "on"})),
    Turn(f"{METAL}.reset_bios_settings", _for_machines()),
    # The machines are of Ironic's driver fake-hardware, which has no step that erases disks or makes an array.
    Turn(f"{METAL}.clean_manageable_nodes", ends="ERROR"),
    Turn(f"{METAL}.clean_nodes", _for_machines(), ends="ERROR"),
    Turn(f"{METAL}.create_raid_configuration", _for_machines(configuration={"logical_disks": DISKS}), ends="ERROR"),
    Turn(f"{METAL}.manage", _for_machines()),
    Turn(f"{METAL}.provide", _for_machines()),
)
OF_THE_PLAN = (
    Turn(f"{GIT}.node_registration", _given(container=PLAN)),
    Turn(f"{GIT}.node_manage", _given(container=PLAN)),
    Turn(f"{GIT}.node_introspection", _given(container=PLAN)),
    Turn(f"{GIT}.node_provide", _given(container=PLAN)),
    Turn(f"{GIT}.node_provisioning", _given(container=PLAN)),
    Turn(f"{GIT}.node_unprovisioning", _given(container=PLAN)),
)
DEPLOYED = (
    Turn(f"{STACKS}.wait_for_stack_does_not_exist", _given(stack=PLAN)),
    Turn(f"{DEPLOYMENT}.deploy_plan", _given(container=PLAN), goes_on=True),
    Turn(f"{STACKS}.wait_for_stack_in_progress", _given(stack=PLAN)),
    Turn(f"{STACKS}.wait_for_stack_complete_or_failed", _given(stack=PLAN), joins=True),
    Turn(f"{DEPLOYMENT}.get_deployment_status", _given(plan=PLAN)),
    Turn(f"{DEPLOYMENT}.recover_deployment_status", _given(container=PLAN)),
    Turn(f"{DEPLOYMENT}.get_deployment_failures", _given(plan=PLAN)),
    # The example's cloud has no Horizon.
    Turn(f"{DEPLOYMENT}.get_horizon_url", _given(stack=PLAN), ends="ERROR"),
    Turn(f"{GIT}.deploy", _given(container=PLAN)),
    Turn(f"{SCALES}.delete_node", _given(container=PLAN, nodes=["Compute/1"])),
    Turn(f"{DEPLOYMENT}.config_download_deploy", _given(plan_name=PLAN)),
    Turn(f"{GIT}.post_deploy", _given(container=PLAN)),
    Turn(f"{STACKS}.delete_stack", _given(stack=PLAN)),
    Turn(f"{DEPLOYMENT}.undeploy_plan", _given(container=PLAN)),
    Turn(f"{GIT}.undeploy", _given(container=PLAN)),
    Turn(f"{MESSAGES}.send", _given(queue_name="tripleo", type="mine", execution={"id": "none"}, message="Hello.")),
    Turn(f"{PLANS}.delete_deployment_plan", _given(container=PLAN)),
)
TURNS = (
    Turn(f"{PLANS}.create_container", _given(container=PLAN)),
    *MADE,
    *CHECKED,
    *REGISTERED,
    *LED,
    *OF_THE_PLAN,
    *DEPLOYED,
    *FOUND,
)


@dataclass(frozen=True)
class Caller:
    """Mistral's API as an administrator."""

    connection: openstack.connection.Connection

    def begin(self, turn: Turn) -> str:
        """Start a workflow and return the execution's id."""
        body = {"workflow_name": turn.workflow, "input": json.dumps(turn.inputs(self.machines()))}
        answer = self.connection.workflow.post("/executions", json=body)
        if answer.status_code >= 400:
            raise SystemExit(f"{turn.workflow}: {answer.text}")
        return str(answer.json()["id"])

    def ended(self, execution: str) -> dict[str, Any]:
        """Return an execution when it has ended, or when that takes too long."""
        ends = time.monotonic() + PATIENCE
        while True:
            found: dict[str, Any] = self.connection.workflow.get(f"/executions/{execution}").json()
            if found["state"] in ("SUCCESS", "ERROR", "CANCELLED") or time.monotonic() > ends:
                return found
            time.sleep(0.5)

    def machines(self) -> list[str]:
        """Return the ids of the machines that there are."""
        return [node.id for node in self.connection.baremetal.nodes()]

    def upload(self) -> None:
        """Fill the plan's container with the example, whose Keystone is given Fernet keys, as older clients do."""
        containers = SwiftContainers(self.connection)
        containers.create(PLAN, {USAGE_KEY: USAGE_VALUE})
        for path in sorted(one for one in EXAMPLE.rglob("*") if one.is_file()):
            content = path.read_bytes()
            name = path.relative_to(EXAMPLE).as_posix()
            if name == MAIN:
                content = content.replace(b"\nparameters:\n", b"\nparameters:\n" + FERNET_KEYS, 1)
            containers.put(PLAN, name, content, md5=md5_of(content), content_type="text/plain")
        for name, content in OFFERED.items():
            containers.put(PLAN, name, content, md5=md5_of(content), content_type="text/plain")


def run_all(caller: Caller) -> Iterator[tuple[Turn, dict[str, Any], float]]:
    """Yield each turn with its execution, ended, and the seconds that it took."""
    going: list[tuple[Turn, str, float]] = []
    for turn in TURNS:
        if turn is MADE[0]:
            caller.upload()
        begun = time.monotonic()
        execution = caller.begin(turn)
        if turn.goes_on:
            going.append((turn, execution, begun))
            time.sleep(turn.waits)
        else:
            yield turn, caller.ended(execution), time.monotonic() - begun
        while turn.joins and going:
            earlier, known, since = going.pop()
            yield earlier, caller.ended(known), time.monotonic() - since


def show_lists(connection: openstack.connection.Connection) -> int:
    """Print what Mistral's own command line lists, and return how many of its lists lack something."""
    wrong = 0
    print("| command | of TripleO's names | first | last |\n|---|---|---|---|")
    for command, names in listed(connection).items():
        mark = "" if expected()[command] <= set(names) else " **wrong**"
        print(f"| `mistral {command}` | {len(names)}{mark} | {names[0]} | {names[-1]} |", flush=True)
        wrong += bool(mark)
    print()
    return wrong


def main() -> int:
    """Return 0 if every workflow ended as it is to end."""
    wrong = 0
    services = (*DEFAULT_SERVICES, Service.IRONIC, Service.MISTRAL, Service.GLANCE, Service.IPMI)
    with tempfile.TemporaryDirectory(prefix="workflows-") as folder:
        config = Undercloud(state_dir=Path(folder, "cloud"), cache_dir=Path(folder, "cache"), services=services)
        try:
            running = supervisor.up(config, progress=lambda _line: None)
            os.environ.update(client_environment(running.clouds_file))
            os.environ[CONTROLLERS] = str(config.state_dir / "ipmi" / "machines.json")
            run(["mistral", "install"])
            with openstack.connect() as connection:
                image = {"disk_format": "raw", "container_format": "bare", "data": b"nothing boots here"}
                connection.image.create_image(name=IMAGE, visibility="public", **image)
                wrong += show_lists(connection)
                print("| workflow | state | message | seconds |\n|---|---|---|---|")
                for turn, found, seconds in run_all(Caller(connection)):
                    output = json.loads(found["output"])
                    said = str(output.get("message") or output.get("type") or "").split("\n")[0]
                    mark = "" if turn.is_right(found["state"], output) else " **wrong**"
                    print(f"| `{turn.workflow}` | {found['state']}{mark} | {said[:150]} | {seconds:.1f} |", flush=True)
                    wrong += bool(mark)
        finally:
            supervisor.down(config)
    print(f"\n{len({turn.workflow for turn in TURNS})} workflows, {wrong} ended otherwise than said")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
