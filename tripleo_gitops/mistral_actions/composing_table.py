"""The actions about roles, networks, samples and what follows from machines, as rows of the table."""

from __future__ import annotations

from tripleo_gitops.mistral_actions import composing, machine_parameters, selections
from tripleo_gitops.mistral_actions.row import CONTAINER, NEEDED, Row

_ROLES_FILE, _NETWORKS_FILE = {"roles_data_file": "roles_data.yaml"}, {"network_data_file": "network_data.yaml"}

COMPOSING_ROWS: tuple[Row, ...] = (
    Row(
        "tripleo.plan.gather_roles",
        composing.gather_roles,
        dict.fromkeys(("role_names", "current_roles", "available_roles"), NEEDED),
    ),
    Row(
        "tripleo.plan.validate_roles",
        composing.validate_roles,
        {"roles": NEEDED, "available_roles": NEEDED, "container": CONTAINER},
    ),
    Row(
        "tripleo.plan.update_roles",
        composing.merge_roles,
        {"roles": NEEDED, "current_roles": NEEDED, "replace_all": False, "container": CONTAINER},
    ),
    Row(
        "tripleo.plan.update_networks",
        composing.merge_networks,
        {"networks": NEEDED, "current_networks": NEEDED, "replace_all": False},
    ),
    Row("tripleo.git.list_networks", selections.list_networks, {"container": CONTAINER, **_NETWORKS_FILE}),
    Row(
        "tripleo.git.select_roles",
        selections.select_roles,
        {"role_names": NEEDED, "container": CONTAINER, "replace_all": True, **_ROLES_FILE},
    ),
    Row(
        "tripleo.git.put_roles",
        composing.put_plan_roles,
        {"container": NEEDED, "roles": NEEDED, **_ROLES_FILE, "replace_all": False},
    ),
    Row(
        "tripleo.git.put_networks",
        composing.put_plan_networks,
        {"networks": NEEDED, "container": CONTAINER, **_NETWORKS_FILE},
    ),
    Row(
        "tripleo.git.check_network_files",
        composing.check_network_files,
        {"network_data": NEEDED, "container": CONTAINER},
    ),
    Row("tripleo.git.check_networks", composing.check_networks, {"networks": NEEDED}),
    Row("tripleo.git.list_available_networks", composing.list_available_networks, {"container": CONTAINER}),
    Row("tripleo.git.validate_networks", composing.validate_plan_networks, {"container": CONTAINER, **_NETWORKS_FILE}),
    Row(
        "tripleo.git.validate_roles_and_networks",
        composing.validate_composition,
        {"container": CONTAINER, **_ROLES_FILE, **_NETWORKS_FILE},
    ),
    Row("tripleo.git.list_sample_plans", composing.list_sample_plans, {"container": CONTAINER}),
    Row(
        "tripleo.git.select_sample_plan",
        composing.select_sample_plan,
        {"container": CONTAINER, "sample_plan_name": "openstack"},
    ),
    Row("tripleo.git.deprecated_parameters", machine_parameters.deprecated, {"container": CONTAINER}),
    Row(
        "tripleo.parameters.update_role",
        machine_parameters.update_role,
        {"role": NEEDED, "container": CONTAINER},
        knows_call=True,
    ),
    Row(
        "tripleo.parameters.get_profile_of_flavor",
        machine_parameters.get_profile_of_flavor,
        {"flavor_name": NEEDED},
        knows_call=True,
    ),
    Row(
        "tripleo.parameters.generate_fencing",
        machine_parameters.generate_fencing,
        {
            **dict.fromkeys(("nodes_json", "delay", "ipmi_level", "ipmi_cipher", "ipmi_lanplus"), NEEDED),
            "container": None,
        },
        knows_call=True,
    ),
)
