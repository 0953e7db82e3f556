"""Hooks and the watcher: a commit or a plain push ends in a mirror, and a failure is told and loses nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.undercloud_fixture import TenantAccess


def git(directory: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(directory), *command], check=True, capture_output=True, text=True)


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Return the command line in a clone of the example plan with one commit and a bare repository to push to."""
    CommandLine(tmp_path, capsys)("init", "site1")
    command_line = CommandLine(tmp_path / "site1", capsys)
    command_line("commit", "--all", "-m", "Begin")
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", "server.git")
    git(command_line.directory, "remote", "add", "origin", "../server.git")
    return command_line


@pytest.fixture
def server(plan: CommandLine, tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "server.git", plan._capture)


def change(plan: CommandLine, count: int) -> str:
    """Commit another number of controllers with the plain git; return what git and its hooks said."""
    file = plan.directory / "plan-environment.yaml"
    lines = [
        f"  ControllerCount: {count}" if "ControllerCount:" in line else line for line in file.read_text().split("\n")
    ]
    file.write_text("\n".join(lines))
    return git(plan.directory, "commit", "--all", "-m", f"{count} controllers").stderr


def mirrored(project: TenantAccess) -> str | None:
    store = project.connect().object_store
    return store.head("/site1").headers.get("x-container-meta-tripleo-gitops-revision")


def revision(plan: CommandLine) -> str:
    return f"main@sha1:{git(plan.directory, 'rev-parse', 'HEAD').stdout.strip()}"


def test_an_installed_hook_is_ours_and_installing_it_again_is_the_same(plan: CommandLine) -> None:
    plan("hook", "install", "--cloud", "one")
    hook = plan.directory / ".git" / "hooks" / "post-commit"
    first = hook.read_bytes()
    plan("hook", "install", "--cloud", "two")
    assert hook.read_bytes() == first
    assert hook.stat().st_mode & 0o111
    assert git(plan.directory, "config", "tripleo-gitops.cloud").stdout.strip() == "two"


def test_a_hook_of_somebody_else_is_not_overwritten(plan: CommandLine) -> None:
    hook = plan.directory / ".git" / "hooks" / "post-commit"
    hook.write_text("#!/bin/sh\nexit 0\n")
    assert "is not ours" in plan("hook", "install", code=2).err
    assert hook.read_text() == "#!/bin/sh\nexit 0\n"


@pytest.mark.undercloud
def test_a_plain_commit_in_a_clone_ends_in_a_mirror(plan: CommandLine, cloud: TenantAccess) -> None:
    plan("hook", "install")
    said = change(plan, 2)
    assert "tripleo-plan: mirrored main@" in said
    assert mirrored(cloud) == revision(plan)


@pytest.mark.undercloud
def test_a_plain_push_ends_in_a_mirror_whoever_pushes(
    plan: CommandLine, server: CommandLine, cloud: TenantAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    server("hook", "install")
    monkeypatch.delenv("OS_CLOUD")
    monkeypatch.delenv("OS_CLIENT_CONFIG_FILE")
    said = git(plan.directory, "push", "origin", "main").stderr
    assert "remote: tripleo-plan: mirrored main@" in said
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(cloud.clouds_file))
    assert mirrored(cloud) == revision(plan)


@pytest.mark.undercloud
def test_a_push_deploys_where_the_plans_settings_say_so(
    plan: CommandLine, server: CommandLine, cloud: TenantAccess
) -> None:
    settings = plan.directory / "tripleo-plan.toml"
    settings.write_text("[deploy]\non_push = true\ntimeout_minutes = 5\n")
    plan("parameters", "set", "ComputeCount=0", "AllNodesValidationSeconds=0")
    plan("commit", "--all", "-m", "Deploy at each push")
    server("hook", "install")
    said = plan("push").out
    assert "stack site1 is CREATE_COMPLETE" in said
    assert plan("status", "-o", "json").data["deployed"] == revision(plan)


@pytest.mark.undercloud
def test_a_push_mirrors_and_leaves_the_deploy_to_runs_where_the_servers_rules_hold_it(
    plan: CommandLine, server: CommandLine, cloud: TenantAccess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rules = tmp_path / "server.toml"
    rules.write_text('[approvals]\nrequired = 1\n[approvals.approvers]\nalice = ["alice@example.org"]\n')
    rules.chmod(0o600)
    monkeypatch.setenv("TRIPLEO_PLAN_SERVER_SETTINGS", str(rules))
    (plan.directory / "tripleo-plan.toml").write_text("[deploy]\non_push = true\n")
    plan("commit", "--all", "-m", "Deploy at each push")
    server("hook", "install")
    said = git(plan.directory, "push", "origin", "main").stderr
    assert "hold each deploy of site1" in said
    assert mirrored(cloud) == revision(plan)
    assert plan("status", "-o", "json").data["deployed"] is None


@pytest.mark.undercloud
def test_a_hook_that_fails_tells_the_person_who_pushed_and_loses_nothing(
    plan: CommandLine, server: CommandLine, cloud: TenantAccess
) -> None:
    server("hook", "install", "--cloud", "no-such-cloud")
    said = git(plan.directory, "push", "origin", "main").stderr
    assert "Cloud no-such-cloud was not found" in said
    assert "the commits are kept" in said
    assert git(server.directory, "rev-parse", "main").stdout == git(plan.directory, "rev-parse", "HEAD").stdout
    server("hook", "install", "--cloud", cloud.cloud)
    change(plan, 2)
    git(plan.directory, "push", "origin", "main")
    assert mirrored(cloud) == revision(plan)


def broken(plan: CommandLine) -> None:
    """Commit something that breaks a rule, with the plain git."""
    (plan.directory / "environments" / "debug.yaml").write_text("parameter_defaults: [\n")
    git(plan.directory, "commit", "--all", "-m", "Broken")


def push(plan: CommandLine, branch: str = "main") -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(plan.directory), "push", "origin", branch]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_a_push_that_breaks_a_rule_is_refused_with_file_and_way_out(plan: CommandLine, server: CommandLine) -> None:
    server("hook", "install", "--cloud", "no-such-cloud")
    (server.directory / "hooks" / "post-receive").unlink()
    assert push(plan).returncode == 0
    before = git(server.directory, "rev-parse", "main").stdout
    broken(plan)
    refused = push(plan)
    assert refused.returncode == 1
    assert "environments/debug.yaml" in refused.stderr
    assert "is refused: " in refused.stderr
    assert git(server.directory, "rev-parse", "main").stdout == before
    git(plan.directory, "revert", "--no-edit", "HEAD")
    assert push(plan).returncode == 0
    assert git(server.directory, "rev-parse", "main").stdout == git(plan.directory, "rev-parse", "HEAD").stdout


def test_other_branches_may_hold_what_they_like(plan: CommandLine, server: CommandLine) -> None:
    server("hook", "install", "--cloud", "no-such-cloud")
    (server.directory / "hooks" / "post-receive").unlink()
    assert push(plan).returncode == 0
    git(plan.directory, "switch", "--quiet", "--create", "draft")
    broken(plan)
    assert push(plan, "draft").returncode == 0


def test_the_first_push_is_checked_too(plan: CommandLine, server: CommandLine) -> None:
    server("hook", "install", "--cloud", "no-such-cloud")
    broken(plan)
    assert "environments/debug.yaml" in push(plan).stderr
    assert not git(server.directory, "for-each-ref").stdout


@pytest.mark.undercloud
def test_a_broken_plan_that_got_in_is_told_and_not_mirrored(
    plan: CommandLine, server: CommandLine, cloud: TenantAccess
) -> None:
    server("hook", "install")
    (server.directory / "hooks" / "pre-receive").unlink()
    assert push(plan).returncode == 0
    before = mirrored(cloud)
    broken(plan)
    assert "environments/debug.yaml" in push(plan).stderr
    assert mirrored(cloud) == before


@pytest.mark.undercloud
def test_a_branch_that_is_not_the_plans_changes_nothing(
    plan: CommandLine, server: CommandLine, cloud: TenantAccess
) -> None:
    server("hook", "install")
    git(plan.directory, "push", "origin", "main")
    before = mirrored(cloud)
    git(plan.directory, "switch", "--quiet", "--create", "try")
    change(plan, 5)
    assert "already mirrors" in git(plan.directory, "push", "origin", "try").stderr
    assert mirrored(cloud) == before


@pytest.mark.undercloud
def test_a_force_push_is_a_revision_like_any_other(plan: CommandLine, server: CommandLine, cloud: TenantAccess) -> None:
    server("hook", "install")
    change(plan, 2)
    git(plan.directory, "push", "origin", "main")
    git(plan.directory, "reset", "--quiet", "--hard", "HEAD~1")
    git(plan.directory, "push", "--force", "origin", "main")
    assert mirrored(cloud) == revision(plan)


@pytest.mark.undercloud
def test_the_watcher_follows_a_repository_that_has_no_hook(plan: CommandLine, cloud: TenantAccess) -> None:
    assert plan("watch", "--once").out.count("mirrored main@") == 1
    command = [
        sys.executable,
        "-c",
        "from tripleo_gitops.cli.main import main; main()",
        "-C",
        str(plan.directory),
        "watch",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as watcher:
        try:
            assert watcher.stdout is not None
            assert "already mirrors" in watcher.stdout.readline()
            change(plan, 3)
            assert "mirrored main@" in watcher.stdout.readline()
            assert mirrored(cloud) == revision(plan)
        finally:
            watcher.terminate()


@pytest.mark.undercloud
def test_the_watcher_outlives_a_failure(plan: CommandLine, cloud: TenantAccess) -> None:
    (plan.directory / "environments" / "debug.yaml").write_text("parameter_defaults: [\n")
    git(plan.directory, "commit", "--all", "-m", "Broken")
    command = [
        sys.executable,
        "-c",
        "from tripleo_gitops.cli.main import main; main()",
        "-C",
        str(plan.directory),
        "watch",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as watcher:
        try:
            assert watcher.stdout is not None
            assert "tried again" in watcher.stdout.readline()
            time.sleep(0.5)  # the watch on the file system begins after the first look
            git(plan.directory, "revert", "--no-edit", "HEAD")
            assert "mirrored main@" in watcher.stdout.readline()
        finally:
            watcher.terminate()
