"""The embedded engine's workflows in Mistral's language: one task for each step, with its time limit."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from tripleo_gitops.operations.steps import ASK_AGAIN_SECONDS
from tripleo_gitops.runs.plan_workflows import PLAN_WORKFLOW_NAMES
from tripleo_gitops.runs.short_workflows import DEPLOYMENT, NEEDED, VALIDATIONS, inputs_of
from tripleo_gitops.runs.workbook_messages import QUEUE, TAG, outcome, sending
from tripleo_gitops.runs.workflows import WORKFLOWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.runs.workflow import Step, Workflow

GRACE = 60
"""Seconds that Mistral waits longer than a step's own limit, so that the step itself says that it is over."""
FINISH = "finish"
"""Not `succeed`, which is a command of Mistral's own."""
AGAIN = (
    "<% (isDict(task().result) and task().result.get(not_yet) != null) "
    "or (isString(task().result) and task().result.startsWith('Heartbeat wasn')) %>"
)
"""A step that cannot go on yet is asked again, and one whose executor died is done again."""
NOT_YET = "<% isDict(task().result) and task().result.get(not_yet) != null %>"
GOES_ON = "<% task().result.get(not_yet) = null %>"
"""Mistral takes a task that was asked often enough for done, whatever it said: only one that is done leads on."""
SAID = {"message": "<% task().result.get(not_yet) %>"}
TURN_SECONDS = 86_400
"""How long a run waits for those of its plan that were asked for before."""
TAKES_TURNS = frozenset({"deploy", "undeploy", "mirror", "post-deploy"})
"""The workflows of which a plan has one at a time."""
OWN = "tripleo.git.v1"
REFUSED: Mapping[str, Any] = {"validation_inputs": "<% $.validation_inputs or null %>"}
"""Values of validations are the plan's: those that a client gives are no input of the workflow, which refuses them."""
UPSTREAMS_OWN: Mapping[str, Any] = {
    "ssh_network": "ctlplane",
    "work_dir": "/var/lib/mistral",
    "verbosity": 0,
    "connection_timeout": 600,
    "config_download_timeout": 14_400,
    "deployment_options": {},
    "forks": 100,
}
"""How upstream's executor plays: clients send it, and here the server's own settings and the steps' limits say it."""
NARROWING: Mapping[str, Any] = {
    "blacklist": [],
    "override_ansible_cfg": "",
    "nodes": [],
    "tags": "",
    "skip_tags": "",
    "limit_hosts": "",
}
"""What would play less than the revision says, or otherwise: the workflow has no such inputs, and refuses them."""
PLAYBOOK = "deploy_steps_playbook.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedWorkflow:
    """A workflow of ours under the name and with the inputs that clients of Mistral call.

    `plan` is the input that names the plan; `values` gives inputs of ours as expressions on those of the client.
    """

    workflow: Workflow
    workbook: str
    name: str
    inputs: Mapping[str, Any]
    plan: str
    values: Mapping[str, Any]
    says: str
    begun: str | None = None
    done: str | None = None
    failed: str | None = None

    @property
    def full_name(self) -> str:
        """The name that clients call."""
        return f"{self.workbook}.{self.name}"

    def to_workflow(self) -> dict[str, Any]:
        """Return the workflow as Mistral's language has it: begin, the steps in their order, a message."""
        steps = self.workflow.steps
        names = [task_name(step) for step in steps]
        tasks: dict[str, Any] = {"begin": self._begin(names[0])}
        for step, following in zip(steps, [*names[1:], FINISH], strict=True):
            tasks[task_name(step)] = self._task(step, following)
        payload = {"revision": "<% $.get(revision) %>", "outputs": "<% $.get(values) %>"}
        tasks[FINISH] = {
            "publish": {"status": "SUCCESS", "message": self.says, "deployed": self.done},
            "on-success": ["send_message"],
        }
        tasks["send_message"] = sending(payload, plan=self.plan, deployment_status="<% $.get(deployed) %>")
        return {
            "description": f"{self.workflow.summary} (workflow {self.workflow.name}, version {self.workflow.version}).",
            "tags": [TAG],
            "input": inputs_of({**self.inputs, "revision": None, "queue_name": QUEUE}),
            "output": outcome(payload),
            "output-on-error": outcome(payload),
            "tasks": tasks,
        }

    def _begin(self, first: str) -> dict[str, Any]:
        return {
            "action": "tripleo.git.begin",
            "input": {
                "container": f"<% $.{self.plan} %>",
                "revision": "<% $.revision %>",
                "workflow": self.workflow.name,
                "values": dict(self.values),
                "deployment_status": self.begun,
            },
            "publish": {name: f"<% task().result.get({name}) %>" for name in ("revision", "values", "ticket")} | SAID,
            **({"retry": _asked_again(TURN_SECONDS, NOT_YET)} if self.workflow.name in TAKES_TURNS else {}),
            **self._ways(first),
        }

    def _task(self, step: Step, following: str) -> dict[str, Any]:
        limit = ceil(step.time_limit)
        return {
            "action": "tripleo.git.step",
            "input": {
                "container": f"<% $.{self.plan} %>",
                "revision": "<% $.revision %>",
                "workflow": self.workflow.name,
                "version": self.workflow.version,
                "step": step.name,
                "values": "<% $.values %>",
            },
            "safe-rerun": True,
            "timeout": limit + GRACE,
            "retry": _asked_again(limit + GRACE, AGAIN),
            "publish": {"values": "<% $.values + task().result.outputs %>"} | SAID,
            **self._ways(following),
        }

    def _ways(self, following: str) -> dict[str, Any]:
        return {
            "publish-on-error": {"status": "FAILED", "message": "<% task().result %>", "deployed": self.failed},
            "on-success": [{following: GOES_ON}, {"send_message": NOT_YET}],
            "on-error": ["send_message"],
        }


def _asked_again(seconds: int, when: str) -> dict[str, Any]:
    """Return how a task is asked again, for longer than so many seconds: a time limit is to end it before that."""
    return {"count": seconds // ceil(ASK_AGAIN_SECONDS) + 2, "delay": ceil(ASK_AGAIN_SECONDS), "continue-on": when}


def task_name(step: Step) -> str:
    """Return a step's name as Mistral takes it for a task."""
    return step.name.replace("-", "_").replace(".", "_")


def _named(name: str) -> Workflow:
    return next(workflow for workflow in WORKFLOWS if workflow.name == name)


def _plain(workflow: Workflow) -> ServedWorkflow:
    """Return a workflow under our own name, with its own inputs."""
    return ServedWorkflow(
        workflow=workflow,
        workbook=OWN,
        name=workflow.name.replace("-", "_"),
        inputs={"container": NEEDED, **dict.fromkeys(workflow.inputs)},
        plan="container",
        values={name: f"<% $.{name} %>" for name in workflow.inputs},
        says=f"{workflow.summary}: done.",
    )


SERVED: tuple[ServedWorkflow, ...] = (
    *(_plain(workflow) for workflow in WORKFLOWS if workflow.name not in PLAN_WORKFLOW_NAMES),  # one action does those
    ServedWorkflow(
        workflow=_named("deploy"),
        workbook=DEPLOYMENT,
        name="deploy_plan",
        inputs={
            "container": NEEDED,
            "run_validations": False,
            "timeout": 240,
            "skip_deploy_identifier": False,
            "config_download": False,
            "ssh_network": "ctlplane",
            "deployment_options": {},
        },
        plan="container",
        values={"timeout": "<% $.timeout %>", "skip_identifier": "<% $.skip_deploy_identifier %>"},
        says="Deploy completed.",
        begun="DEPLOYING",
        done="DEPLOY_SUCCESS",
        failed="DEPLOY_FAILED",
    ),
    ServedWorkflow(
        workflow=_named("undeploy"),
        workbook=DEPLOYMENT,
        name="undeploy_plan",
        inputs={"container": NEEDED, "timeout": 240},
        plan="container",
        values={"timeout": "<% $.timeout %>"},
        says="Undeploy completed.",
        begun="UNDEPLOYING",
        done="UNDEPLOYED",
        failed="UNDEPLOY_FAILED",
    ),
    ServedWorkflow(
        workflow=_named("post-deploy"),
        workbook=DEPLOYMENT,
        name="config_download_deploy",
        inputs={"plan_name": "overcloud", **UPSTREAMS_OWN, **NARROWING, "playbook_name": PLAYBOOK},
        plan="plan_name",
        values={
            **{name: f"<% $.{name} or null %>" for name in NARROWING},
            "playbook_name": f"<% switch($.playbook_name != '{PLAYBOOK}' => $.playbook_name) %>",
        },
        says="Config download completed.",
    ),
    ServedWorkflow(
        workflow=_named("validation"),
        workbook=VALIDATIONS,
        name="run_groups",
        inputs={"group_names": [], "plan": "overcloud", "validation_inputs": {}},
        plan="plan",
        values={"group": "<% $.group_names.join(',') %>", **REFUSED},
        says="Validations passed.",
    ),
    ServedWorkflow(
        workflow=_named("validation"),
        workbook=VALIDATIONS,
        name="run_validations",
        inputs={"validation_names": [], "plan": "overcloud", "validation_inputs": {}},
        plan="plan",
        values={"validations": "<% $.validation_names %>", **REFUSED},
        says="Validations passed.",
    ),
    ServedWorkflow(
        workflow=_named("validation"),
        workbook=VALIDATIONS,
        name="run_validation",
        inputs={"validation_name": NEEDED, "plan": "overcloud", "validation_inputs": {}},
        plan="plan",
        values={"validations": "<% list($.validation_name) %>", **REFUSED},
        says="Validation passed.",
    ),
)
