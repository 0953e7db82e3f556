"""Commands that ask no cloud, on real repositories."""

from __future__ import annotations

import json
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.command_line import CommandLine
from tripleo_gitops.cli.main import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path


def git(plan: CommandLine, *command: str) -> str:
    done = subprocess.run(["git", "-C", str(plan.directory), *command], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def edit(plan: CommandLine, path: str, old: str, new: str) -> None:
    file = plan.directory / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_init_names_the_plan_after_its_directory_and_touches_nothing_else(plan: CommandLine, example: Path) -> None:
    ours = (plan.directory / "plan-environment.yaml").read_text()
    assert ours == (example / "plan-environment.yaml").read_text().replace("name: overcloud\n", "name: site1\n")


def test_init_refuses_a_directory_that_holds_something(plan: CommandLine) -> None:
    said = plan("init", str(plan.directory), code=2)
    assert "is not empty" in said.err


@pytest.mark.parametrize(
    ("name", "service"), [("site_1", "TripleO"), ("1site", "Heat"), ("site 1", ""), ("a" * 300, "Heat")]
)
def test_a_name_that_heat_or_swift_cannot_take_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, service: str
) -> None:
    said = CommandLine(tmp_path, capsys)("init", "here", "--name", name, code=2)
    assert name[:20] in said.err
    assert service in said.err
    assert not (tmp_path / "here").exists()


def test_commit_says_what_is_in_it_and_what_it_is_called(plan: CommandLine) -> None:
    edit(plan, "plan-environment.yaml", "ControllerCount: 1", "ControllerCount: 3")
    said = plan("commit", "--all", "-m", "Three controllers", "-o", "json").data
    assert said["revision"] == f"main@sha1:{git(plan, 'rev-parse', 'HEAD')}"
    assert said["files"] == [{"path": "plan-environment.yaml", "kind": "changed"}]


def test_commit_takes_what_is_staged_and_leaves_the_rest(plan: CommandLine) -> None:
    (plan.directory / "environments" / "mine.yaml").write_text("parameter_defaults: {TimeZone: UTC}\n")
    git(plan, "add", "environments/mine.yaml")
    edit(plan, "plan-environment.yaml", "ControllerCount: 1", "ControllerCount: 3")
    plan("commit", "-m", "Mine")
    assert git(plan, "show", "--name-only", "--format=").split() == ["environments/mine.yaml"]
    assert git(plan, "status", "--porcelain") == "M plan-environment.yaml"


def test_commit_refuses_what_cannot_be_parsed_and_says_where(plan: CommandLine) -> None:
    before = git(plan, "rev-parse", "HEAD")
    (plan.directory / "environments" / "debug.yaml").write_text("parameter_defaults:\n  Debug: [true\n")
    said = plan("commit", "--all", "-m", "Broken", code=2)
    assert "environments/debug.yaml:" in said.err
    assert git(plan, "rev-parse", "HEAD") == before
    assert git(plan, "diff", "--cached", "--name-only") == ""


def test_commit_refuses_a_selection_that_breaks_the_capabilities_rules(plan: CommandLine) -> None:
    edit(
        plan,
        "plan-environment.yaml",
        "  - path: environments/storage/lvm.yaml",
        "  - path: environments/storage/lvm.yaml\n  - path: environments/storage/ceph.yaml",
    )
    said = plan("commit", "--all", "-m", "Both", code=2)
    assert "environments/storage/ceph.yaml" in said.err


def test_commit_with_nothing_to_commit_says_so(plan: CommandLine) -> None:
    assert "nothing differs" in plan("commit", "--all", "-m", "Again", code=2).err
    edit(plan, "plan-environment.yaml", "ControllerCount: 1", "ControllerCount: 3")
    assert "nothing is staged" in plan("commit", "-m", "Unstaged", code=2).err


def test_commit_on_a_detached_head_is_refused(plan: CommandLine) -> None:
    git(plan, "checkout", "--quiet", "--detach")
    edit(plan, "plan-environment.yaml", "ControllerCount: 1", "ControllerCount: 3")
    assert "detached" in plan("commit", "--all", "-m", "Lost", code=2).err


@pytest.mark.parametrize("command", [["show"], ["sync", "--plan-only"], ["export"], ["diff"], ["deploy"]])
def test_a_repository_that_is_no_plan_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_AUTH_URL", "http://127.0.0.1:9")
    other = CommandLine(tmp_path, capsys)
    git(other, "init", "--quiet", "--initial-branch", "main")
    (tmp_path / "README").write_text("not a plan\n")
    git(other, "add", "--all")
    git(other, "commit", "--quiet", "-m", "Not a plan")
    assert "plan-environment.yaml" in other(*command, code=2).err


def test_outside_of_a_repository_the_way_in_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "tripleo-plan init" in CommandLine(tmp_path, capsys)("status", code=2).err


def test_show_prints_the_plan_in_every_form(plan: CommandLine) -> None:
    data = plan("show", "-o", "json").data
    assert data["plan"] == "site1"
    assert data["roles"] == ["Controller", "Compute"]
    assert yaml.safe_load(plan("show", "-o", "yaml").out) == data
    assert f"revision        main@sha1:{git(plan, 'rev-parse', 'HEAD')}" in plan("show").out


def test_status_tells_how_the_clone_stands_without_a_cloud(plan: CommandLine) -> None:
    git(plan.__class__(plan.directory.parent, plan._capture), "init", "--quiet", "--bare", "server.git")
    git(plan, "remote", "add", "origin", "../server.git")
    assert plan("status", "-o", "json").data["upstream"] is None
    plan("push")
    edit(plan, "plan-environment.yaml", "ControllerCount: 1", "ControllerCount: 3")
    (plan.directory / "new.yaml").write_text("{}\n")
    data = plan("status", "-o", "json").data
    assert (data["changed"], data["upstream"]) == (["new.yaml", "plan-environment.yaml"], "origin/main")
    plan("commit", "--all", "-m", "Ahead")
    assert plan("status", "-o", "json").data["ahead"] == 1


def test_status_of_a_clone_without_a_commit_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    CommandLine(tmp_path, capsys)("init", "site1")
    assert "nothing is committed yet" in CommandLine(tmp_path / "site1", capsys)("status").out


def test_diff_is_silent_about_nothing_and_exits_by_what_it_found(plan: CommandLine) -> None:
    assert "nothing differs" in plan("diff").out
    plan("parameters", "set", "ControllerCount=3")
    data = plan("diff", "-o", "json", code=1).data
    assert data["files"] == [{"path": "plan-environment.yaml", "kind": "changed"}]
    assert "ControllerCount" in json.dumps(data["heat"])
    text = plan("diff", code=1).out
    assert "ControllerCount" in text
    assert "plan-environment.yaml" in text
    plan("diff", "nothing-of-the-kind", code=2)


def test_diff_between_revisions_shows_capabilities(plan: CommandLine) -> None:
    plan("capabilities", "enable", "environments/telemetry.yaml")
    plan("commit", "--all", "-m", "Telemetry")
    data = plan("diff", "HEAD~1", "HEAD", "-o", "json", code=1).data
    assert data["capabilities"] == [{"environment": "environments/telemetry.yaml", "enabled": True}]
    back = plan("diff", "HEAD", "HEAD~1", "-o", "json", code=1).data
    assert back["capabilities"] == [{"environment": "environments/telemetry.yaml", "enabled": False}]


def test_hidden_values_show_on_neither_side_of_a_diff(plan: CommandLine) -> None:
    plan("parameters", "set", "AdminPassword=first-canary")
    assert "canary" not in plan("commit", "--all", "-m", "In clear", code=2).err
    git(plan, "commit", "--quiet", "--all", "-m", "In clear, past the checks")
    plan("parameters", "set", "AdminPassword=second-canary")
    for form in ("table", "json", "yaml"):
        said = plan("diff", "-o", form, code=1)
        assert "AdminPassword" in said.out
        assert "canary" not in said.out + said.err


def test_parameters_set_and_unset_change_one_key(plan: CommandLine) -> None:
    before = (plan.directory / "plan-environment.yaml").read_bytes()
    plan("parameters", "set", "TimeZone=Europe/Prague")
    assert b"TimeZone: Europe/Prague" in (plan.directory / "plan-environment.yaml").read_bytes()
    plan("parameters", "unset", "TimeZone")
    assert (plan.directory / "plan-environment.yaml").read_bytes() == before
    assert "sets no parameter" in plan("parameters", "unset", "TimeZone", code=2).err


def test_capabilities_keep_their_rules_when_they_are_enabled(plan: CommandLine) -> None:
    said = plan("capabilities", "enable", "environments/storage/ceph.yaml", code=2)
    assert "environments/storage/lvm.yaml" in said.err
    plan("capabilities", "disable", "environments/storage/lvm.yaml")
    plan("capabilities", "enable", "environments/storage/ceph.yaml")
    listed = plan("capabilities", "list", "-o", "json").data
    enabled = {
        one["file"] for topic in listed for group in topic["groups"] for one in group["environments"] if one["enabled"]
    }
    assert "environments/storage/ceph.yaml" in enabled
    assert "environments/storage/lvm.yaml" not in enabled
    assert "no such environment" in plan("capabilities", "enable", "environments/nothing.yaml", code=2).err


def test_export_makes_equal_archives_of_equal_plans(plan: CommandLine, tmp_path: Path) -> None:
    one, two, rendered = tmp_path / "one.tgz", tmp_path / "two.tgz", tmp_path / "rendered.tgz"
    plan("export", "-f", str(one))
    plan("export", "HEAD", "-f", str(two))
    plan("export", "--rendered", "-f", str(rendered))
    assert one.read_bytes() == two.read_bytes()
    with tarfile.open(one) as archive:
        assert sorted(archive.getnames()) == sorted(git(plan, "ls-files").split())
    with tarfile.open(rendered) as archive:
        assert "overcloud.yaml" in archive.getnames()
    assert "exists" in plan("export", "-f", str(one), code=2).err


def test_render_writes_what_is_mirrored(plan: CommandLine, tmp_path: Path) -> None:
    plan("render", "--output", str(tmp_path / "out"))
    assert (tmp_path / "out" / "overcloud.yaml").is_file()
    assert (tmp_path / "out" / "puppet" / "controller-role.yaml").is_file()
    assert "not empty" in plan("render", "--output", str(tmp_path / "out"), code=2).err


def test_create_makes_a_bare_repository_with_one_clean_commit(plan: CommandLine, tmp_path: Path) -> None:
    plans = str(tmp_path / "plans")
    said = plan("--plans-dir", plans, "create", "site2", "--from", str(plan.directory), "-o", "json").data
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", said["repository"], str(clone)], check=True)
    assert said["revision"].endswith(git(plan.__class__(clone, plan._capture), "rev-parse", "HEAD"))
    assert git(plan.__class__(clone, plan._capture), "log", "--format=%s|%b").startswith("Create plan site2|Source: ")
    assert "name: site2" in (clone / "plan-environment.yaml").read_text()
    assert [one["plan"] for one in plan("--plans-dir", plans, "list", "-o", "json").data] == ["site2"]
    assert "exists" in plan("--plans-dir", plans, "create", "site2", code=2).err


def test_a_creation_that_fails_leaves_nothing_behind(plan: CommandLine, tmp_path: Path) -> None:
    edit(plan, "plan-environment.yaml", "template: overcloud.yaml", "template: [")
    plan("--plans-dir", str(tmp_path / "plans"), "create", "site2", "--from", str(plan.directory), code=2)
    assert not list((tmp_path / "plans").glob("*")) if (tmp_path / "plans").exists() else True


def test_completion_prints_a_script_for_each_shell(plan: CommandLine) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "_TRIPLEO_PLAN_COMPLETE" in plan("completion", shell).out


def test_every_command_teaches_with_an_example(plan: CommandLine) -> None:
    for name in COMMANDS:
        said = plan(name, "--help").out
        assert "Example" in said or "Commands:" in said, name
