"""TripleO's workflows about roles, networks, samples and parameters that are one verb with a message behind it."""

from __future__ import annotations

from tripleo_gitops.runs.short_workflows import NEEDED, OVERCLOUD, PLANS, RESULT, ShortWorkflow

NETWORKS, PARAMETERS = "tripleo.networks.v1", "tripleo.parameters.v1"
_FENCING = ("nodes_json", "delay", "ipmi_level", "ipmi_cipher", "ipmi_lanplus")
_ROLES_FILE, _NETWORKS_FILE = {"roles_data_file": "roles_data.yaml"}, {"network_data_file": "network_data.yaml"}


def _key(name: str) -> str:
    return f"<% $.get(result, {{}}).get({name}) %>"


COMPOSING_WORKFLOWS: tuple[ShortWorkflow, ...] = (
    ShortWorkflow(
        workbook=PLANS,
        name="update_roles",
        action="tripleo.git.put_roles",
        inputs={"container": NEEDED, "roles": NEEDED, **_ROLES_FILE, "replace_all": False},
        passed=("container", "roles", "roles_data_file", "replace_all"),
        plan="container",
        payload={"updated_roles": RESULT},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="validate_roles",
        action="tripleo.role.list",
        inputs={"container": OVERCLOUD, **_ROLES_FILE},
        passed=("container",),
        given={"role_file_name": "<% $.roles_data_file %>", "detail": True},
        plan="container",
        payload={"roles_data": RESULT},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="validate_roles_and_networks",
        action="tripleo.git.validate_roles_and_networks",
        inputs={"container": OVERCLOUD, **_ROLES_FILE, **_NETWORKS_FILE},
        passed=("container", "roles_data_file", "network_data_file"),
        plan="container",
        payload={"roles_data": _key("roles_data"), "network_data": _key("network_data")},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="validate_networks",
        action="tripleo.git.validate_networks",
        inputs={"container": OVERCLOUD, **_NETWORKS_FILE},
        passed=("container", "network_data_file"),
        plan="container",
        payload={"network_data": RESULT},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="validate_network_files",
        action="tripleo.git.check_network_files",
        inputs={"container": OVERCLOUD, "network_data": NEEDED},
        passed=("container", "network_data"),
        plan="container",
        payload={"network_data": RESULT},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="list_roles",
        action="tripleo.role.list",
        inputs={"container": OVERCLOUD, **_ROLES_FILE},
        passed=("container",),
        given={"role_file_name": "<% $.roles_data_file %>", "detail": True},
        payload={"roles_data": RESULT},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="list_networks",
        action="tripleo.git.list_networks",
        inputs={"container": OVERCLOUD, **_NETWORKS_FILE},
        passed=("container", "network_data_file"),
        payload={"network_data": RESULT},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="select_roles",
        action="tripleo.git.select_roles",
        inputs={"container": NEEDED, "role_names": NEEDED, **_ROLES_FILE, "replace_all": True},
        passed=("container", "role_names", "roles_data_file", "replace_all"),
        plan="container",
        payload={"selected_roles": RESULT},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="list_available_networks",
        action="tripleo.git.list_available_networks",
        inputs={"container": NEEDED},
        passed=("container",),
        plan="container",
        payload={"available_networks": RESULT},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="list_sample_plans",
        action="tripleo.git.list_sample_plans",
        inputs={"container": OVERCLOUD},
        passed=("container",),
        plan="container",
        payload={"available_plans": RESULT},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="select_sample_plan",
        action="tripleo.git.select_sample_plan",
        inputs={"container": OVERCLOUD, "sample_plan_name": "openstack"},
        passed=("container", "sample_plan_name"),
        plan="container",
        payload={"added": RESULT},
    ),
    ShortWorkflow(
        workbook=NETWORKS,
        name="validate_networks_input",
        action="tripleo.git.check_networks",
        inputs={"networks": NEEDED},
        passed=("networks",),
    ),
    ShortWorkflow(
        workbook=NETWORKS,
        name="update_networks",
        action="tripleo.git.put_networks",
        inputs={"container": OVERCLOUD, "networks": NEEDED, **_NETWORKS_FILE},
        passed=("container", "networks", "network_data_file"),
        plan="container",
        payload={"network_data": RESULT},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="get_deprecated_parameters",
        action="tripleo.git.deprecated_parameters",
        inputs={"container": OVERCLOUD},
        passed=("container",),
        plan="container",
        payload={name: _key(name) for name in ("deprecated", "unused", "invalid_role_specific")},
    ),
    ShortWorkflow(
        workbook=PARAMETERS,
        name="generate_fencing_parameters",
        action="tripleo.parameters.generate_fencing",
        inputs={**dict.fromkeys(_FENCING, NEEDED), "container": None},
        passed=(*_FENCING, "container"),
        says="Fencing parameters successfully generated",
        payload={"fencing_parameters": RESULT},
    ),
)
