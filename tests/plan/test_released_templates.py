"""tripleo-heat-templates as released: every file that rendering makes, byte for byte as their own tool makes it.

Where the sources are is said by RELEASED_TEMPLATES: a directory that holds `tripleo-heat-templates-<version>`
for each version, unpacked from PyPI.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

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
SAMPLES = "network-data-samples"
SELECTIONS: tuple[tuple[str, str, str], ...] = (
    ("10.6.2", "roles_data.yaml", "network_data.yaml"),
    ("10.6.2", "roles_data_undercloud.yaml", "network_data_undercloud.yaml"),
    ("10.6.2", "roles_data.yaml", "network_data_subnets_routed.yaml"),
    ("10.6.2", "roles_data.yaml", "network_data_ganesha.yaml"),
    ("11.6.0", "roles_data.yaml", "network_data.yaml"),
    ("11.6.0", "roles_data_undercloud.yaml", "network_data_undercloud.yaml"),
    ("11.6.0", "roles_data.yaml", "network_data_routed.yaml"),
    ("11.6.0", "roles_data.yaml", "network_data_dashboard.yaml"),
    ("18.0.0", "roles_data.yaml", f"{SAMPLES}/default-network-isolation.yaml"),
    ("18.0.0", "roles_data.yaml", f"{SAMPLES}/management-ipv6.yaml"),
    ("18.0.0", "roles_data.yaml", f"{SAMPLES}/no-networks.yaml"),
    ("18.0.0", "roles_data_standalone.yaml", f"{SAMPLES}/legacy-routed-networks.yaml"),
)


def read_tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


@pytest.mark.parametrize(("version", "roles", "networks"), SELECTIONS)
def test_every_file_is_what_the_release_s_own_tool_makes(
    version: str, roles: str, networks: str, released: Callable[[str], Path], tmp_path: Path
) -> None:
    source = released(version)
    reference = tmp_path / "reference"
    shutil.copytree(source, reference, symlinks=True)
    command = [sys.executable, "tools/process-templates.py", "--roles-data", roles, "--network-data", networks]
    subprocess.run(command, cwd=reference, check=True, capture_output=True)
    files = read_tree(source)
    files["roles_data.yaml"], files["network_data.yaml"] = files[roles], files[networks]
    rendered = render(MemoryTree(files))
    expected = {**read_tree(reference), "roles_data.yaml": files[roles], "network_data.yaml": files[networks]}
    assert {path: rendered.read(path) for path in rendered.paths()} == expected


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
