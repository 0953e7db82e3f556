"""Messages of workflows in TripleO's shape: to a queue, and beside the plan, where its interfaces read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.documents.emit import block_lines
from tripleo_gitops.operations.manifest import md5_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.openstack.swift import SwiftContainers

SUFFIX, STATUS_OBJECT = "-messages", "deployment_status.yaml"


class Queues(Protocol):
    """Queues by name, where a cloud has them."""

    def post(self, queue: str, body: Mapping[str, Any]) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a workflow says: `type` is its name; `status` is RUNNING, SUCCESS or FAILED."""

    type: str
    status: str
    message: Any
    execution_id: str | None
    root_execution_id: str | None
    plan: str | None = None
    deployment_status: str | None = None
    payload: Mapping[str, Any] | None = None

    def to_document(self) -> dict[str, Any]:
        """Return the body that clients read; keys of the payload win, as upstream's do."""
        payload = {
            "status": self.status,
            "message": self.message,
            "root_execution_id": self.root_execution_id,
            "execution_id": self.execution_id,
            "plan_name": self.plan,
            "deployment_status": self.deployment_status,
            **(self.payload or {}),
        }
        return {"type": self.type, "payload": payload}


def send_message(message: Message, *, queue: str, queues: Queues, containers: SwiftContainers, now: float) -> None:
    """Post a message where there are queues, and keep it in the plan's container of messages.

    The name of what is kept ends with the execution's id: upstream's has seconds only, and two of one second collide.
    """
    document = message.to_document()
    if message.plan:
        container = f"{message.plan}{SUFFIX}"
        containers.create(container, {})
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d_%H:%M:%S")
        unique = f"_{message.execution_id}" if message.execution_id else ""
        _keep(containers, container, f"{message.type}/{stamp}{unique}.yaml", document)
        if message.deployment_status:
            status = {"deployment_status": message.deployment_status, "workflow_status": document}
            _keep(containers, container, STATUS_OBJECT, status)
    queues.post(queue, document)


def _keep(containers: SwiftContainers, container: str, path: str, document: Mapping[str, Any]) -> None:
    content = "".join(f"{line}\n" for line in block_lines(dict(document))).encode()
    containers.put(container, path, content, md5=md5_of(content), content_type="application/yaml")
