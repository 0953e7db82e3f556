"""Each released tripleo-heat-templates: created, passwords complete, exported, imported again.

Where the sources are is said by RELEASED_TEMPLATES, as for the tests of rendering.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.command_line import CommandLine
from tests.lifecycle.conftest import git
from tests.lifecycle.test_creation import cloned, opened, server
from tripleo_gitops.plan.declared_parameters import declared_parameters
from tripleo_gitops.plan.password_kinds import KINDS
from tripleo_gitops.plan.rendering import render
from tripleo_gitops.repository.directory import DirectoryTree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["server"]
COUNTS = {"10.6.2": 58, "11.6.0": 57, "18.0.0": 53}


@pytest.mark.parametrize(("version", "count"), COUNTS.items())
def test_a_release_becomes_a_plan_with_every_password_and_comes_back_from_an_export(
    server: CommandLine, released: Callable[[str], Path], version: str, count: int, recipient: str, tmp_path: Path
) -> None:
    made = server("create", "first", "--from", str(released(version)), "-o", "json").data
    first = cloned(made, tmp_path)
    passwords = opened(first)
    assert len(passwords) == count
    declared = declared_parameters(render(DirectoryTree(first)))
    environment = yaml.safe_load((first / "plan-environment.yaml").read_text())
    assert environment["parameter_defaults"].get("RootStackName") == "first"
    CommandLine(first, server._capture)("check")
    assert passwords.keys() == declared.keys() & KINDS.keys()
    server("-C", str(first), "export", "--secrets", "clear", "-f", str(tmp_path / "x.tar.gz"))
    second = cloned(server("create", "first2", "--from", "x.tar.gz", "-o", "json").data, tmp_path)
    assert opened(second) == passwords
    trees = [
        {
            line
            for line in git(where, "ls-tree", "-r", "HEAD").splitlines()
            if "\tplan-env" not in line and "\tsecrets" not in line
        }
        for where in (first, second)
    ]
    assert trees[0] == trees[1]
