"""What a stack tells of a deployment to clients of Mistral: failures by the member they are of, and addresses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.operations.scripted_stacks import stack
from tripleo_gitops.errors import NotFound
from tripleo_gitops.openstack.stack import DeploymentOutput
from tripleo_gitops.operations.stacks.endpoints import horizon_address
from tripleo_gitops.operations.stacks.failures import FailureNode, failures_by_member

DASHBOARD = "http://192.0.2.10/dashboard"


def failure(name: str, *inner: FailureNode, reason: str = "", output: DeploymentOutput | None = None) -> FailureNode:
    return FailureNode(name=name, type="T", status="CREATE_FAILED", reason=reason, output=output, inner=inner)


def test_failures_stand_under_the_member_of_a_role_that_they_are_of() -> None:
    printed = DeploymentOutput(exit_code=3, stdout="out", stderr="err")
    steps = failure("Steps/Config", reason="code 3", output=printed)
    tree = (
        failure("Controller", failure("0", steps, failure("Ports")), failure("1", reason="no node")),
        failure("AllNodesValidation", reason="no answer"),
        failure("Networks", failure("Storage/Subnet")),
    )
    found = failures_by_member(tree)
    assert {member: [name for name, _said in tasks] for member, tasks in found.items()} == {
        "Controller/0": ["Steps/Config", "Ports"],
        "Controller/1": ["Controller/1"],
        "AllNodesValidation": ["AllNodesValidation"],
        "Networks": ["Storage/Subnet"],
    }
    assert found["Controller/0"][0][1] == {
        "type": "T",
        "status": "CREATE_FAILED",
        "reason": "code 3",
        "exit_code": 3,
        "stdout": "out",
        "stderr": "err",
    }
    assert failures_by_member(()) == {}


@pytest.mark.parametrize(
    "outputs",
    [
        {},
        {"EndpointMap": None},
        {"EndpointMap": {}},
        {"EndpointMap": {"HorizonPublic": "x"}},
        {"EndpointMap": {"HorizonPublic": {"uri": ""}}},
    ],
)
def test_a_stack_that_does_not_tell_where_horizon_is_is_named(outputs: Any) -> None:
    with pytest.raises(NotFound, match=r"stack site1 \(CREATE_COMPLETE\) tell no EndpointMap with HorizonPublic"):
        horizon_address(replace(stack("CREATE_COMPLETE"), outputs=outputs), "site1")


def test_horizons_address_is_the_stacks_and_without_a_stack_there_is_none() -> None:
    told = replace(stack("CREATE_COMPLETE"), outputs={"EndpointMap": {"HorizonPublic": {"uri": DASHBOARD}}})
    assert horizon_address(told, "site1") == DASHBOARD
    with pytest.raises(NotFound, match="no stack site1"):
        horizon_address(None, "site1")
