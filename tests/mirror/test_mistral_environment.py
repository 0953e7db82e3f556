"""Where a cloud has a Mistral, the plan's environment is mirrored there under the plan's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mirror.conftest import PLAN
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.openstack.mistral import MistralEnvironments
from tripleo_gitops.operations.mistral_environment import environment_variables
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
from tripleo_gitops.undercloud.config import Service

if TYPE_CHECKING:
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
