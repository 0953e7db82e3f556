"""`tripleo-plan secrets` and `passwords` in a clone: what they write, what they never print."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.lifecycle.conftest import git
from tripleo_gitops.operations.opening import opened_values
from tripleo_gitops.operations.resolution import resolve_opened, resolve_plan
from tripleo_gitops.repository.directory import DirectoryTree
from tripleo_gitops.secrets.keys import KeySource, create_key
from tripleo_gitops.secrets.process import find_sops
from tripleo_gitops.secrets.sops import Sops

if TYPE_CHECKING:
    from tests.command_line import CommandLine
    from tripleo_gitops.plan.secrets_file import SecretValues

CANARY = "canary-8d1f"


def opened(plan: CommandLine) -> SecretValues:
    return opened_values(DirectoryTree(plan.directory), Sops(KeySource.of({}, home=Path.home())))


def stored(plan: CommandLine, name: str, value: str, tmp_path: Path) -> None:
    source = tmp_path / "value"
    source.write_text(value)
    plan("secrets", "set", name, "--from-file", str(source))


def test_a_secret_is_set_listed_changed_and_removed(plan: CommandLine, recipient: str, tmp_path: Path) -> None:
    assert recipient in plan("secrets", "init").out
    stored(plan, "KeystoneDbPassword", f"{CANARY}\n", tmp_path)
    stored(plan, "AdminPassword", CANARY, tmp_path)
    assert opened(plan).parameter_defaults == {"KeystoneDbPassword": CANARY}
    assert opened(plan).passwords == {"AdminPassword": CANARY}
    listed = plan("secrets", "list", "-o", "json").data
    assert listed == {
        "recipients": [recipient],
        "secrets": [
            {"name": "AdminPassword", "section": "passwords"},
            {"name": "KeystoneDbPassword", "section": "parameter_defaults"},
        ],
    }
    plan("secrets", "unset", "KeystoneDbPassword")
    assert opened(plan).names == {"AdminPassword"}
    assert "no KeystoneDbPassword" in plan("secrets", "unset", "KeystoneDbPassword", code=2).err
    assert CANARY not in (plan.directory / "secrets.yaml").read_text()


def test_a_plan_with_secrets_is_committed_and_diffed_without_a_key(
    plan: CommandLine, recipient: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan("secrets", "init")
    stored(plan, "AdminPassword", CANARY, tmp_path)
    plan("commit", "--all", "-m", "A secret")
    stored(plan, "AdminPassword", f"{CANARY}-2", tmp_path)
    (Path.home() / ".config" / "sops" / "age" / "keys.txt").unlink()
    diff = plan("diff", code=1)
    assert "AdminPassword" in diff.out
    assert CANARY not in diff.out + diff.err
    masked = plan("diff", "-o", "json", code=1)
    assert CANARY not in masked.out
    changed = {change["name"]: change for change in masked.data["heat"]["parameters"]}
    assert changed["AdminPassword"]["new"]["value"] == "******"


def test_heat_gets_the_secret_and_lookers_a_stand_in(plan: CommandLine, recipient: str, tmp_path: Path) -> None:
    plan("secrets", "init")
    stored(plan, "AdminPassword", CANARY, tmp_path)
    tree, vault = DirectoryTree(plan.directory), Sops(KeySource.of({}, home=Path.home()))
    given = resolve_opened(tree, vault).bundle.environment["parameter_defaults"]
    assert given["AdminPassword"] == CANARY
    shown = resolve_plan(tree).bundle.environment["parameter_defaults"]
    assert shown["AdminPassword"] not in ("", CANARY)


def test_a_password_in_clear_is_refused_by_commit_with_the_way_out_that_works(
    plan: CommandLine, recipient: str
) -> None:
    before = (plan.directory / "plan-environment.yaml").read_text()
    plan("parameters", "set", f"AdminPassword={CANARY}")
    refused = plan("commit", "--all", "-m", "Oops", code=2)
    assert "secret-in-clear" in refused.err
    assert "secrets seal" in refused.err
    assert CANARY not in refused.err + refused.out
    sealed = plan("secrets", "seal")
    assert "AdminPassword: from plan-environment.yaml" in sealed.out
    plan("commit", "--all", "-m", "Sealed")
    assert (plan.directory / "plan-environment.yaml").read_text() == before
    assert opened(plan).parameter_defaults == {"AdminPassword": CANARY}
    assert CANARY not in git(plan.directory, "log", "-p", "--all")


@pytest.mark.parametrize(
    "place",
    ["passwords: {AdminPassword: @}", "derived_parameters: {KeystoneDbPassword: @}", "ControllerParameters"],
)
def test_every_place_of_the_plan_environment_is_looked_at(plan: CommandLine, place: str) -> None:
    file = plan.directory / "plan-environment.yaml"
    if place == "ControllerParameters":
        plan("parameters", "set", f"ControllerParameters={{KeystoneDbPassword: {CANARY}}}")
    else:
        file.write_text(f"{file.read_text()}{place.replace('@', CANARY)}\n")
    assert "secret-in-clear" in plan("check", code=2).out


def test_a_hidden_parameter_in_a_selected_environment_is_found_and_moved(plan: CommandLine, recipient: str) -> None:
    (plan.directory / "environments" / "site.yaml").write_text(
        f"# ours\nparameter_defaults:\n  KeystoneDbPassword: {CANARY}\n  NtpServer: [a]\n"
    )
    assert "secret-in-clear" not in plan("check").out
    plan("capabilities", "enable", "environments/site.yaml")
    assert "environments/site.yaml:3" in plan("check", code=2).out
    plan("secrets", "seal")
    assert (plan.directory / "environments" / "site.yaml").read_text() == (
        "# ours\nparameter_defaults:\n  NtpServer: [a]\n"
    )
    assert opened(plan).parameter_defaults == {"KeystoneDbPassword": CANARY}


def test_a_value_in_clear_in_secrets_yaml_cannot_be_committed(plan: CommandLine, recipient: str) -> None:
    plan("secrets", "init")
    file = plan.directory / "secrets.yaml"
    file.write_text(file.read_text().replace("passwords: {}", f"passwords:\n    AdminPassword: {CANARY}"))
    refused = plan("commit", "--all", "-m", "Oops", code=2)
    assert "secret-not-sealed" in refused.err
    assert CANARY not in refused.err


def test_the_audit_finds_what_was_committed_in_clear_and_since_when(plan: CommandLine) -> None:
    assert plan("secrets", "audit", "-o", "json").data == []
    file = plan.directory / "plan-environment.yaml"
    clean = file.read_text()
    file.write_text(clean + f"passwords:\n  AdminPassword: {CANARY}\n")
    git(plan.directory, "commit", "-qam", "Around the checks")
    slipped = git(plan.directory, "rev-parse", "HEAD")
    file.write_text(clean)
    git(plan.directory, "commit", "-qam", "Away again")
    found = plan("secrets", "audit", "-o", "json", code=1)
    assert [(one["name"], one["path"], one["first"], one["now"]) for one in found.data] == [
        ("AdminPassword", "plan-environment.yaml", f"sha1:{slipped}", False)
    ]
    assert CANARY not in found.out + plan("secrets", "audit", code=1).out


def test_the_audit_reads_files_that_nothing_selects_and_trees_that_are_broken(plan: CommandLine) -> None:
    environment = plan.directory / "plan-environment.yaml"
    clean = environment.read_text()
    (plan.directory / "environments" / "mine.yaml").write_text(f"parameter_defaults: {{AdminPassword: {CANARY}}}\n")
    (plan.directory / "passwords.yml").write_text(f"passwords:\n  NovaPassword: {CANARY}\n")
    environment.write_text("environments: {\n")
    git(plan.directory, "add", "--all")
    git(plan.directory, "commit", "-qm", "Broken, with secrets in files that nothing selects")
    environment.write_text(clean)
    (plan.directory / "passwords.yml").unlink()
    git(plan.directory, "commit", "-qam", "Mended")
    found = plan("secrets", "audit", "-o", "json", code=1)
    assert [(one["name"], one["path"], one["line"], one["now"], one["selected"]) for one in found.data] == [
        ("NovaPassword", "passwords.yml", 2, False, False),
        ("AdminPassword", "environments/mine.yaml", 1, True, False),
    ]
    assert {one["subject"] for one in found.data} == {"Broken, with secrets in files that nothing selects"}
    plan("capabilities", "enable", "environments/mine.yaml")
    git(plan.directory, "commit", "-qam", "Selected")
    later = plan("secrets", "audit", "-o", "json", code=1)
    assert {one["path"]: one["selected"] for one in later.data} == {
        "passwords.yml": False,
        "environments/mine.yaml": True,
    }
    assert CANARY not in found.out + later.out + plan("secrets", "audit", code=1).out


def test_recipients_come_and_go(plan: CommandLine, recipient: str, tmp_path: Path) -> None:
    plan("secrets", "init")
    stored(plan, "AdminPassword", CANARY, tmp_path)
    other = create_key(tmp_path / "other.txt")
    plan("secrets", "add-recipient", other)
    assert plan("secrets", "list", "-o", "json").data["recipients"] == [recipient, other]
    assert "can open" in plan("secrets", "add-recipient", other, code=2).err
    removed = plan("secrets", "remove-recipient", other)
    assert "passwords rotate" in removed.err
    assert "last one" in plan("secrets", "remove-recipient", recipient, code=2).err
    secret = (tmp_path / "other.txt").read_text().splitlines()[1]
    assert secret not in plan("secrets", "add-recipient", secret, code=2).err


def test_without_a_key_the_command_says_which_recipient_could(plan: CommandLine, tmp_path: Path) -> None:
    other = create_key(tmp_path / "other.txt")
    plan("secrets", "init", "--recipient", other)
    refused = plan("passwords", "generate", code=2)
    assert other in refused.err
    assert "add-recipient" in plan("secrets", "init", code=2).err


def test_passwords_are_made_once_and_rotate_when_asked(plan: CommandLine, recipient: str) -> None:
    names = {entry["name"] for entry in plan("passwords", "list", "-o", "json").data if entry["needed"]}
    assert names == {"AdminPassword", "CephClientKey"}
    plan("passwords", "generate")
    first = dict(opened(plan).passwords)
    assert first.keys() == names
    assert "nothing is missing" in plan("passwords", "generate").err
    assert dict(opened(plan).passwords) == first
    rotated = plan("passwords", "rotate", "--yes")
    assert "kept CephClientKey" in rotated.err
    second = dict(opened(plan).passwords)
    assert second["AdminPassword"] != first["AdminPassword"]
    assert second["CephClientKey"] == first["CephClientKey"]
    plan("passwords", "rotate", "CephClientKey")
    assert opened(plan).passwords["CephClientKey"] != first["CephClientKey"]
    assert not any(value in rotated.out + rotated.err for value in (*first.values(), *second.values()))


def test_a_password_of_a_service_that_is_not_selected_is_no_finding(plan: CommandLine, recipient: str) -> None:
    plan("passwords", "generate")
    assert "CephClientKey" in plan("passwords", "list").out
    assert "parameter-unused" not in plan("check").out


def test_fernet_keys_rotate_and_keep_what_the_plan_says(plan: CommandLine, recipient: str, tmp_path: Path) -> None:
    plan("secrets", "init")
    keys = {f"/etc/keystone/fernet-keys/{index}": {"content": f"k{index}"} for index in range(4)}
    source = tmp_path / "keys.yaml"
    source.write_text(yaml.safe_dump(keys))
    plan("secrets", "set", "KeystoneFernetKeys", "--yaml", "--from-file", str(source))
    plan("parameters", "set", "KeystoneFernetMaxActiveKeys=4")
    plan("passwords", "fernet-rotate")
    rotated = opened(plan).passwords["KeystoneFernetKeys"]
    assert [path.rsplit("/", 1)[1] for path in rotated] == ["0", "2", "3", "4"]
    assert rotated["/etc/keystone/fernet-keys/4"] == {"content": "k0"}


def test_editing_goes_through_the_persons_editor(
    plan: CommandLine, recipient: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan("secrets", "init")
    stored(plan, "AdminPassword", CANARY, tmp_path)
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\nsed -i s/{CANARY}/edited/ "$1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    plan("secrets", "edit")
    assert opened(plan).passwords["AdminPassword"] == "edited"
    monkeypatch.setenv("EDITOR", "true")
    assert "nothing was changed" in plan("secrets", "edit").err


def test_the_value_of_a_secret_is_never_an_argument_of_a_process(
    plan: CommandLine, recipient: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = tmp_path / "bin" / "sops"
    spy.parent.mkdir()
    real = find_sops(os.environ["PATH"])
    spy.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\nenv >> {tmp_path}/environment\nexec {real} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:/usr/bin:/bin")
    monkeypatch.setenv("OS_PASSWORD", "of-the-cloud")
    plan("secrets", "init")
    stored(plan, "AdminPassword", CANARY, tmp_path)
    assert "set" in (tmp_path / "arguments").read_text()
    assert CANARY not in (tmp_path / "arguments").read_text() + (tmp_path / "environment").read_text()
    assert "of-the-cloud" not in (tmp_path / "environment").read_text()
