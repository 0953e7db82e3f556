"""The actions about machines, validations and deployments, as rows of the table."""

from __future__ import annotations

from tripleo_gitops.mistral_actions import deployments, discovering, leading, nodes, validations
from tripleo_gitops.mistral_actions.row import CONTAINER, NEEDED, Row

_REGISTRATION = {
    "nodes_json": NEEDED,
    "remove": False,
    "kernel_name": None,
    "ramdisk_name": None,
    "instance_boot_option": None,
}

_DISCOVERY = {"ip_addresses": NEEDED, "credentials": NEEDED, "ports": [623]}

DEPLOYMENT_ROWS: tuple[Row, ...] = (
    Row(
        "tripleo.deployment.get_deployment_failures",
        deployments.failures,
        {"plan": CONTAINER, "work_dir": "/var/lib/mistral", "ansible_errors_file": None},
    ),
    Row("tripleo.git.horizon_url", deployments.horizon_url, {"stack": NEEDED}),
)

VALIDATION_ROWS: tuple[Row, ...] = (
    Row("tripleo.validations.list_validations", validations.list_validations, {"plan": CONTAINER, "groups": None}),
    Row("tripleo.validations.list_groups", validations.list_groups, {"plan": CONTAINER}),
    Row("tripleo.validations.enabled", validations.is_enabled, {}),
    Row(
        "tripleo.validations.run_validation",
        validations.run_validation,
        {"validation": NEEDED, "plan": CONTAINER, "inputs": None},
        knows_call=True,
    ),
    Row(
        "tripleo.git.validation_results", validations.results, {"container": CONTAINER, "execution": None, "limit": 50}
    ),
    Row(
        "tripleo.git.stop_validations",
        validations.stop,
        {"container": CONTAINER, "validations": [], "execution": None},
    ),
)

NODE_ROWS: tuple[Row, ...] = (
    Row("tripleo.baremetal.validate_nodes", nodes.validate, {"nodes_json": NEEDED}),
    Row("tripleo.baremetal.register_or_update_nodes", nodes.register, dict(_REGISTRATION), knows_call=True),
    Row(
        "tripleo.baremetal.configure_root_device",
        nodes.set_root_device,
        {"node_uuid": NEEDED, "root_device": "smallest", "minimum_size": 4, "overwrite": False},
        knows_call=True,
    ),
    Row(
        "tripleo.baremetal.configure_boot",
        nodes.set_boot,
        {"node_uuid": NEEDED, "kernel_name": None, "ramdisk_name": None, "instance_boot_option": None},
        knows_call=True,
    ),
    Row(
        "tripleo.git.configure_nodes",
        nodes.configure,
        {
            **dict.fromkeys(("node_uuids", "kernel_name", "ramdisk_name", "instance_boot_option", "root_device")),
            "root_device_minimum_size": 4,
            "overwrite_root_device_hints": False,
        },
        knows_call=True,
    ),
    Row(
        "tripleo.baremetal.update_node_capability",
        nodes.set_capability,
        {"node_uuid": NEEDED, "capability": NEEDED, "value": None},
        knows_call=True,
    ),
    Row(
        "tripleo.git.register_nodes",
        nodes.register,
        {**_REGISTRATION, "initial_state": "manageable", "concurrency": 20, "node_timeout": 1200},
        knows_call=True,
    ),
    Row("tripleo.baremetal.get_profile", nodes.profile_of, {"node": NEEDED}),
    Row("tripleo.baremetal.get_node_hint", nodes.hint_of, {"node": NEEDED}),
    Row("tripleo.git.discover_nodes", discovering.discover, dict(_DISCOVERY), knows_call=True),
    Row(
        "tripleo.git.enroll_discovered_nodes",
        discovering.enroll,
        {
            **_DISCOVERY,
            **dict.fromkeys(("kernel_name", "ramdisk_name", "instance_boot_option")),
            "initial_state": "manageable",
        },
        knows_call=True,
    ),
    Row("tripleo.git.list_nodes", nodes.nodes_list, {"profile": None, "hint_regex": None}, knows_call=True),
    Row(
        "tripleo.git.tag_nodes",
        nodes.tag,
        {"tag_nodes": NEEDED, "role": NEEDED, "untag_nodes": []},
        knows_call=True,
    ),
    Row(
        "tripleo.git.lead_nodes",
        leading.lead,
        {
            "errand": NEEDED,
            "node_uuids": None,
            "settings": None,
            "concurrency": 20,
            "max_retry_attempts": 3,
            "node_timeout": 1200,
            "run_validations": False,
        },
        knows_call=True,
    ),
)
