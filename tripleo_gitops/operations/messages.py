"""Messages of workflows in TripleO's shape: to a queue, and beside the plan, where its interfaces read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.documents.emit import block_lines
from tripleo_gitops.errors import Unavailable
from tripleo_gitops.operations.mirror.manifest import md5_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tripleo_gitops.openstack.swift import SwiftContainers
    from tripleo_gitops.operations.clock import Clock

SUFFIX, STATUS_OBJECT = "-messages", "deployment_status.yaml"
TRIES, PAUSE_SECONDS = 6, 1.0


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


def keep_message(message: Message, *, containers: SwiftContainers, now: float) -> None:
    """Keep a message in its plan's container of messages; one that is of no plan is kept nowhere.

    The name of what is kept ends with the execution's id: upstream's has seconds only, and two of one second collide.
    """
    if not message.plan:
        return
    document, container = message.to_document(), f"{message.plan}{SUFFIX}"
    containers.create(container, {})
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d_%H:%M:%S")
    unique = f"_{message.execution_id}" if message.execution_id else ""
    _keep(containers, container, f"{message.type}/{stamp}{unique}.yaml", document)
    if message.deployment_status:
        status = {"deployment_status": message.deployment_status, "workflow_status": document}
        _keep(containers, container, STATUS_OBJECT, status)


def post_message(
    message: Message, *, queue: str, queues: Queues, clock: Clock, say: Callable[[str], None], tries: int = TRIES
) -> None:
    """Post a message where there are queues; where they are away, try again, and in the end say that nobody heard it.

    What was done is done: a run does not fail since nobody can be told of it.
    """
    for left in reversed(range(tries)):
        try:
            queues.post(queue, message.to_document())
        except Unavailable as exc:
            if not left:
                say(f"{message.type} said {message.status}, and queue {queue} did not take it: {exc}")
            else:
                clock.sleep(PAUSE_SECONDS)
        else:
            return


def _keep(containers: SwiftContainers, container: str, path: str, document: Mapping[str, Any]) -> None:
    content = "".join(f"{line}\n" for line in block_lines(dict(document))).encode()
    containers.put(container, path, content, md5=md5_of(content), content_type="application/yaml")
