"""TripleO's workflows that are one verb with a message behind it: their names, inputs and what their message says."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tripleo_gitops.runs.workbook_messages import QUEUE, TAG, outcome, sending

if TYPE_CHECKING:
    from collections.abc import Mapping

NEEDED = "\0needed"
"""Stands for the default of an input that has to be given."""
OVERCLOUD = "overcloud"
RESULT = "<% $.get(result) %>"


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortWorkflow:
    """One workflow `workbook.name`: an action, what it is given of the inputs, and what the message says.

    `plan` is the input that names the plan; `says` is the message of a success (None: the result), `payload` further
    keys of it by their expressions on `result`; `timeout` bounds the action, in seconds.
    """

    workbook: str
    name: str
    action: str
    inputs: Mapping[str, Any]
    passed: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=_nothing)
    plan: str | None = None
    says: str | None = ""
    payload: Mapping[str, str] = field(default_factory=_nothing)
    deployment_status: str | None = None
    timeout: int = 1200

    @property
    def full_name(self) -> str:
        """The name that clients call."""
        return f"{self.workbook}.{self.name}"

    def to_workflow(self) -> dict[str, Any]:
        """Return the workflow as Mistral's language has it."""
        given = {name: f"<% $.{name} %>" for name in self.passed} | dict(self.given)
        ended = outcome(self.payload)
        return {
            "description": f"{self.action}, and a message when it is done.",
            "tags": [TAG],
            "input": inputs_of({**self.inputs, "queue_name": QUEUE}),
            "output": ended,
            "output-on-error": ended,
            "tasks": {
                "act": {
                    "action": self.action,
                    **({"input": given} if given else {}),
                    "timeout": self.timeout,
                    "publish": {
                        "status": "SUCCESS",
                        "message": "<% task().result %>" if self.says is None else self.says,
                        "result": "<% task().result %>",
                    },
                    "publish-on-error": {"status": "FAILED", "message": "<% task().result %>"},
                    "on-complete": ["send_message"],
                },
                "send_message": sending(self.payload, plan=self.plan, deployment_status=self.deployment_status),
            },
        }


def inputs_of(inputs: Mapping[str, Any]) -> list[Any]:
    """Return inputs with their defaults as Mistral's language has them."""
    return [name if default is NEEDED else {name: default} for name, default in inputs.items()]


PLANS, ENVIRONMENTS = "tripleo.plan_management.v1", "tripleo.heat_environments.v1"
FERNET = "tripleo.fernet_keys.v1"
DEPLOYMENT, VALIDATIONS, BAREMETAL = "tripleo.deployment.v1", "tripleo.validations.v1", "tripleo.baremetal.v1"

SHORT_WORKFLOWS: tuple[ShortWorkflow, ...] = (
    ShortWorkflow(
        workbook=PLANS,
        name="create_container",
        action="tripleo.plan.create_container",
        inputs={"container": OVERCLOUD},
        passed=("container",),
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="create_deployment_plan",
        action="tripleo.git.create_deployment_plan",
        inputs={
            "container": NEEDED,
            "source_url": None,
            "generate_passwords": True,
            "use_default_templates": False,
            "validate_stack": True,
        },
        passed=("container", "source_url", "generate_passwords", "use_default_templates"),
        plan="container",
        says="Plan created.",
        payload={"revision": "<% $.get(result, {}).get(revision) %>"},
        deployment_status="UNDEPLOYED",
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="update_deployment_plan",
        action="tripleo.git.update_plan",
        inputs={
            "container": NEEDED,
            "source_url": None,
            "generate_passwords": True,
            "plan_environment": None,
            "validate_stack": True,
        },
        passed=("container", "source_url", "generate_passwords", "plan_environment"),
        plan="container",
        says="Plan updated.",
        payload={"revision": "<% $.get(result, {}).get(revision) %>"},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="delete_deployment_plan",
        action="tripleo.plan.delete",
        inputs={"container": OVERCLOUD},
        passed=("container",),
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="list_plans",
        action="tripleo.plan.list",
        inputs={},
        payload={"plans": RESULT},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="export_deployment_plan",
        action="tripleo.git.export_plan",
        inputs={"plan": NEEDED},
        passed=("plan",),
        plan="plan",
        payload={"tempurl": RESULT},
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="list_available_roles",
        action="tripleo.git.list_available_roles",
        inputs={"container": OVERCLOUD},
        passed=("container",),
        payload={"available_roles": RESULT},
    ),
    ShortWorkflow(
        workbook=FERNET,
        name="rotate_fernet_keys",
        action="tripleo.parameters.rotate_fernet_keys",
        # The last two are for the playbook that brings the keys to the nodes; here that is the next deploy's.
        inputs={"container": OVERCLOUD, "work_dir": "/var/lib/mistral", "ansible_extra_env_variables": {}},
        passed=("container",),
        plan="container",
        says="The keys are rotated in the plan; the next deploy brings them to the nodes.",
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="update_parameters",
        action="tripleo.parameters.update",
        inputs={"container": OVERCLOUD, "parameters": NEEDED, "key": "parameter_defaults"},
        passed=("container", "parameters", "key"),
        plan="container",
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="get_passwords",
        action="tripleo.parameters.get_passwords",
        inputs={"container": NEEDED},
        passed=("container",),
    ),
    ShortWorkflow(
        workbook=PLANS,
        name="rotate_passwords",
        action="tripleo.parameters.generate_passwords",
        inputs={"container": NEEDED, "password_list": []},
        passed=("container",),
        given={"rotate_passwords": True, "rotate_pw_list": "<% $.password_list %>"},
        plan="container",
    ),
    ShortWorkflow(
        workbook=ENVIRONMENTS,
        name="get",
        action="tripleo.heat_capabilities.get",
        inputs={"container": NEEDED},
        passed=("container",),
        payload={"environments": RESULT},
    ),
    ShortWorkflow(
        workbook=ENVIRONMENTS,
        name="update",
        action="tripleo.heat_capabilities.update",
        inputs={"container": NEEDED, "environments": {}, "purge_missing": False, "sort_environments": False},
        passed=("container", "environments", "purge_missing", "sort_environments"),
        plan="container",
        payload={"environments": RESULT},
    ),
    ShortWorkflow(
        workbook=DEPLOYMENT,
        name="get_deployment_status",
        action="tripleo.deployment.get_deployment_status",
        inputs={"plan": OVERCLOUD},
        passed=("plan",),
        payload={"deployment_status": "<% $.get(result, {}).get(deployment_status) %>"},
    ),
)
