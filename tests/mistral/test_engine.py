"""Runs that commands send to a real Mistral: bound to what was shown, followed live, and read like any other."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import CommandLine
from tests.mistral.conftest import Mistral, make_small_plan
from tripleo_gitops.operations.stacks.staleness import Bound

if TYPE_CHECKING:
    from pathlib import Path

    from tests.undercloud_fixture import RunningUndercloud

pytestmark = pytest.mark.undercloud


@pytest.fixture
def site(
    undercloud: RunningUndercloud,
    mistral: Mistral,
    name: str,
    example: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> CommandLine:
    """Return the command line in a clone of a small plan that Mistral's executors have."""
    monkeypatch.setenv("TRIPLEO_PLAN_RUNS", f"sqlite:///{tmp_path / 'runs.sqlite'}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for variable, value in undercloud.environment.items():
        monkeypatch.setenv(variable, value)
    CommandLine(tmp_path, capsys)("mistral", "install")
    make_small_plan(mistral, name, example)
    for variable, value in mistral.access.environment.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(undercloud.config.state_dir / "mistral" / "age-key.txt"))
    clone = ("git", "clone", "--quiet", str(mistral.plans / f"{name}.git"), str(tmp_path / name))
    subprocess.run(clone, check=True)
    return CommandLine(tmp_path / name, capsys)


def test_a_plan_is_deployed_and_undeployed_by_mistral_from_the_command_line(
    site: CommandLine, mistral: Mistral, name: str
) -> None:
    deployed = site("deploy", "--yes", "--engine", "mistral", "-o", "json")
    assert (deployed.data["stack_status"], deployed.data["state"]) == ("CREATE_COMPLETE", "succeeded")
    assert deployed.data["outputs"]["AdminPassword"] == "******"
    assert "deploy: asking Heat" in deployed.err
    run = deployed.data["run"]

    listed = site("run", "list", "-o", "json").data
    assert [(one["id"], one["engine"], one["plan"], one["workflow"]) for one in listed][:1] == [
        (run, "mistral", name, "deploy")
    ]
    shown = site("run", "show", run, "-o", "json").data
    assert (shown["trigger"], shown["state"], shown["number"]) == ("cli", "succeeded", None)
    assert shown["actor"].startswith(mistral.access.tenant.user)
    assert shown["shown"]["digest"] == Bound.of(shown["inputs"]["bound"]).digest
    assert {step["state"] for step in shown["steps"]} == {"succeeded"}
    assert [step["name"] for step in shown["steps"]][:3] == ["render", "check", "approve"]
    assert site("run", "why", run).out.endswith("every step is done\n")
    log = site("run", "logs", run).out
    assert "deploy: asking Heat" in log
    assert site("run", "logs", run, "-f").out == log
    assert run in site("run", "list", "--engine", "mistral", "--plan", name).out
    assert site("run", "list", "--engine", "embedded", "-o", "json").data == []

    undeployed = site("undeploy", "--yes", "--allow-delete", "--engine", "mistral", "-o", "json").data
    assert (undeployed["state"], undeployed["deleted"]) == ("succeeded", True)
    pages = site("run", "list", "--limit", "1", "--before", undeployed["run"], "-o", "json").data
    assert [one["id"] for one in pages] in ([run], [])  # Mistral's times are whole seconds
    assert "is Mistral's" in site("run", "resume", run, code=2).err


def test_a_revision_that_mistral_does_not_have_is_refused_before_anything_is_done(
    site: CommandLine, mistral: Mistral, name: str
) -> None:
    site("parameters", "set", "CloudDomain=elsewhere.example.org")
    site("commit", "--all", "-m", "Only here")
    refused = site("deploy", "--yes", "--engine", "mistral", code=2).err
    assert "push it there first" in refused
    assert mistral.connection.orchestration.find_stack(name) is None
    listed = site("run", "list", "--state", "failed", "-o", "json").data
    assert "push it there first" in listed[0]["error"]["message"]


def test_a_deploy_that_is_not_what_was_shown_any_more_is_refused_by_mistral_too(
    site: CommandLine, mistral: Mistral, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIPLEO_PLAN_SERVER_SETTINGS", str(_settings(site.directory.parent, 'engine = "mistral"')))
    left = site("deploy", "--yes", "--detach", "-o", "json").data
    assert site("run", "logs", left["run"], "-f").out
    stale = dict(site("run", "show", left["run"], "-o", "json").data["inputs"])
    stale["bound"] = {**stale["bound"], "content": "0" * 64}
    again = mistral.run("tripleo.git.v1.deploy", **stale)
    assert again["state"] == "ERROR", again
    failed = site("run", "list", "--state", "failed", "-o", "json").data[0]
    assert (failed["trigger"], failed["error"]["reason"]) == ("mistral", "StalePlan")


def test_a_run_in_mistral_is_stopped_and_says_so(site: CommandLine, mistral: Mistral, name: str) -> None:
    mistral.call("tripleo.parameters.update", container=name, parameters={"AllNodesValidationSeconds": 60})
    subprocess.run(["git", "-C", str(site.directory), "pull", "--quiet"], check=True)
    run = site("deploy", "--yes", "--detach", "--engine", "mistral", "-o", "json").data["run"]
    site("run", "cancel", run)
    assert site("run", "show", run, "-o", "json").data["state"] == "cancelled"
    assert "somebody stopped it" in site("run", "why", run).out
    assert "cancelled already" in site("run", "cancel", run, code=2).err


def test_runs_of_the_embedded_engine_are_listed_where_mistral_is_away(
    site: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(_away(tmp_path)))
    listed = site("run", "list", "-o", "json")
    assert listed.data == []
    assert "runs of Mistral are not listed: " in listed.err


def _settings(directory: Path, line: str) -> Path:
    file = directory / "server.toml"
    file.write_text(f"[runs]\n{line}\n")
    file.chmod(0o600)
    return file


def _away(directory: Path) -> Any:
    """Return a clouds.yaml whose cloud, of the same name, nobody answers for."""
    file = directory / "away.yaml"
    auth = "{auth_url: 'http://127.0.0.1:1/v3', username: u, password: p, project_name: p, user_domain_id: default}"
    file.write_text(f"clouds: {{undercloud: {{auth: {auth}}}}}\n")
    return file
