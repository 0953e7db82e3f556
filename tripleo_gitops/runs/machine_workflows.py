"""TripleO's workflows about machines, and those about validations that need no step list: one verb and a message.

Their clients name machines and no plan. What a plan says of its machines is led by the engine's own step lists, as
`tripleo.git.v1.node_registration` and its kin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.runs.short_workflows import BAREMETAL, NEEDED, OVERCLOUD, RESULT, VALIDATIONS, ShortWorkflow

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = 86_400
FLEET = {"concurrency": 20, "max_retry_attempts": 3, "node_timeout": 1200}
REGISTRATION = {
    "nodes_json": NEEDED,
    "remove": False,
    "kernel_name": None,
    "ramdisk_name": None,
    "instance_boot_option": None,
}
CONFIGURATION = {
    "kernel_name": "bm-deploy-kernel",
    "ramdisk_name": "bm-deploy-ramdisk",
    "instance_boot_option": None,
    "root_device": None,
    "root_device_minimum_size": 4,
    "overwrite_root_device_hints": False,
}
DISCOVERY = {"ip_addresses": NEEDED, "credentials": NEEDED, "ports": [623]}
LISTED = "<% $.get(result) or [] %>"
READY = (
    "<% ($.get(result) or []).where($.provision_state in list(available, active) and not $.maintenance)"
    ".select($.uuid) %>"
)
"""As upstream, nodes that something can be deployed on or is deployed on; never those in maintenance."""
INTROSPECTED = "<% ($.get(result) or []).toDict($, dict(error => null)) %>"
"""As clients read it: each node, and its error; an introspection that failed is a message that says FAILED."""


def _machines(name: str, action: str, inputs: Mapping[str, Any], **more: Any) -> ShortWorkflow:
    """Return a workflow about machines; all inputs are passed on unless `passed` says which."""
    rest = {"passed": tuple(inputs), "timeout": DAY, **more}
    return ShortWorkflow(workbook=BAREMETAL, name=name, action=action, inputs=inputs, **rest)


def _led(
    name: str, errand: str, *, says: str, payload: Mapping[str, str] | None = None, settings: str | None = None
) -> tuple[ShortWorkflow, ShortWorkflow]:
    """Return a workflow for named nodes, and its twin for all that are manageable."""
    more: Mapping[str, Any] = {settings: NEEDED} if settings else {}
    given = {"errand": errand} | ({"settings": f"<% $.{settings} %>"} if settings else {})
    common = {"says": says, "given": given, "payload": payload or {}}
    checked: Mapping[str, Any] = {"run_validations": False} if errand == "introspect" else {}
    fleet = (*FLEET, *checked)
    lead = "tripleo.git.lead_nodes"
    kinds = {"clean": "clean_manageable_nodes", "bios": "apply_bios_settings_on_manageable_nodes"}
    kinds |= {"bios-reset": "reset_bios_settings_on_manageable_nodes"}
    every = kinds.get(errand, f"{name}_manageable_nodes")
    return (
        _machines(
            name, lead, {"node_uuids": NEEDED, **more, **FLEET, **checked}, passed=("node_uuids", *fleet), **common
        ),
        _machines(every, lead, {**more, **FLEET, **checked}, passed=fleet, **common),
    )


MACHINE_WORKFLOWS: tuple[ShortWorkflow, ...] = (
    _machines("validate_nodes", "tripleo.baremetal.validate_nodes", {"nodes_json": NEEDED}, says="Nodes are valid."),
    _machines(
        "register_or_update",
        "tripleo.git.register_nodes",
        {**REGISTRATION, "initial_state": "manageable"},
        says="Nodes registered.",
        payload={"registered_nodes": LISTED},
    ),
    *_led("manage", "manage", says="Node(s) successfully moved to state: manageable."),
    *_led("provide", "provide", says="Node(s) successfully moved to state: available."),
    *_led("introspect", "introspect", says="Introspection finished.", payload={"introspected_nodes": INTROSPECTED}),
    *_led("clean_nodes", "clean", says="Nodes cleaned."),
    _led("create_raid_configuration", "raid", says="RAID created.", settings="configuration")[0],
    *_led("apply_bios_settings", "bios", says="BIOS settings applied.", settings="settings"),
    *_led("reset_bios_settings", "bios-reset", says="BIOS settings reset."),
    _machines(
        "manual_cleaning",
        "tripleo.git.lead_nodes",
        {"node_uuid": NEEDED, "clean_steps": NEEDED, "timeout": 7200, "retry_delay": 10, "retry_count": 720},
        passed=(),
        given={
            "errand": "clean",
            "node_uuids": "<% list($.node_uuid) %>",
            "settings": "<% $.clean_steps %>",
            "node_timeout": "<% min($.timeout, $.retry_delay * $.retry_count) %>",
        },
        says="Node cleaned.",
    ),
    _machines(
        "configure",
        "tripleo.git.configure_nodes",
        {"node_uuids": NEEDED, **CONFIGURATION},
        says="Nodes configured.",
    ),
    _machines("configure_manageable_nodes", "tripleo.git.configure_nodes", CONFIGURATION, says="Nodes configured."),
    _machines(
        "tag_node",
        "tripleo.git.tag_nodes",
        {"node_uuid": NEEDED, "role": None},
        passed=("role",),
        given={
            "tag_nodes": "<% switch($.role => list($.node_uuid), true => list()) %>",
            "untag_nodes": "<% switch($.role => list(), true => list($.node_uuid)) %>",
        },
        says="Node tagged.",
    ),
    _machines(
        "tag_nodes",
        "tripleo.git.tag_nodes",
        {"tag_node_uuids": NEEDED, "untag_node_uuids": NEEDED, "role": NEEDED, "plan": OVERCLOUD},
        passed=("role",),
        given={"tag_nodes": "<% $.tag_node_uuids %>", "untag_nodes": "<% $.untag_node_uuids %>"},
        says="Nodes tagged.",
    ),
    _machines(
        "nodes_with_profile",
        "tripleo.git.list_nodes",
        {"profile": NEEDED},
        says="",
        payload={"matching_nodes": READY},
    ),
    _machines(
        "nodes_with_hint", "tripleo.git.list_nodes", {"hint_regex": NEEDED}, says="", payload={"matching_nodes": READY}
    ),
    _machines("discover_nodes", "tripleo.git.discover_nodes", DISCOVERY, says="", payload={"nodes_json": LISTED}),
    _machines(
        "discover_and_enroll_nodes",
        "tripleo.git.enroll_discovered_nodes",
        {
            **DISCOVERY,
            **dict.fromkeys(("kernel_name", "ramdisk_name", "instance_boot_option")),
            "initial_state": "manageable",
        },
        says="Nodes discovered and registered.",
        payload={"registered_nodes": LISTED},
    ),
    ShortWorkflow(
        workbook=VALIDATIONS,
        name="list",
        action="tripleo.validations.list_validations",
        inputs={"group_names": [], "plan": OVERCLOUD},
        passed=("plan",),
        given={"groups": "<% $.group_names %>"},
        payload={"validations": RESULT},
    ),
    ShortWorkflow(
        workbook=VALIDATIONS,
        name="list_groups",
        action="tripleo.validations.list_groups",
        inputs={"plan": OVERCLOUD},
        passed=("plan",),
        payload={"groups": RESULT},
    ),
    ShortWorkflow(
        workbook=VALIDATIONS,
        name="stop",
        action="tripleo.git.stop_validations",
        inputs={"validation_names": [], "plan": OVERCLOUD, "execution": None},
        passed=("execution",),
        given={"container": "<% $.plan %>", "validations": "<% $.validation_names %>"},
        payload={"stopped": RESULT},
    ),
    ShortWorkflow(
        workbook=VALIDATIONS,
        name="results",
        action="tripleo.git.validation_results",
        inputs={"plan": OVERCLOUD, "execution": None, "limit": 50},
        passed=("execution", "limit"),
        given={"container": "<% $.plan %>"},
        payload={"results": RESULT},
    ),
)
