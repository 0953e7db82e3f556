"""Where a cloud has a Mistral, the plan's environment is mirrored there under the plan's name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from mistralclient.api import client as mistral

from tests.command_line import CommandLine
from tests.mirror.conftest import PLAN
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.openstack.mistral import MistralEnvironments
from tripleo_gitops.operations.mirror.mistral_environment import environment_variables
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
from tripleo_gitops.undercloud.config import Service

if TYPE_CHECKING:
    from pathlib import Path

    from tests.undercloud_fixture import RunningUndercloud, TenantAccess

PLAN_ENVIRONMENT = b"""\
version: 1.0
name: site1
template: overcloud.yaml
environments: [{path: environments/a.yaml}]
parameter_defaults: {ControllerCount: 3}
passwords: {AdminPassword: "ENC[sealed]"}
"""


def test_environment_holds_what_older_clients_read_as_it_is_in_git() -> None:
    assert environment_variables(MemoryTree({PLAN_ENVIRONMENT_FILE: PLAN_ENVIRONMENT})) == {
        "template": "overcloud.yaml",
        "environments": [{"path": "environments/a.yaml"}],
        "parameter_defaults": {"ControllerCount": 3},
        "passwords": {"AdminPassword": "ENC[sealed]"},
    }


def test_tree_without_a_plan_environment_has_no_variables() -> None:
    assert environment_variables(MemoryTree({"a.yaml": b""})) is None


@pytest.mark.undercloud
def test_mistral_keeps_the_environment_and_replaces_it(undercloud: RunningUndercloud, tenant: TenantAccess) -> None:
    undercloud.with_services(Service.MISTRAL)
    environments = MistralEnvironments(tenant.connect())
    environments.put(PLAN, {"template": "a.yaml", "parameter_defaults": {"A": 1}})
    environments.put(PLAN, {"template": "b.yaml"})
    assert environments.variables(PLAN) == {"template": "b.yaml"}
    environments.delete(PLAN)
    assert environments.variables(PLAN) is None


@pytest.mark.undercloud
def test_older_client_reads_the_environment_of_what_was_synced(
    undercloud: RunningUndercloud, cloud: TenantAccess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    undercloud.with_services(Service.MISTRAL)
    CommandLine(tmp_path, capsys)("init", PLAN)
    plan = CommandLine(tmp_path / PLAN, capsys)
    plan("commit", "--all", "-m", "Begin")
    plan("sync")
    assert as_an_older_client_reads(cloud) == environment_of(plan)
    plan("parameters", "set", "ControllerCount=3")
    plan("commit", "--all", "-m", "Three")
    plan("sync")
    found = as_an_older_client_reads(cloud)
    assert found["parameter_defaults"]["ControllerCount"] == 3
    assert found == environment_of(plan)


def environment_of(plan: CommandLine) -> dict[str, Any]:
    """Return what plan-environment.yaml has of what the environment had before there was such a file."""
    document = yaml.safe_load((plan.directory / PLAN_ENVIRONMENT_FILE).read_bytes())
    return {key: document[key] for key in ("template", "environments", "parameter_defaults")}


def as_an_older_client_reads(cloud: TenantAccess) -> dict[str, Any]:
    """Return the variables as tripleo-common of Ocata asked for them: by python-mistralclient, by the plan's name."""
    session = cloud.connect().session
    url = session.get_endpoint(service_type="workflow")
    found = mistral.client(mistral_url=url, session=session).environments.get(PLAN)
    variables = found.variables
    return dict(json.loads(variables) if isinstance(variables, str) else variables)
