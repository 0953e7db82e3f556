"""What is written into a plan's Mistral environment by an older client becomes an edit, never a lost one."""

from __future__ import annotations

from typing import Any

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.documents.yaml import parse_yaml
from tripleo_gitops.operations.mirror.environment_edits import EnvironmentConflict, environment_edits
from tripleo_gitops.operations.mirror.mistral_environment import environment_variables
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE

BASE = b"""\
version: 1.0
name: site1
template: overcloud.yaml
environments: [{path: a.yaml}]
parameter_defaults: {ControllerCount: 3, NtpServer: a}  # kept
"""


def _tree(content: bytes = BASE) -> MemoryTree:
    return MemoryTree({PLAN_ENVIRONMENT_FILE: content})


def _variables(**changes: Any) -> dict[str, Any]:
    return {**(environment_variables(_tree()) or {}), **changes}


def test_what_was_mirrored_gives_no_edit() -> None:
    assert environment_edits(_tree(), _tree(), _variables()) == {}
    assert environment_edits(_tree(), _tree(), None) == {}


def test_a_written_parameter_is_set_and_a_removed_one_unset() -> None:
    found = _variables(parameter_defaults={"ControllerCount": 5})
    content = environment_edits(_tree(), _tree(), found)[PLAN_ENVIRONMENT_FILE]
    assert parse_yaml(content, source="x")["parameter_defaults"] == {"ControllerCount": 5}
    assert b"# kept" in content


def test_what_git_changed_meanwhile_stays() -> None:
    newest = _tree(BASE.replace(b"NtpServer: a", b"NtpServer: b"))
    found = _variables(parameter_defaults={"ControllerCount": 5, "NtpServer": "a"})
    content = environment_edits(_tree(), newest, found)[PLAN_ENVIRONMENT_FILE]
    assert parse_yaml(content, source="x")["parameter_defaults"] == {"ControllerCount": 5, "NtpServer": "b"}


def test_a_key_that_both_changed_is_refused_by_name() -> None:
    newest = _tree(BASE.replace(b"ControllerCount: 3", b"ControllerCount: 1"))
    with pytest.raises(EnvironmentConflict, match=r"parameter_defaults\.ControllerCount"):
        environment_edits(_tree(), newest, _variables(parameter_defaults={"ControllerCount": 5, "NtpServer": "a"}))
