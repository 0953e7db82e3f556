"""Canary secrets in every place where a plan can hold one, then every output of every command is searched for them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.lifecycle.conftest import git
from tests.lifecycle.test_creation import server
from tripleo_gitops.cli.main import COMMANDS, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.command_line import CommandLine
    from tests.undercloud_fixture import TenantAccess

__all__ = ["server"]
CANARY = "kanarienvogel"
FORMS = (("-o", "json"), ("-o", "yaml"), ())
LOCAL: dict[str, tuple[tuple[str, ...], ...]] = {
    "list": ((),),
    "show": ((), ("HEAD~1",)),
    "check": ((), ("HEAD",), ("HEAD~1",)),
    "diff": ((), ("HEAD~1", "HEAD"), ("HEAD", "HEAD~1"), ("HEAD~2", "HEAD~1"), ("HEAD~1",), ("--staged",)),
    "history": ((),),
    "blame": (("AdminPassword",), ("KeystoneDbPassword",), ("ControllerParameters",)),
    "log": (("AdminPassword",), ("KeystoneDbPassword",), ("ControllerParameters",), ("KeystoneFernetKeys",)),
    "parameters list": ((), ("--all",)),
    "parameters show": (
        ("AdminPassword",),
        ("KeystoneDbPassword",),
        ("KeystoneFernetKeys",),
        ("ControllerParameters",),
    ),
    "parameters tree": ((),),
    "parameters get": (("AdminPassword",), ("KeystoneDbPassword",), ("ControllerParameters",)),
    "capabilities list": ((),),
    "roles list": ((),),
    "secrets list": ((),),
    "secrets audit": ((),),
    "secrets seal": ((),),
    "passwords list": ((),),
    "passwords generate": ((),),
    "passwords rotate": (("--yes",), ("AdminPassword",)),
    "passwords fernet-rotate": ((),),
    "verify-signatures": (("--demand", "../signatures.toml"), ()),
    "render": (("--output", "rendered-again"),),
    "export": (("-f", "exported.tar.gz"), ("--secrets", "clear", "-f", "exported-clear.tar.gz")),
    "commit": (("--all", "-m", "x"),),
    "rollback": (("HEAD~2", "--yes"), ("--undo", "HEAD~1", "--yes"), ("HEAD~4", "--yes")),
    "upgrade": (("--from", ".", "--yes"),),
    "init": (("again", "--from", "."),),
    "create": (("again", "--from", "."), ("again", "--from", f"https://u:{CANARY}@127.0.0.1:9/x.git@y")),
    "rename": (("site1", "other"),),
    "completion": (("bash",),),
    "push": ((),),
}
IN_THE_CLOUD: dict[str, tuple[tuple[str, ...], ...]] = {
    "sync": (("--plan-only",), ()),
    "status": ((),),
    "list": ((),),
    "verify": ((),),
    "drift": ((),),
    "repair": ((),),
    "fetch": (("site1", "fetched"),),
    "deploy": (("--yes",),),
    "run list": ((),),
    "run show": (("1",),),
    "run logs": (("1",),),
    "run why": (("1",),),
    "inventory": ((),),
    "diff": (("--live",), ("--live", "--preview"), ("--mirror",)),
    "history": ((),),
    "undeploy": (("--yes", "--allow-delete"),),
    "adopt": (("site1", "adopted", "--no-sync"),),
    "delete": (("site1", "--yes"), ("site1", "--stack", "--yes")),
}
ELSEWHERE = {
    "hook": "runs sync and deploy, which are here; its own output is that of the operations' `say`",
    "watch": "runs sync and deploy until it is interrupted",
    "undercloud": "knows no plan",
    "flavor": "opens no secret: profiles and resource classes alone; shown with the real Nova in tests/provisioning",
    "image": "opens no secret: names and hashes of images alone; shown with the real Glance in tests/provisioning",
    "provision": "opens no secret: roles, counts and addresses alone; shown with the real Ironic in tests/provisioning",
    "unprovision": "the same",
    "node": "its own canaries are the passwords of controllers, in tests/nodes and tests/baremetal",
    "validation": "its own canaries are in tests/cli/test_validation.py and tests/ansible",
    "post-deploy": "its own canaries are in tests/cli/test_playbooks_in_the_cloud.py",
    "cancel": "prints a stack's name and status alone",
    "scale-down": "commits a count, then is `deploy`",
    "mistral": "opens no plan; what its actions answer is searched in tests/mistral",
}


@pytest.fixture
def site(plan: CommandLine, recipient: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Return a clone whose HEAD~1 has canaries in clear everywhere, past the checks, and whose HEAD has them sealed."""
    (tmp_path / "here").mkdir()
    (tmp_path / "signers").mkdir()
    (tmp_path / "signers" / "allowed_signers").write_text("ann@example.org ssh-ed25519 AAAA\n")
    (tmp_path / "signatures.toml").write_text('required = true\nkeys = "signers"\n')
    monkeypatch.chdir(tmp_path / "here")
    environment = plan.directory / "plan-environment.yaml"
    selected = plan.directory / "environments" / "site.yaml"
    clean = environment.read_text()
    plan("parameters", "set", "ComputeCount=0", "ControllerCount=1", "AllNodesValidationSeconds=0")
    (selected).write_text("parameter_defaults: {NtpServer: [a]}\n")
    plan("capabilities", "enable", "environments/site.yaml")
    plan("commit", "--all", "-m", "Smaller")
    clean = environment.read_text()
    keys = {f"/etc/keystone/fernet-keys/{index}": {"content": f"{CANARY}-{index}"} for index in (0, 1)}
    document = {"passwords": {"AdminPassword": f"{CANARY}-a", "KeystoneFernetKeys": keys}}
    environment.write_text(
        clean.replace(
            "parameter_defaults:\n",
            f"parameter_defaults:\n  KeystoneDbPassword: {CANARY}-b\n"
            f"  ControllerParameters: {{KeystoneDbPassword: {CANARY}-c, Listed: [{{AdminPassword: {CANARY}-d}}]}}\n",
        )
        + yaml.safe_dump(document)
    )
    selected.write_text(f"parameter_defaults: {{NtpServer: [a], CephClientKey: {CANARY}-e}}\n")
    git(plan.directory, "commit", "--quiet", "--all", "-m", "In clear, past the checks")
    environment.write_text(environment.read_text().replace("ControllerParameters", "#ControllerParameters"))
    plan("secrets", "seal")
    git(plan.directory, "commit", "--quiet", "--all", "-m", "Sealed")
    git(plan.directory, "add", "--all")
    git(plan.directory, "commit", "--quiet", "--allow-empty", "-m", "With secrets.yaml")
    return plan


def everything_said(
    site: CommandLine, commands: dict[str, tuple[tuple[str, ...], ...]]
) -> Iterator[tuple[str, str, int]]:
    """Yield each command line, what it printed on whichever stream, and how it ended."""
    for name, lines in commands.items():
        for line in lines:
            for form in FORMS:
                site._capture.readouterr()
                arguments = ["-C", str(site.directory), "--plans-dir", str(site.directory.parent / "plans")]
                ended = run([*arguments, *name.split(), *line, *form])
                out, err = site._capture.readouterr()
                assert ended != 70, f"{name} {line} {form}\n{err}"
                yield " ".join([name, *line, *form]), out + err, ended


def leaks(site: CommandLine, commands: dict[str, tuple[tuple[str, ...], ...]]) -> list[str]:
    """Return the command lines that printed a canary; a credential of the command line itself is not one."""
    return [line for line, said, _ in everything_said(site, commands) if CANARY in said]


def test_every_command_is_searched_for_canaries_or_says_why_not() -> None:
    searched = {name.split()[0] for name in (*LOCAL, *IN_THE_CLOUD)}
    assert searched | ELSEWHERE.keys() == COMMANDS.keys()


def test_no_local_command_prints_a_secret(site: CommandLine) -> None:
    ended = list(everything_said(site, LOCAL))
    assert [line for line, said, _ in ended if CANARY in said] == []
    worked = {name for name in LOCAL if any(line.startswith(name) and code in (0, 1) for line, _, code in ended)}
    assert worked == LOCAL.keys() - {"push", "rename", "upgrade"}


def test_no_command_prints_a_secret_that_stands_in_clear_in_the_work_tree(site: CommandLine) -> None:
    git(site.directory, "checkout", "--quiet", "HEAD~2", "--", ".")
    some = ("show", "check", "diff", "commit", "secrets seal", "passwords list", "parameters list", "parameters show")
    # not `parameters tree`: it is Heat's own answer, in which values in clear are in clear, and says so
    assert leaks(site, {name: LOCAL[name] for name in (*some, "parameters get")}) == []


def test_no_error_about_a_broken_file_prints_a_secret(site: CommandLine) -> None:
    environment = site.directory / "plan-environment.yaml"
    good = environment.read_text()
    for broken in (
        f"passwords: {{AdminPassword: {CANARY}\n",
        f"passwords:\n  AdminPassword: {CANARY}: {CANARY}\n",
        f"parameter_defaults: [{CANARY}]\n",
        f"AdminPassword: {CANARY}\npasswords: {CANARY}\n",
        f'x: "{CANARY}\n',
        f"environments: [{{path: x, data: {CANARY}}}]\n",
    ):
        environment.write_text(f"{good}{broken}")
        some = {name: LOCAL[name] for name in ("check", "diff", "show", "commit", "secrets seal", "parameters list")}
        assert leaks(site, some) == [], broken


def test_no_error_about_secrets_yaml_prints_a_secret(site: CommandLine) -> None:
    secrets = site.directory / "secrets.yaml"
    for broken in (
        f"passwords: {{AdminPassword: {CANARY}}}\n",
        f"passwords: {CANARY}\n",
        f"passwords: {{A: {CANARY}\n",
    ):
        secrets.write_text(broken)
        some = {name: LOCAL[name] for name in ("check", "commit", "secrets list", "passwords rotate", "diff")}
        assert leaks(site, some) == [], broken


def test_nothing_secret_is_left_in_temporary_files_or_caches(
    site: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    some = {name: LOCAL[name] for name in ("passwords rotate", "passwords fernet-rotate", "diff", "secrets list")}
    list(everything_said(site, some))
    assert [path for path in scratch.rglob("*") if path.is_file()] == []
    for folder in (Path.home(), Path("/dev/shm")):
        files = [Path(top, name) for top, _, names in os.walk(folder) for name in names]
        readable = [path for path in files if path.is_file() and os.access(path, os.R_OK)]
        assert not [path for path in readable if CANARY.encode() in path.read_bytes()]


@pytest.mark.undercloud
def test_no_command_in_the_cloud_prints_a_secret(site: CommandLine, cloud: TenantAccess) -> None:
    ended = list(everything_said(site, IN_THE_CLOUD))
    assert [line for line, said, _ in ended if CANARY in said] == []
    worked = {name for name in IN_THE_CLOUD if any(line.startswith(name) and code in (0, 1) for line, _, code in ended)}
    assert worked == IN_THE_CLOUD.keys()
