"""What a count means in a diff: which members a group gets and loses."""

from __future__ import annotations

from typing import Any

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.heat.bundle import collect
from tripleo_gitops.heat.diff import diff_parameters
from tripleo_gitops.heat.environment import EnvironmentLayer, merge
from tripleo_gitops.heat.report import text
from tripleo_gitops.heat.side import Side

MAIN = """\
heat_template_version: 2018-08-31
parameters:
  Count: {type: number, default: 1}
  Gone: {type: json, default: []}
resources:
  servers:
    type: OS::Heat::ResourceGroup
    properties:
      count: {get_param: Count}
      removal_policies: {get_param: Gone}
      resource_def: {type: OS::Heat::RandomString, properties: {length: 5}}
"""


def side(**values: Any) -> Side:
    environment = merge([EnvironmentLayer("env.yaml", {"parameter_defaults": values})])
    bundle = collect(MemoryTree({"main.yaml": MAIN.encode()}), "main.yaml", environment)
    return Side(bundle=bundle, tree=None, environment=environment)


@pytest.mark.parametrize(
    ("old", "new", "added", "removed"),
    [
        ({}, {"Count": 3}, ("1", "2"), ()),
        ({"Count": 3}, {"Count": 1}, (), ("1", "2")),
        ({"Count": 2}, {"Count": 2, "Gone": [{"resource_list": ["0"]}]}, ("2",), ("0",)),
        ({"Count": 2}, {"Count": 1, "Gone": [{"resource_list": ["0"]}]}, (), ("0",)),
        ({"Count": 1}, {"Count": 0}, (), ("0",)),
    ],
)
def test_a_count_says_which_members_come_and_go(
    old: dict[str, Any], new: dict[str, Any], added: tuple[str, ...], removed: tuple[str, ...]
) -> None:
    found = {one.path: one for one in diff_parameters(side(**old), side(**new)).resources}
    members = found["/servers"].members
    assert members is not None
    assert (members.added, members.removed) == (added, removed)
    assert list(found) == ["/servers"]
    assert found["/servers"].to_document()["members"] == {"added": list(added), "removed": list(removed)}


def test_a_person_reads_how_many_and_the_first_few() -> None:
    lines = ["".join(one.text for one in line) for line in text(diff_parameters(side(), side(Count=9)))]
    assert "  ~ /servers OS::Heat::ResourceGroup  count  8 members (1, 2, 3, 4, 5, …) added" in lines
    lines = ["".join(one.text for one in line) for line in text(diff_parameters(side(Count=2), side()))]
    assert "  ~ /servers OS::Heat::ResourceGroup  count  1 member (1) removed" in lines


def test_a_count_beyond_all_bounds_lists_nobody_and_takes_no_time() -> None:
    found = {one.path: one for one in diff_parameters(side(), side(Count=10**9)).resources}
    assert found["/servers"].members is None
    assert found["/servers"].properties == ("count",)
