"""Messages of workflows where a cloud has Zaqar: in the queue that TripleO's clients listen to."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import CommandLine
from tripleo_gitops.undercloud.config import Service

if TYPE_CHECKING:
    from pathlib import Path

    from tests.mistral.conftest import Mistral
    from tests.undercloud_fixture import RunningUndercloud

pytestmark = pytest.mark.undercloud


@pytest.fixture
def heard(
    undercloud: RunningUndercloud,
    mistral: Mistral,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Mistral:
    """Return Mistral with the tool's workbooks, of a cloud that has Zaqar."""
    undercloud.with_services(Service.ZAQAR)
    for variable, value in undercloud.environment.items():
        monkeypatch.setenv(variable, value)
    CommandLine(tmp_path, capsys)("mistral", "install")
    return mistral


def test_a_workflows_message_is_read_from_the_queue_that_it_names(heard: Mistral) -> None:
    execution = {"id": str(uuid.uuid4()), "root_execution_id": str(uuid.uuid4())}
    sent = heard.run(
        "tripleo.messaging.v1.send",
        queue_name="tripleo",
        type="tripleo.plan_management.v1.create_deployment_plan",
        execution=execution,
        status="SUCCESS",
        message="Plan created.",
        payload={"plans": ["overcloud"]},
    )
    assert sent["state"] == "SUCCESS", sent
    [found] = _messages(heard, "tripleo")
    assert found["type"] == "tripleo.plan_management.v1.create_deployment_plan"
    assert found["payload"]["execution_id"] == execution["id"]
    assert found["payload"]["root_execution_id"] == execution["root_execution_id"]
    assert (found["payload"]["message"], found["payload"]["plans"]) == ("Plan created.", ["overcloud"])


def _messages(mistral: Mistral, queue: str) -> list[Any]:
    """Return the bodies of a queue's messages; each project has queues of its own."""
    answer = mistral.connection.session.get(
        f"/v2/queues/{queue}/messages",
        headers={"Client-ID": str(uuid.uuid4())},
        endpoint_filter={"service_type": "messaging"},
    )
    return [one["body"] for one in answer.json()["messages"]]
