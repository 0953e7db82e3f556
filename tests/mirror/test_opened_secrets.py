"""A mirror has secrets as they are in Git, unless the operator says just that they are to be opened."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.command_line import CommandLine
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.openstack.swift import SwiftContainers
from tripleo_gitops.operations.mirror.manifest import MANIFEST_PATH, md5_of
from tripleo_gitops.operations.secrets.secret_content import has_secret
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
from tripleo_gitops.plan.secrets_file import SECRETS_FILE
from tripleo_gitops.secrets.keys import create_key

if TYPE_CHECKING:
    from tests.undercloud_fixture import TenantAccess

CANARY = "canary-51c0"
PLAN = "site1"
KEYS = Path(".config/sops/age/keys.txt")


class Operator:
    """An operator with a key, a plan with one secret, and a look at what its container has."""

    def __init__(self, plan: CommandLine, cloud: TenantAccess) -> None:
        self.plan, self.store = plan, SwiftContainers(cloud.connect())

    def ask_for(self, form: str) -> None:
        self._git("config", "tripleo-gitops.mirror-secrets", form)

    def commit(self, path: str, content: str) -> None:
        (self.plan.directory / path).write_text(content)
        self.plan("commit", "--all", "-m", "Change")

    def metadata(self) -> dict[str, str]:
        return dict(self.store.metadata(PLAN) or {})

    def paths(self) -> set[str]:
        return {found.path for found in self.store.objects(PLAN)}

    def environment(self) -> Any:
        return yaml.safe_load(self.store.get(PLAN, PLAN_ENVIRONMENT_FILE) or b"")

    def has_canary(self) -> bool:
        """Return whether anything that the container holds says the secret."""
        return any(CANARY.encode() in (self.store.get(PLAN, path) or b"") for path in self.paths())

    def _git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.plan.directory, check=True, capture_output=True)


@pytest.fixture
def operator(cloud: TenantAccess, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Operator:
    """Return an operator whose plan has a password, sealed for their key."""
    create_key(Path.home() / KEYS)
    CommandLine(tmp_path, capsys)("init", PLAN, "--no-passwords")
    plan = CommandLine(tmp_path / PLAN, capsys)
    plan("secrets", "init")
    (tmp_path / "value").write_text(CANARY)
    plan("secrets", "set", "AdminPassword", "--from-file", str(tmp_path / "value"))
    plan("commit", "--all", "-m", "Begin")
    return Operator(plan, cloud)


@pytest.mark.undercloud
def test_secrets_go_sealed_where_nobody_says_otherwise(operator: Operator) -> None:
    operator.plan("sync")
    assert SECRETS_FILE in operator.paths()
    assert operator.metadata()["tripleo-gitops-secrets"] == "sealed"
    assert not operator.has_canary()


@pytest.mark.undercloud
def test_opened_secrets_are_where_tripleo_has_them_and_the_mirror_says_so(operator: Operator) -> None:
    operator.ask_for("opened")
    operator.plan("sync")
    assert SECRETS_FILE not in operator.paths()
    assert operator.environment()["passwords"]["AdminPassword"] == CANARY
    assert operator.metadata()["tripleo-gitops-secrets"] == "opened"
    assert b'"secrets":"opened"' in (operator.store.get(PLAN, MANIFEST_PATH) or b"")
    operator.plan("verify", "--deep")
    operator.plan("drift")
    assert operator.plan("sync", "-o", "json").data["requests"] == 1


@pytest.mark.undercloud
def test_later_commits_keep_the_form_also_where_only_what_changed_is_looked_at(operator: Operator) -> None:
    operator.ask_for("opened")
    operator.plan("sync")
    operator.commit("environments/mine.yaml", "parameter_defaults: {}\n")
    assert operator.plan("sync", "-o", "json").data["put"] == 1
    operator.commit("environments/mine.yaml", "parameter_defaults: {ComputeCount: 2}\n")
    assert operator.plan("sync", "-o", "json").data["put"] == 1
    operator.plan("verify", "--deep")
    assert operator.environment()["passwords"]["AdminPassword"] == CANARY


@pytest.mark.undercloud
def test_other_form_is_taken_on_without_a_new_commit(operator: Operator) -> None:
    operator.plan("sync")
    operator.ask_for("opened")
    assert operator.plan("drift", "-o", "json", code=1).data["objects"] != []
    operator.plan("sync")
    assert operator.has_canary()
    operator.ask_for("sealed")
    operator.plan("verify", code=1)
    operator.plan("sync")
    assert not operator.has_canary()
    operator.plan("verify", "--deep")


@pytest.mark.undercloud
def test_repair_brings_the_form_that_is_asked_for(operator: Operator) -> None:
    operator.ask_for("opened")
    operator.plan("sync")
    operator.ask_for("sealed")
    operator.plan("repair")
    assert not operator.has_canary()
    operator.plan("verify", "--deep")


@pytest.mark.undercloud
@pytest.mark.parametrize("form", ["open", "OPENED", ""])
def test_form_that_is_none_mirrors_nothing(operator: Operator, form: str) -> None:
    operator.ask_for(form)
    assert "mirror-secrets" in operator.plan("sync", code=2).err
    assert operator.store.metadata(PLAN) is None


@pytest.mark.undercloud
def test_without_a_key_nothing_is_mirrored_opened(operator: Operator) -> None:
    operator.ask_for("opened")
    (Path.home() / KEYS).unlink()
    assert "no age key at hand" in operator.plan("sync", code=2).err
    assert operator.store.metadata(PLAN) is None


@pytest.mark.undercloud
def test_drift_names_what_has_secrets_and_does_not_show_it(operator: Operator) -> None:
    operator.ask_for("opened")
    operator.plan("sync")
    content = operator.store.get(PLAN, PLAN_ENVIRONMENT_FILE) or b""
    changed = content + b"# x\n"
    operator.store.put(PLAN, PLAN_ENVIRONMENT_FILE, changed, md5=md5_of(changed), content_type="text/plain")
    said = operator.plan("drift", code=1)
    assert f"changed {PLAN_ENVIRONMENT_FILE}" in said.out
    assert "not shown" in said.out
    assert CANARY not in said.out + said.err
    (found,) = operator.plan("drift", "-o", "json", code=1).data["objects"]
    assert (found["path"], found["diff"], found["secret"]) == (PLAN_ENVIRONMENT_FILE, [], True)


HIDING = b"heat_template_version: rocky\nparameters: {DbPassword: {type: string, hidden: true}, Size: {type: number}}\n"


@pytest.mark.parametrize(
    ("path", "content", "is_secret"),
    [
        (PLAN_ENVIRONMENT_FILE, b"passwords: {AdminPassword: x}\n", True),
        (PLAN_ENVIRONMENT_FILE, b"parameter_defaults: {DbPassword: x}\n", True),
        (PLAN_ENVIRONMENT_FILE, b"parameter_defaults: {Size: 3}\n", False),
        (PLAN_ENVIRONMENT_FILE, b"passwords: [", True),
        ("environments/a.yaml", b"parameter_defaults: {AdminPassword: x}\n", True),
        ("environments/a.yaml", b"parameter_defaults: {DbPassword: x}\n", True),
        ("environments/a.yaml", b"parameter_defaults: {Size: 3}\n", False),
        ("environments/a.yaml", b": [", False),
        ("scripts/a.sh", b"echo\n", False),
        (SECRETS_FILE, b"passwords: {AdminPassword: x}\n", True),
        (SECRETS_FILE, b"no: [", True),
        (SECRETS_FILE, b"passwords: {}\n", False),
    ],
)
def test_what_says_a_secret_is_told_from_what_does_not(path: str, content: bytes, is_secret: bool) -> None:
    tree = MemoryTree({"a.yaml": HIDING, PLAN_ENVIRONMENT_FILE: b"version: 1.0\nname: site1\n"})
    assert has_secret(tree, path, content) is is_secret
