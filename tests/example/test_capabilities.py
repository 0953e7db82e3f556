"""What can be selected in the example plan exists, keeps the rules, and makes a difference that shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.example.selections import (
    CEPH,
    FLAT,
    ISOLATED,
    LVM,
    REGISTRY,
    SELECTIONS,
    TELEMETRY,
    TLS_EVERYWHERE,
    TLS_PUBLIC,
    with_selection,
    with_value,
)
from tripleo_gitops.heat.diff import diff_parameters
from tripleo_gitops.operations.editing import capabilities_of
from tripleo_gitops.operations.resolution import resolve_plan
from tripleo_gitops.plan.capabilities import read_capabilities_map
from tripleo_gitops.plan.checks import check
from tripleo_gitops.plan.selection import CapabilityConflict, update_selection

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.plan.rendering import RenderedTree


def test_every_environment_that_can_be_selected_exists(example_tree: PlanTree, rendered: RenderedTree) -> None:
    topics = read_capabilities_map(example_tree).topics
    files = [e.file for topic in topics for group in topic.groups for e in group.environments]
    assert len(files) == len(set(files)) == 9
    assert [file for file in files if file not in rendered.paths()] == []


def test_selections_of_these_tests_cover_every_environment(rendered: RenderedTree) -> None:
    environments = {path for path in rendered.paths() if path.startswith("environments/") and ".j2." not in path}
    assert {path for selection in SELECTIONS.values() for path in selection} == environments | {REGISTRY}


def test_an_environment_in_no_topic_is_listed_under_other(example_tree: PlanTree) -> None:
    other = capabilities_of(example_tree)[-1]
    files = [e.file for group in other.groups for e in group.environments]
    assert (other.title, files) == ("Other", ["environments/low-memory-usage.yaml"])


@pytest.mark.parametrize(
    ("selected", "enabled"),
    [
        ((REGISTRY, ISOLATED), FLAT),
        ((REGISTRY, ISOLATED, LVM), CEPH),
        ((REGISTRY, ISOLATED, TLS_PUBLIC), TLS_EVERYWHERE),
        ((REGISTRY, FLAT), TLS_EVERYWHERE),
        ((REGISTRY,), CEPH),
    ],
)
def test_what_excludes_each_other_or_lacks_what_it_requires_is_refused(
    example_tree: PlanTree, selected: tuple[str, ...], enabled: str
) -> None:
    with pytest.raises(CapabilityConflict):
        update_selection(read_capabilities_map(example_tree), selected, {enabled: True})


@pytest.mark.parametrize("name", SELECTIONS)
def test_every_selection_passes_the_checks(example_tree: PlanTree, name: str) -> None:
    findings = check(with_selection(example_tree, SELECTIONS[name]))
    assert [str(finding) for finding in findings] == []


@pytest.mark.parametrize("name", SELECTIONS)
def test_every_selection_has_a_parameter_tree_with_both_roles(example_tree: PlanTree, name: str) -> None:
    parameters = resolve_plan(with_selection(example_tree, SELECTIONS[name])).parameters
    assert {"Controller", "Compute", "ControllerServiceChain", "EndpointMap"} <= set(parameters.nested)


@pytest.mark.parametrize("name", [name for name in SELECTIONS if name != "as-shipped"])
def test_every_other_selection_differs_for_heat(example_tree: PlanTree, name: str) -> None:
    shipped = resolve_plan(example_tree).side
    other = resolve_plan(with_selection(example_tree, SELECTIONS[name])).side
    assert not diff_parameters(shipped, other).is_empty


def test_telemetry_adds_its_parameters_to_the_plan(example_tree: PlanTree) -> None:
    shipped = resolve_plan(example_tree)
    other = resolve_plan(with_selection(example_tree, (*SELECTIONS["as-shipped"], TELEMETRY)))
    changes = {change.name for change in diff_parameters(shipped.side, other.side).parameters}
    assert changes >= {"TelemetryInterval", "TelemetryRetentionDays"}


@pytest.mark.parametrize(("parameter", "value"), [("ControllerCount", 2), ("NtpServer", ["ntp.example.org"])])
def test_a_value_of_the_site_differs_for_heat_by_its_name(
    example_tree: PlanTree, parameter: str, value: object
) -> None:
    shipped = resolve_plan(example_tree)
    other = resolve_plan(with_value(example_tree, parameter, value))
    names = {change.name for change in diff_parameters(shipped.side, other.side).parameters}
    assert names == {parameter}
