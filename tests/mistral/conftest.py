"""The session's Mistral with the tool's actions, as one tenant calls it."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import CommandLine
from tripleo_gitops.openstack.swift import SwiftContainers
from tripleo_gitops.operations.mirror.announcement import USAGE_KEY, USAGE_VALUE
from tripleo_gitops.operations.mirror.manifest import md5_of
from tripleo_gitops.undercloud.config import Service

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from openstack.connection import Connection

    from tests.undercloud_fixture import RunningUndercloud, TenantAccess

PATIENCE = 120.0


class ActionFailed(Exception):
    """What Mistral says of an action that ended in ERROR."""


@dataclass(frozen=True)
class Mistral:
    """Mistral's API with one tenant's token."""

    connection: Connection
    access: TenantAccess
    plans: Path

    def call(self, action: str, **inputs: Any) -> Any:
        """Run one action at once and return its result; raise ActionFailed with its error."""
        body = {"name": action, "input": json.dumps(inputs), "params": json.dumps({"run_sync": True})}
        answer = self.connection.workflow.post("/action_executions", json=body)
        assert answer.status_code < 400, answer.text
        document = answer.json()
        result = json.loads(document["output"])["result"]
        if document["state"] != "SUCCESS":
            raise ActionFailed(result)
        return result

    def run(self, workflow: str, **inputs: Any) -> dict[str, Any]:
        """Run a workflow to its end and return its execution, output parsed."""
        body = {"workflow_name": workflow, "input": json.dumps(inputs)}
        answer = self.connection.workflow.post("/executions", json=body)
        assert answer.status_code < 400, answer.text
        return self.ended(answer.json()["id"])

    def ended(self, execution: str) -> dict[str, Any]:
        """Return an execution when it has ended."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            found: dict[str, Any] = self.connection.workflow.get(f"/executions/{execution}").json()
            if found["state"] in ("SUCCESS", "ERROR", "CANCELLED"):
                return {**found, "output": json.loads(found["output"])}
            time.sleep(0.2)
        raise AssertionError(f"{found['workflow_name']} is still {found['state']} after {PATIENCE} s")

    @property
    def containers(self) -> SwiftContainers:
        return SwiftContainers(self.connection)

    def upload(self, container: str, files: dict[str, bytes], *, usage: bool = True) -> None:
        """Fill a plan's container as an older client does."""
        if usage:
            self.containers.create(container, {USAGE_KEY: USAGE_VALUE})
        for path, content in files.items():
            self.containers.put(container, path, content, md5=md5_of(content), content_type="text/plain")


def revoke(connection: Connection, token: str) -> None:
    """Let Keystone forget a token at its owner's wish."""
    connection.session.delete(
        "/auth/tokens", endpoint_filter={"service_type": "identity"}, headers={"X-Subject-Token": token}
    )


def files_below(directory: Path) -> dict[str, bytes]:
    """Return path and bytes of every file of a directory."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def make_small_plan(
    mistral: Mistral,
    name: str,
    example: Path,
    *,
    seconds: int = 0,
    settings: str = "",
    files: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """Make a plan that deploys in moments, and for so many `seconds` more: no gate, no step of its own afterwards."""
    every = {**files_below(example), **files}
    own = every["tripleo-plan.toml"].decode().partition("[[post_deploy.steps]]")[0]
    gates = 'gates = ["pre-deployment", "post-deployment"]'
    assert gates in own
    every["tripleo-plan.toml"] = f"{own.replace(gates, 'gates = []')}{settings}".encode()
    mistral.upload(name, every)
    mistral.call("tripleo.git.create_plan", container=name)
    small = {"ComputeCount": 0, "ControllerCount": 1, "AllNodesValidationSeconds": seconds}
    mistral.call("tripleo.parameters.update", container=name, parameters=small, validate=False)


@pytest.fixture
def mistral(undercloud: RunningUndercloud, tenant: TenantAccess) -> Mistral:
    """Return the session's Mistral as a fresh tenant."""
    return mistral_as(undercloud, tenant)


def mistral_as(undercloud: RunningUndercloud, tenant: TenantAccess) -> Mistral:
    undercloud.with_services(Service.MISTRAL)
    return Mistral(tenant.connect(), tenant, undercloud.config.state_dir / "mistral" / "plans")


@pytest.fixture
def installed(
    undercloud: RunningUndercloud, mistral: Mistral, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> Mistral:
    """Return Mistral with the tool's workbooks, registered by the command line for every project."""
    for name, value in undercloud.environment.items():
        monkeypatch.setenv(name, value)
    CommandLine(tmp_path, capsys)("mistral", "install")
    return mistral


@pytest.fixture
def name() -> str:
    """Return a plan's name that no other test of the session has: the server's plans are one directory."""
    return f"plan-{secrets.token_hex(4)}"


@pytest.fixture
def plan(mistral: Mistral, name: str, example: Path) -> str:
    """Return the name of a plan that was made of the example, uploaded into its container."""
    mistral.upload(name, files_below(example))
    mistral.call("tripleo.git.create_plan", container=name)
    return name
