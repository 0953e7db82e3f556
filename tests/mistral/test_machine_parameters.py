"""Parameters that follow from machines, and those that do nothing, through a real Mistral."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mistral.conftest import ActionFailed, Mistral
from tripleo_gitops.heat.masking import MASK
from tripleo_gitops.plan.plan_environment import parse_plan_environment
from tripleo_gitops.undercloud.config import Service

if TYPE_CHECKING:
    from tests.undercloud_fixture import RunningUndercloud

pytestmark = pytest.mark.undercloud
CANARY = "canary-5520"
MACHINE = {"pm_type": "ipmi", "pm_addr": "192.0.2.9", "pm_user": "admin", "pm_password": CANARY}
OPTIONS = {"delay": 5, "ipmi_level": None, "ipmi_cipher": None, "ipmi_lanplus": True}


@pytest.fixture
def metal(undercloud: RunningUndercloud, installed: Mistral) -> Mistral:
    undercloud.with_services(Service.IRONIC)
    return installed


def test_what_a_plan_sets_in_vain_is_told(installed: Mistral, plan: str) -> None:
    given = {"Sise": 1, "ComputeCount": 2}
    installed.call("tripleo.parameters.update", container=plan, parameters=given, validate=False)
    found = installed.run("tripleo.plan_management.v1.get_deprecated_parameters", container=plan)
    assert found["state"] == "SUCCESS", found
    assert "Sise" in found["output"]["unused"]
    assert "ComputeCount" not in found["output"]["unused"]
    assert found["output"]["invalid_role_specific"] == []
    assert all(one.keys() == {"parameter", "deprecated", "user_defined"} for one in found["output"]["deprecated"])


def test_fencing_reaches_a_plan_sealed_and_the_result_masked(metal: Mistral, plan: str) -> None:
    inputs = {"nodes_json": [MACHINE], **OPTIONS}
    found = metal.run("tripleo.parameters.v1.generate_fencing_parameters", **inputs, container=plan)
    assert found["state"] == "SUCCESS", found
    params = {"ipaddr": "192.0.2.9", "passwd": MASK, "login": "admin", "delay": 5, "lanplus": True}
    devices = {"devices": [{"agent": "fence_ipmilan", "params": params}]}
    expected = {"parameter_defaults": {"EnableFencing": True, "FencingConfig": devices}}
    assert found["output"]["fencing_parameters"] == expected
    assert metal.call("tripleo.parameters.generate_fencing", **inputs) == expected
    environment = metal.containers.get(plan, "plan-environment.yaml") or b""
    assert parse_plan_environment(environment).parameter_defaults["EnableFencing"] is True
    sealed = metal.containers.get(plan, "secrets.yaml") or b""
    assert b"FencingConfig" in sealed
    for content in (environment, sealed, str(found["output"]).encode()):
        assert CANARY.encode() not in content
    with pytest.raises(ActionFailed, match="no fence agent is known"):
        metal.call("tripleo.parameters.generate_fencing", **{**inputs, "nodes_json": [{"pm_type": "nothing"} | LOGIN]})


def test_a_role_without_machines_gets_the_count_none_by_a_commit(metal: Mistral, plan: str) -> None:
    metal.call("tripleo.parameters.update_role", role="storage-of-nobody", container=plan)
    environment = parse_plan_environment(metal.containers.get(plan, "plan-environment.yaml") or b"")
    assert environment.parameter_defaults["StorageOfNobodyCount"] == 0
    assert environment.parameter_defaults["OvercloudStorageOfNobodyFlavor"] == "baremetal"
    with pytest.raises(ActionFailed, match="is no profile of a role"):
        metal.call("tripleo.parameters.update_role", role="no profile", container=plan)


LOGIN = {key: value for key, value in MACHINE.items() if key != "pm_type"}
