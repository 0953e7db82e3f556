"""How every generated workflow ends: one message in TripleO's shape, to Zaqar and into the plan's message container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SEND = "tripleo.messaging.v1.send"
QUEUE = "tripleo"
TAG = "tripleo-gitops-managed"
"""The tag of every workflow that this tool registers; only those are ever replaced or removed."""


def messaging_workbook() -> dict[str, Any]:
    """Return TripleO's workbook of the messages: `send` fails when the message says FAILED, as upstream's does."""
    inputs = (
        "queue_name",
        "type",
        "execution",
        "status",
        "message",
        "payload",
        "plan_name",
        "deployment_status",
        "ticket",
    )
    given = {name: f"<% $.{name} %>" for name in inputs}
    failed = "<% $.status = 'FAILED' %>"
    text = "Workflow failed due to message status. Status:<% $.status %> Message:<% $.message %>"
    return {
        "version": "2.0",
        "name": "tripleo.messaging.v1",
        "description": "Messages of workflows",
        "workflows": {
            "send": {
                "description": "Send a message to Zaqar, where there is one, and keep it beside its plan.",
                "tags": [TAG],
                "input": [
                    *inputs[:3],
                    {"status": "SUCCESS"},
                    {"message": None},
                    {"payload": {}},
                    {"plan_name": None},
                    {"deployment_status": None},
                    {"ticket": None},
                ],
                "output": {"type": "<% $.type %>", "payload": "<% $.get(sent) %>"},
                "tasks": {
                    "send": {
                        "action": "tripleo.git.send_message",
                        "input": given,
                        "publish": {"sent": "<% task().result %>"},
                        "retry": {"count": 5, "delay": 1},
                        "on-success": [{f'fail(msg="{text}")': failed}],
                    }
                },
            }
        },
    }


def sending(payload: Mapping[str, str], *, plan: str | None, deployment_status: str | None = None) -> dict[str, Any]:
    """Return the task that sends what was published as `status`, `message` and the keys of a payload."""
    return {
        "workflow": SEND,
        "input": {
            "queue_name": "<% $.queue_name %>",
            "type": "<% execution().name %>",
            "execution": "<% execution() %>",
            "status": "<% $.get(status, FAILED) %>",
            "message": "<% $.get(message, '') %>",
            "payload": dict(payload),
            "plan_name": f"<% $.{plan} %>" if plan else None,
            "deployment_status": deployment_status,
            "ticket": "<% $.get(ticket) %>",
        },
    }


def outcome(payload: Mapping[str, str]) -> dict[str, str]:
    """Return what a workflow gives at its end, good or bad."""
    return {"status": "<% $.get(status, FAILED) %>", "message": "<% $.get(message, '') %>", **payload}
