"""TripleO's workflows about a stack: waiting for it without holding an executor, and removing nodes or all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tripleo_gitops.runs.run_workflows import OWN, SERVED, ServedWorkflow
from tripleo_gitops.runs.short_workflows import DEPLOYMENT, NEEDED, OVERCLOUD, inputs_of
from tripleo_gitops.runs.workbook_messages import QUEUE, TAG, outcome, sending

if TYPE_CHECKING:
    from collections.abc import Mapping

STACKS, SCALES = "tripleo.stack.v1", "tripleo.scale.v1"
PLAN_NAMES: Mapping[str, Any] = {"container": None, "plan_name": None}
"""What clients of 10.8 and of 11.7 call the plan."""
POLL = 5
"""Seconds between two looks at a stack; between them, nobody works."""
STATUS = "task().result.stack_status"
IN_PROGRESS, COMPLETE, FAILED = (f"{STATUS}.endsWith({end})" for end in ("_IN_PROGRESS", "_COMPLETE", "_FAILED"))
ABSENT, DELETE_FAILED = (f"{STATUS} = {word}" for word in ("NO_STACK", "DELETE_FAILED"))


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingWorkflow:
    """Looks at a stack until `ends` is so, or for `timeout` seconds; it is a success where `good` is so, too.

    Both are YAQL on what the action tells; inputs are TripleO's.
    """

    name: str
    ends: str
    good: str
    timeout: int
    workbook: str = STACKS

    def to_workflow(self) -> dict[str, Any]:
        """Return the workflow as Mistral's language has it: it sends no message, as upstream's send none."""
        ended: Mapping[str, str] = {
            "status": "<% $.get(status, FAILED) %>",
            "message": "<% $.get(message, '') %>",
            "stack_status": "<% $.get(stack_status) %>",
        }
        said = f"stack <% $.stack %> is <% {STATUS} %>"
        return {
            "description": f"Look at a stack every {POLL} s, until it is so or time is over.",
            "tags": [TAG],
            "input": inputs_of({"stack": NEEDED, "timeout": self.timeout, "queue_name": None}),
            "output": ended,
            "output-on-error": ended,
            "tasks": {
                "look": {
                    "action": "tripleo.git.stack_status",
                    "input": {"stack": "<% $.stack %>"},
                    "retry": {
                        "count": f"<% int($.timeout) / {POLL} + 1 %>",
                        "delay": POLL,
                        "continue-on": f"<% isDict(task().result) and not ({self.ends}) %>",
                    },
                    "publish": {
                        "status": f"<% switch({self.good} => SUCCESS, true => FAILED) %>",
                        "stack_status": f"<% {STATUS} %>",
                        "message": said,
                    },
                    "publish-on-error": {"status": "FAILED", "message": "<% task().result %>"},
                    "on-success": [{f'fail(msg="{said}")': f"<% not ({self.good}) %>"}],
                }
            },
        }


@dataclass(frozen=True, slots=True)
class RemovingWorkflow:
    """Removes chosen nodes: their roles' counts are lowered by a commit, which the engine's deploy then deploys."""

    name: str = "delete_node"
    workbook: str = SCALES

    def to_workflow(self) -> dict[str, Any]:
        """Return the workflow as Mistral's language has it."""
        payload = {"revision": "<% $.get(revision) %>"}
        given = ("revision", "values", "timeout", "queue_name")
        failed = {"status": "FAILED", "message": "<% task().result %>"}
        return {
            "description": "Lower the counts of roles by a commit, and deploy it so that these nodes go.",
            "tags": [TAG],
            "input": inputs_of({"nodes": NEEDED, **PLAN_NAMES, "timeout": 240, "queue_name": QUEUE}),
            "vars": {"plan": f"<% coalesce($.container, $.plan_name, {OVERCLOUD}) %>"},
            "output": outcome(payload),
            "output-on-error": outcome(payload),
            "tasks": {
                "choose": {
                    "action": "tripleo.git.choose_removed",
                    "input": {"container": "<% $.plan %>", "nodes": "<% $.nodes %>"},
                    "publish": {name: f"<% task().result.{name} %>" for name in ("revision", "values")},
                    "publish-on-error": failed,
                    "on-success": ["deploy"],
                    "on-error": ["send_message"],
                },
                "deploy": {
                    "workflow": f"{OWN}.deploy",
                    "input": {"container": "<% $.plan %>", **{name: f"<% $.{name} %>" for name in given}},
                    "publish": {"status": "SUCCESS", "message": "Nodes removed."},
                    "publish-on-error": failed | {"message": "<% task().result.get(message) %>"},
                    "on-complete": ["send_message"],
                },
                "send_message": sending(payload, plan="plan"),
            },
        }


STACK_WORKFLOWS: tuple[WaitingWorkflow | RemovingWorkflow | ServedWorkflow, ...] = (
    RemovingWorkflow(),
    WaitingWorkflow(
        name="wait_for_stack_complete_or_failed",
        ends=f"{COMPLETE} or {FAILED} or {ABSENT}",
        good=f"{COMPLETE} or {FAILED}",
        timeout=14_400,
    ),
    WaitingWorkflow(name="wait_for_stack_in_progress", ends=IN_PROGRESS, good=IN_PROGRESS, timeout=600),
    WaitingWorkflow(
        name="wait_for_stack_does_not_exist", ends=f"{ABSENT} or {DELETE_FAILED}", good=ABSENT, timeout=3600
    ),
    replace(
        next(one for one in SERVED if one.full_name == f"{DEPLOYMENT}.undeploy_plan"),
        workbook=STACKS,
        name="delete_stack",
        inputs={"stack": NEEDED, "timeout": 3600},
        plan="stack",
        values={"timeout": "<% $.timeout / 60.0 %>"},
        says="Stack deleted.",
    ),
)
