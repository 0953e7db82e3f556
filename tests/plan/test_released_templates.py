"""tripleo-heat-templates as released: every file that rendering makes, byte for byte as their own tool makes it.

Where the sources are is said by RELEASED_TEMPLATES: a directory that holds `tripleo-heat-templates-<version>`
for each version, unpacked from PyPI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.plan.released_renders import SELECTIONS, compare_renders, read_tree
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.documents.yaml import parse_yaml
from tripleo_gitops.plan.capabilities import parse_capabilities_map
from tripleo_gitops.plan.checks import Severity, check
from tripleo_gitops.plan.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RELEASES = ("10.6.2", "11.6.0", "18.0.0")
RENDERED = {"10.6.2": 149, "11.6.0": 145, "18.0.0": 70}


@pytest.mark.parametrize(("version", "roles", "networks"), SELECTIONS)
def test_every_file_is_what_the_release_s_own_tool_makes(
    version: str, roles: str, networks: str, released: Callable[[str], Path], tmp_path: Path
) -> None:
    found = compare_renders(released(version), roles, networks, tmp_path)
    assert found.ours == found.theirs
    assert found.equal == len(found.made) > 0


@pytest.mark.parametrize("version", RELEASES)
def test_as_many_files_are_rendered_as_were_when_this_was_written(
    version: str, released: Callable[[str], Path]
) -> None:
    assert len(render(MemoryTree(read_tree(released(version)))).rendered) == RENDERED[version]


@pytest.mark.parametrize("version", RELEASES)
def test_a_release_has_no_errors_but_that_the_last_one_is_no_plan(
    version: str, released: Callable[[str], Path]
) -> None:
    errors = [found for found in check(MemoryTree(read_tree(released(version)))) if found.severity is Severity.ERROR]
    assert [found.code for found in errors] == (["plan-environment-missing"] if version == "18.0.0" else [])


@pytest.mark.parametrize(("version", "topics", "environments"), [("10.6.2", 9, 84), ("11.6.0", 9, 78)])
def test_the_capabilities_map_of_a_release_is_read_whole(
    version: str, topics: int, environments: int, released: Callable[[str], Path]
) -> None:
    found = parse_capabilities_map((released(version) / "capabilities-map.yaml").read_bytes())
    assert (len(found.topics), len(list(found.environments()))) == (topics, environments)


@pytest.mark.parametrize("version", RELEASES)
def test_every_yaml_file_of_a_release_is_one_that_we_read(version: str, released: Callable[[str], Path]) -> None:
    files = read_tree(released(version))
    paths = [path for path in files if path.endswith(".yaml") and not path.endswith(".j2.yaml")]
    assert len(paths) > 1000
    for path in paths:
        parse_yaml(files[path], source=path)
