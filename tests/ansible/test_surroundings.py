"""What a play finds around it: what the plan asks for, what the machine lends, and nothing else."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tripleo_gitops.ansible.environment import ansible_environment
from tripleo_gitops.ansible.play import Surroundings
from tripleo_gitops.ansible.workspace import Workspace
from tripleo_gitops.documents.tree import MemoryTree, MissingFile
from tripleo_gitops.operations.playbooks.plays import Ground, Machine, Stage, lay_out
from tripleo_gitops.plan.settings import parse_settings

MACHINE = Machine(
    interpreter="/usr/bin/python3",
    private_key=Path("/keys/id"),
    known_hosts=Path("/home/op/.ssh/known_hosts"),
    cloud={"OS_CLOUD": "mycloud"},
    agent={"SSH_AUTH_SOCK": "/run/agent"},
)
FILES = {"hosts": b"[web]\n", "known": b"", "own.cfg": b"[defaults]\n", "roles/a/tasks/main.yaml": b""}


def staged(tmp_path: Path, settings: str) -> Stage:
    ground = Ground(plan="p", revision="r", tree=MemoryTree(FILES), settings=parse_settings(settings.encode()))
    return lay_out(ground, Workspace.open(parent=tmp_path), MACHINE)


def environment(tmp_path: Path, around: Surroundings) -> dict[str, str]:
    return ansible_environment(around, home=tmp_path / "home", mark="m")


def test_the_cloud_is_named_only_where_the_plan_asks_for_it(tmp_path: Path) -> None:
    without = environment(tmp_path, staged(tmp_path, "").surroundings)
    asked = environment(tmp_path, staged(tmp_path, "[ansible]\ncloud_access = true\n").surroundings)

    assert "OS_CLOUD" not in without
    assert asked["OS_CLOUD"] == "mycloud"
    assert without["SSH_AUTH_SOCK"] == "/run/agent"


def test_host_keys_are_checked_against_the_plans_and_the_operators_unless_the_plan_says_no(tmp_path: Path) -> None:
    stage = staged(tmp_path, "[ansible]\nknown_hosts = 'known'\n")
    found = environment(tmp_path, stage.surroundings)
    options = shlex.split(found["ANSIBLE_SSH_COMMON_ARGS"])

    assert f"UserKnownHostsFile={stage.project}/known /home/op/.ssh/known_hosts" in options
    assert "StrictHostKeyChecking=yes" in options
    assert found["ANSIBLE_HOST_KEY_CHECKING"] == "1"
    off = environment(tmp_path, staged(tmp_path, "[ansible]\nhost_key_checking = false\n").surroundings)
    assert "StrictHostKeyChecking=no" in off["ANSIBLE_SSH_COMMON_ARGS"]
    assert off["ANSIBLE_HOST_KEY_CHECKING"] == "0"


def test_the_plans_own_files_are_where_settings_say(tmp_path: Path) -> None:
    stage = staged(tmp_path, "[ansible]\ninventory = 'hosts'\nconfig = 'own.cfg'\nroles = ['more']\n")

    assert stage.inventory == stage.project / "hosts"
    assert stage.surroundings.config == stage.project / "own.cfg"
    assert stage.surroundings.roles == (stage.project / "more", stage.project / "roles")
    assert environment(tmp_path, stage.surroundings)["ANSIBLE_CONFIG"] == str(stage.project / "own.cfg")


def test_a_variable_of_the_machine_never_takes_the_place_of_ours(tmp_path: Path) -> None:
    around = Surroundings(variables={"HOME": "/root", "ANSIBLE_CONFIG": "/etc/ansible/ansible.cfg", "TERM": "x"})
    found = environment(tmp_path, around)

    assert found["HOME"] == str(tmp_path / "home")
    assert found["ANSIBLE_CONFIG"] == str(tmp_path / "home" / "ansible.cfg")


@pytest.mark.parametrize("key", ["inventory", "known_hosts", "config"])
def test_a_file_that_settings_name_and_the_plan_has_not_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(MissingFile, match=r"gone.*tripleo-plan\.toml"):
        staged(tmp_path, f"[ansible]\n{key} = 'gone'\n")
