"""Roles, networks and samples through a real Mistral: as data, and as commits with TripleO's messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.mistral.conftest import ActionFailed, Mistral, files_below
from tripleo_gitops.plan.networks import parse_networks
from tripleo_gitops.plan.roles import parse_roles

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.undercloud
PLANS = "tripleo.plan_management.v1"
OFFERED = {
    "networks/External.yaml": b"- {name: External, vip: true}\n",
    "plan-samples/small/notes.yaml": b"{}\n",
}


@pytest.fixture
def offering(installed: Mistral, name: str, example: Path) -> str:
    """Return the name of a plan that offers a network and a sample."""
    installed.upload(name, {**files_below(example), **OFFERED})
    installed.call("tripleo.git.create_plan", container=name)
    return name


def _output(mistral: Mistral, workflow: str, **inputs: Any) -> dict[str, Any]:
    found = mistral.run(workflow, **inputs)
    assert found["state"] == "SUCCESS", found["output"]
    output: dict[str, Any] = found["output"]
    return output


def test_a_clients_own_steps_give_what_update_roles_commits(installed: Mistral, offering: str) -> None:
    current = _output(installed, f"{PLANS}.list_roles", container=offering)["roles_data"]
    available = installed.call("tripleo.git.list_available_roles", container=offering)
    gathered = installed.call(
        "tripleo.plan.gather_roles",
        role_names=["Compute", "Networker"],
        current_roles=current,
        available_roles=available,
    )["gathered_roles"]
    assert sorted(role["name"] for role in gathered) == ["Compute", "Networker"]
    assert installed.call("tripleo.plan.validate_roles", roles=gathered, available_roles=available) is True
    merged = installed.call("tripleo.plan.update_roles", roles=gathered, current_roles=current)["roles"]
    updated = _output(installed, f"{PLANS}.update_roles", container=offering, roles=gathered)["updated_roles"]
    assert updated == merged
    assert [role["name"] for role in updated] == ["Controller", "Compute", "Networker"]
    mirrored = parse_roles(installed.containers.get(offering, "roles_data.yaml") or b"")
    assert [dict(role.fields) for role in mirrored] == updated
    newest = installed.call("tripleo.git.revisions", container=offering, limit=1)[0]
    assert newest["subject"] == "Update the roles Compute, Networker"


def test_roles_that_do_not_fit_the_plan_change_nothing(installed: Mistral, offering: str) -> None:
    before = installed.call("tripleo.git.revisions", container=offering)
    wrong = {
        "at least one role has to be tagged": {"roles": [{"name": "Compute"}], "replace_all": True},
        "no role 'Typo' is offered": {"roles": [{"name": "Typo"}]},
        "overcloud.j2.yaml:21: error template-error": {"roles": [{"name": "Compute"}]},
        "no such network is defined": {"roles": [{"name": "Compute", "networks": ["Nowhere"]}]},
    }
    for said, inputs in wrong.items():
        refused = installed.run(f"{PLANS}.update_roles", container=offering, **inputs)
        assert refused["state"] == "ERROR"
        assert said in refused["output"]["message"]
    assert installed.call("tripleo.git.revisions", container=offering) == before


def test_networks_are_updated_by_a_commit_that_has_their_templates(installed: Mistral, offering: str) -> None:
    book = "tripleo.networks.v1"
    found = _output(installed, f"{book}.update_networks", container=offering, networks=[{"name": "Tenant"}])
    assert [one["name"] for one in found["network_data"]] == ["InternalApi", "Storage", "Management", "Tenant"]
    mirrored = parse_networks(installed.containers.get(offering, "network_data.yaml") or b"")
    assert [dict(network.fields) for network in mirrored] == found["network_data"]
    assert installed.containers.get(offering, "network/tenant.yaml")
    checked = _output(installed, f"{PLANS}.validate_roles_and_networks", container=offering)
    assert checked["network_data"] == found["network_data"]
    assert [role["name"] for role in checked["roles_data"]] == ["Controller", "Compute"]
    refused = installed.run(f"{book}.validate_networks_input", networks=[{"mtu": 1500}])
    assert (refused["state"], "have no name" in refused["output"]["message"]) == ("ERROR", True)
    offered = _output(installed, f"{PLANS}.list_available_networks", container=offering)["available_networks"]
    assert offered == [{"name": "External", "vip": True}]


def test_given_networks_need_templates_in_the_plan(installed: Mistral, offering: str) -> None:
    given: dict[str, Any] = {"container": offering, "network_data": [{"name": "Storage"}]}
    assert _output(installed, f"{PLANS}.validate_network_files", **given)["network_data"] == given["network_data"]
    with pytest.raises(ActionFailed, match=r"Absent has no network/absent\.yaml"):
        installed.call("tripleo.git.check_network_files", network_data=[{"name": "Absent"}], container=offering)


def test_a_sample_plan_adds_what_the_plan_lacks(installed: Mistral, offering: str) -> None:
    assert _output(installed, f"{PLANS}.list_sample_plans", container=offering)["available_plans"] == ["small"]
    added = _output(installed, f"{PLANS}.select_sample_plan", container=offering, sample_plan_name="small")["added"]
    assert added == ["notes.yaml"]
    assert installed.containers.get(offering, "notes.yaml") == b"{}\n"
    refused = installed.run(f"{PLANS}.select_sample_plan", container=offering)
    assert "no sample plan 'openstack'" in refused["output"]["message"]
