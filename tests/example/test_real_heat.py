"""A real Heat takes every selection of the example plan, and sees in it what we see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.example.selections import SELECTIONS, with_selection
from tripleo_gitops.operations.resolution import resolve_plan

if TYPE_CHECKING:
    from openstack.connection import Connection

    from tests.undercloud_fixture import RunningUndercloud
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.heat.bundle import Bundle

pytestmark = pytest.mark.undercloud


@pytest.fixture(scope="module")
def connection(undercloud: RunningUndercloud) -> Connection:
    return undercloud.connect()


def validated(connection: Connection, bundle: Bundle) -> Any:
    """Heat's nested validation of a bundle."""
    body = {"template": bundle.template, "environment": bundle.environment, "files": dict(bundle.files)}
    response = connection.orchestration.post("/validate", params={"show_nested": True}, json=body)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("name", SELECTIONS)
def test_heat_validates_the_selection_to_the_tree_that_we_compute(
    connection: Connection, example_tree: PlanTree, name: str
) -> None:
    resolved = resolve_plan(with_selection(example_tree, SELECTIONS[name]))
    answer = validated(connection, resolved.bundle)
    assert answer["NestedParameters"]["ControllerServiceChain"]["NestedParameters"]["ServiceChain"]
    assert resolved.parameters.to_heat() == answer
