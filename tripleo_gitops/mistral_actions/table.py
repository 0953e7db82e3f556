"""The actions: which function does each, and what it is given; names and inputs are TripleO's where it has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.mistral_actions import notes, parameters, plans, revisions, scaling, selections, steps, templates
from tripleo_gitops.mistral_actions.composing_table import COMPOSING_ROWS
from tripleo_gitops.mistral_actions.node_table import DEPLOYMENT_ROWS, NODE_ROWS, VALIDATION_ROWS
from tripleo_gitops.mistral_actions.row import CONTAINER, NEEDED, Row

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX = "tripleo."


def _row(name: str, act: Callable[..., Any], **inputs: Any) -> Row:
    return Row(f"{PREFIX}{name}", act, inputs)


ROWS: tuple[Row, ...] = (
    _row("plan.list", plans.list_plans),
    _row("plan.create_container", plans.create_container, container=NEEDED),
    _row("plan.delete", plans.delete, container=NEEDED),
    _row("plan.export", plans.export, plan=NEEDED, delete_after=NEEDED, exports_container=NEEDED),
    _row(
        "plan.update_plan_environment",
        plans.update_plan_environment,
        container=CONTAINER,
        parameter=None,
        env_key="parameter_defaults",
        value=None,
        delete=False,
    ),
    _row("role.list", selections.list_roles, container=CONTAINER, role_file_name="roles_data.yaml", detail=False),
    _row("heat_capabilities.get", selections.get_capabilities, container=CONTAINER),
    _row(
        "heat_capabilities.update",
        selections.update_capabilities,
        environments=NEEDED,
        container=CONTAINER,
        purge_missing=False,
        sort_environments=False,
    ),
    _row("parameters.get", parameters.get, container=CONTAINER),
    _row("parameters.get_flatten", parameters.get_flatten, container=CONTAINER),
    _row(
        "parameters.update",
        parameters.update,
        parameters=NEEDED,
        container=CONTAINER,
        key="parameter_defaults",
        validate=True,
    ),
    _row("parameters.reset", parameters.reset, container=CONTAINER, key="parameter_defaults"),
    _row(
        "parameters.generate_passwords",
        parameters.generate_passwords,
        container=CONTAINER,
        rotate_passwords=False,
        rotate_pw_list=None,
    ),
    _row("parameters.get_passwords", parameters.get_passwords, container=CONTAINER),
    _row("parameters.rotate_fernet_keys", parameters.rotate_fernet_keys, container=CONTAINER),
    _row("templates.process", templates.process, container=CONTAINER),
    _row("templates.upload", templates.upload, container=CONTAINER, dir_to_upload=None),
    _row("templates.upload_default", templates.upload, container=CONTAINER, dir_to_upload=None),
    _row(
        "templates.upload_plan_environment",
        templates.upload_plan_environment,
        plan_environment=NEEDED,
        container=CONTAINER,
    ),
    _row("deployment.convert_status", templates.convert_status, status=NEEDED),
    _row("deployment.get_deployment_status", templates.deployment_status, plan=CONTAINER),
    _row("git.choose_removed", scaling.choose_removed, nodes=NEEDED, container=CONTAINER),
    _row("git.stack_status", templates.stack_status, stack=NEEDED),
    _row("swift.tempurl", templates.tempurl, container=NEEDED, obj=NEEDED, method="GET", valid=86_400),
    Row(
        f"{PREFIX}git.begin",
        steps.begin,
        {"container": NEEDED, "workflow": NEEDED, "revision": None, "values": None, "deployment_status": None},
        knows_call=True,
    ),
    Row(
        f"{PREFIX}git.step",
        steps.step,
        dict.fromkeys(("container", "revision", "workflow", "version", "step", "values"), NEEDED),
        knows_call=True,
    ),
    Row(
        f"{PREFIX}git.send_message",
        steps.deliver,
        {
            **dict.fromkeys(("queue_name", "type", "execution"), NEEDED),
            "status": "SUCCESS",
            **dict.fromkeys(("message", "payload", "plan_name", "deployment_status", "ticket")),
        },
        knows_call=True,
    ),
    _row("git.log", notes.log, container=NEEDED, execution=NEEDED, after=0),
    _row("git.approve", notes.approve, container=NEEDED, execution=NEEDED, comment=""),
    _row(
        "git.create_deployment_plan",
        revisions.create_deployment_plan,
        container=NEEDED,
        source_url=None,
        generate_passwords=True,
        use_default_templates=False,
    ),
    _row("git.export_plan", revisions.export_plan, plan=NEEDED),
    _row("git.create_plan", plans.create_plan, container=NEEDED, generate_passwords=True, adopt=False),
    _row(
        "git.update_plan",
        revisions.update_deployment_plan,
        container=NEEDED,
        generate_passwords=True,
        source_url=None,
        plan_environment=None,
    ),
    _row(
        "git.import_plan",
        revisions.import_plan,
        container=NEEDED,
        source_url=None,
        use_default_templates=False,
        generate_passwords=True,
    ),
    _row("git.plan_environment", selections.plan_environment, container=CONTAINER),
    _row("git.list_available_roles", selections.list_available_roles, container=CONTAINER),
    _row("git.revisions", revisions.revisions, container=CONTAINER, limit=50),
    _row("git.diff", revisions.diff, container=CONTAINER, old="HEAD~1", new="HEAD"),
    _row("git.sync", revisions.sync, container=CONTAINER, revision="HEAD", force=False, allow_older=False),
    _row("git.verify", revisions.verify, container=CONTAINER, revision="HEAD", deep=False),
    _row("git.drift", revisions.drift, container=CONTAINER, deep=False),
    _row("git.rollback", revisions.rollback, container=CONTAINER, revision="HEAD~1", with_secrets=False),
    *COMPOSING_ROWS,
    *DEPLOYMENT_ROWS,
    *VALIDATION_ROWS,
    *NODE_ROWS,
)
