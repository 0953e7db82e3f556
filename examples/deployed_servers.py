"""TripleO without Nova and Neutron: released templates 18.0.0 on two servers that are there, created and updated.

What Heat did for TripleO's ephemeral deployments: the templates' own deployed-server and deployed-network
environments, one controller, one compute, all five isolated networks, passwords by the tool. Every command is shown.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from demo import Demo, free_name, say

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIXES = {
    "storage": "172.16.1",
    "storage_mgmt": "172.16.3",
    "internal_api": "172.16.2",
    "tenant": "172.16.0",
    "external": "10.0.0",
    "ctlplane": "192.168.24",
}
NETWORKS = "network-data-samples/default-network-isolation.yaml"
SELECTED = ("environments/deployed-network-environment.yaml", "environments/deployed-ports.yaml", "lab/servers.yaml")
ROLE_TEMPLATE = "puppet/role.role.j2.yaml"
OLD_EXPRESSION, NEW_EXPRESSION = 'str("{0}".format($.data).split("/")[-1])', 'str($.data).split("/")[-1]'
UPDATE = "TimeZone=Europe/Berlin"


def ports(last: int, networks: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the addresses of one server, or of the virtual ones, as the templates' port maps have them."""
    found = {}
    for network in networks:
        address = f"{PREFIXES[network]}.{last}"
        found[network] = {"ip_address": address, "ip_address_uri": address, "ip_subnet": f"{address}/24"}
    return found


def environment(name: str, images: Iterable[str]) -> dict[str, Any]:
    """Return what tripleoclient and Neutron used to say of servers that are there: names, addresses, images."""
    cidr = f"{PREFIXES['ctlplane']}.0/24"
    subnet = {
        "name": "ctlplane-subnet",
        "cidr": cidr,
        "gateway_ip": f"{PREFIXES['ctlplane']}.1",
        "ip_version": 4,
        "dns_nameservers": [],
        "host_routes": [],
    }
    control_plane = {"name": "ctlplane", "dns_domain": "ctlplane.localdomain.", "mtu": 1500, "tags": [cidr]}
    compute = ("internal_api", "tenant", "storage", "ctlplane")
    values = {
        "RootStackName": name,
        "ControllerCount": 1,
        "ComputeCount": 1,
        "NodePortMap": {f"{name}-controller-0": ports(10, PREFIXES), f"{name}-novacompute-0": ports(20, compute)},
        "VipPortMap": ports(100, [network for network in PREFIXES if network not in {"tenant", "ctlplane"}]),
        "ControlPlaneVipData": {
            "name": "control_virtual_ip",
            "fixed_ips": [{"ip_address": f"{PREFIXES['ctlplane']}.100"}],
            "network": {"tags": [cidr]},
            "subnets": [{"ip_version": 4, "cidr": cidr}],
        },
        "CtlplaneNetworkAttributes": {"network": control_plane, "subnets": {"ctlplane-subnet": subnet}},
    }
    return {"parameter_defaults": values | {image: f"127.0.0.1:8787/lab/{image.lower()}:18" for image in images}}


def missing_images(demo: Demo, name: str) -> list[str]:
    """Return the container images that the selected services ask for and that nothing names yet."""
    findings: Any = demo.ask("tripleo-plan", "-C", name, "check", "-o", "json", fine=(0, 2))
    words = (found["message"].split()[0] for found in findings if found["code"] == "parameter-missing-nested")
    return sorted({word for word in words if word.endswith("Image")})


def change_plan(demo: Demo, name: str) -> None:
    """Write the lab into the plan, and the one repair that the templates need on a Heat of today."""
    plan = demo.directory / name
    lab = plan / "lab" / "servers.yaml"
    lab.parent.mkdir()
    lab.write_text("# Two servers that are there, and where images come from.\n")
    with lab.open("a") as file:
        yaml.safe_dump(environment(name, missing_images(demo, name)), file)
    (plan / "network_data.yaml").write_bytes((plan / NETWORKS).read_bytes())
    demo.run("tripleo-plan", "-C", name, "capabilities", "enable", *SELECTED)
    demo.run("tripleo-plan", "-C", name, "commit", "--all", "-m", "One controller and one compute, deployed already")
    role = plan / ROLE_TEMPLATE
    role.write_text(role.read_text().replace(OLD_EXPRESSION, NEW_EXPRESSION))
    demo.run("tripleo-plan", "-C", name, "commit", "--all", "-m", "Do without yaql's format(), gone since yaql 3")


def main() -> None:
    """Create the stack and update it; print, as the last line, what it came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("templates", type=Path, help="the unpacked sources of tripleo-heat-templates 18.0.0")
    parser.add_argument("--directory", type=Path, default=Path("demo-plans"), help="where the plan is made")
    parser.add_argument("--state-dir", type=Path, help="the undercloud's directory [default: its own]")
    arguments = parser.parse_args()
    arguments.directory.mkdir(parents=True, exist_ok=True)
    demo, begun = Demo(arguments.directory.absolute()), time.monotonic()
    name = free_name(demo.directory)
    state = ("--state-dir", str(arguments.state_dir.absolute())) if arguments.state_dir else ()

    say("A real OpenStack on loopback")
    demo.run("tripleo-plan", "undercloud", "up", *state, part="undercloud")
    demo.environment |= demo.ask("tripleo-plan", "undercloud", "env", "--format", "json", *state)

    say("A key for the plan's secrets, a plan of the released templates, and a clone of it")
    key = demo.directory / f"{name}.key"
    demo.environment |= {"SOPS_AGE_KEY_FILE": str(key), "TRIPLEO_PLANS_DIR": str(demo.directory)}
    demo.run("tripleo-plan", "secrets", "key", "--file", str(key))
    demo.run("tripleo-plan", "create", name, "--from", str(arguments.templates.absolute()), part="plan")
    demo.run("git", "clone", "--quiet", f"{name}.git", name)
    change_plan(demo, name)

    say("Created, then updated")
    demo.run("tripleo-plan", "-C", name, "deploy", "--yes", part="create")
    first = demo.ask("tripleo-plan", "-C", name, "status", "-o", "json")
    demo.run("tripleo-plan", "-C", name, "parameters", "set", UPDATE)
    demo.run("tripleo-plan", "-C", name, "commit", "--all", "-m", "Keep the time of Berlin")
    demo.run("tripleo-plan", "-C", name, "deploy", "--yes", part="update")
    second = demo.ask("tripleo-plan", "-C", name, "status", "-o", "json")
    demo.seconds["total"] = round(time.monotonic() - begun, 2)
    statuses = [first["stack_status"], second["stack_status"]]
    print(json.dumps({"plan": name, "stack_statuses": statuses, "seconds": demo.seconds}))


if __name__ == "__main__":
    main()
