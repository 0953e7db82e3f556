"""What holds a run, holds it in Mistral too: approvals, windows, signatures; and what it plays is told as elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import CommandLine
from tests.mistral.conftest import Mistral, make_small_plan, mistral_as, revoke
from tripleo_gitops.undercloud.config import Service

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.undercloud_fixture import CloudAccess, RunningUndercloud

pytestmark = pytest.mark.undercloud
RULES = """\
[approvals]
required = 1
plans = ["approved-*"]
[approvals.approvers]
member = ["member@approvers.example.org"]
[windows]
deny = [{cron = "* * * * *", minutes = 60, plans = ["closed-*"]}]
"""
"""What the operator of the session's executors demands, of plans with these names; the same for every test."""
POST_DEPLOY = """
[[post_deploy.steps]]
name = "Say so"
command = ["scripts/say.sh"]
"""
PATIENCE = 90.0


@pytest.fixture
def operated(undercloud: RunningUndercloud) -> RunningUndercloud:
    """Return the session's undercloud, whose executors have rules."""
    undercloud.with_services(Service.MISTRAL)
    rules = undercloud.config.state_dir / "mistral" / "server.toml"
    if rules.read_text() != RULES:  # its reader sees it whole, also where other tests write the same
        new = rules.with_name(f"{rules.name}.{os.getpid()}")
        new.write_text(RULES)
        new.chmod(0o600)
        new.replace(rules)
    return undercloud


@pytest.fixture
def member(operated: RunningUndercloud, tmp_path: Path) -> Mistral:
    """Return Mistral as somebody new in the project of the undercloud's `member`, who approves."""
    return mistral_as(operated, operated.new_tenant(tmp_path, beside="demo"))


@pytest.fixture
def log_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[CloudAccess], None]:
    """Return what makes the command line somebody's."""

    def become(access: CloudAccess) -> None:
        for variable, value in access.environment.items():
            monkeypatch.setenv(variable, value)

    return become


@pytest.fixture
def cloned(
    operated: RunningUndercloud,
    log_in: Callable[[CloudAccess], None],
    example: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., CommandLine]:
    """Return what makes a plan in Mistral, and gives the command line in a clone of it as the plan's owner."""
    monkeypatch.setenv("TRIPLEO_PLAN_RUNS", f"sqlite:///{tmp_path / 'runs.sqlite'}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(operated.config.state_dir / "mistral" / "age-key.txt"))
    log_in(operated)
    CommandLine(tmp_path, capsys)("mistral", "install")

    def clone(mistral: Mistral, name: str, **settings: Any) -> CommandLine:
        make_small_plan(mistral, name, example, **settings)
        log_in(mistral.access)
        git = ("git", "clone", "--quiet", str(mistral.plans / f"{name}.git"), str(tmp_path / name))
        subprocess.run(git, check=True)
        return CommandLine(tmp_path / name, capsys)

    return clone


def begun(site: CommandLine) -> str:
    """Leave a deploy to Mistral, and return the run's id."""
    return str(site("deploy", "--yes", "--detach", "--engine", "mistral", "-o", "json").data["run"])


def when(site: CommandLine, run: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return a run, by the names of its steps, when something is so of it."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        found = site("run", "show", run, "-o", "json").data
        found["steps"] = {step["name"]: step for step in found["steps"]}
        if is_so(found):
            return dict(found)
        time.sleep(0.5)
    raise AssertionError(found)


def waited(run: dict[str, Any]) -> str:
    """Return what a run waits for at the step that holds it by rules."""
    return str(run["steps"]["approve"]["waits_for"]) if run["state"] == "waiting" else ""


def test_a_run_in_mistral_waits_for_an_approver_and_goes_on_by_their_yes(
    operated: RunningUndercloud,
    member: Mistral,
    name: str,
    cloned: Callable[..., CommandLine],
    log_in: Callable[[CloudAccess], None],
) -> None:
    site = cloned(member, f"approved-{name}")
    run = begun(site)
    when(site, run, lambda found: f"tripleo-plan run approve {run}" in waited(found))
    assert "Mistral asks it again by itself" in site("run", "why", run).out
    assert "is no approver of this server" in site("run", "approve", run, code=2).err
    assert member.connection.orchestration.find_stack(f"approved-{name}") is None

    log_in(operated.as_cloud("undercloud-member"))
    approved = site("run", "approve", run, "-m", "looked at it", "-o", "json").data
    assert [(yes["actor"], yes["comment"]) for yes in approved["approvals"]] == [("member", "looked at it")]
    log_in(member.access)
    went_on = when(site, run, lambda found: bool(found["steps"]["mirror"]["state"] == "succeeded"))
    assert went_on["steps"]["approve"]["state"] == "succeeded"
    site("run", "cancel", run)


def test_a_run_in_mistral_waits_for_a_window_to_open(
    mistral: Mistral, name: str, cloned: Callable[..., CommandLine]
) -> None:
    site = cloned(mistral, f"closed-{name}")
    run = begun(site)
    when(site, run, lambda found: "deploying is denied by the window '* * * * *'" in waited(found))
    assert "no opening is in sight" in site("run", "logs", run).out
    site("run", "cancel", run)
    assert "step approve waited: deploying is denied" in site("run", "why", run).out
    assert mistral.connection.orchestration.find_stack(f"closed-{name}") is None


def test_a_run_in_mistral_is_refused_where_a_signature_is_missing(
    mistral: Mistral, name: str, cloned: Callable[..., CommandLine], tmp_path: Path
) -> None:
    site = cloned(mistral, name)
    keys = tmp_path / "signers"
    keys.mkdir(mode=0o700)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    (keys / "allowed_signers").write_text(f"ann@example.org {(tmp_path / 'key.pub').read_text()}")
    demand = tmp_path / "signatures.toml"
    demand.write_text('required = true\nkeys = "signers"\n')
    for file in (keys / "allowed_signers", demand):
        file.chmod(0o600)
    site("-C", str(mistral.plans / f"{name}.git"), "hook", "install", "--signatures", str(demand))
    refused = site("deploy", "--yes", "--engine", "mistral", code=2).err
    assert "2 of 2 commits are not signed" in refused
    assert mistral.connection.orchestration.find_stack(name) is None
    failed = site("run", "list", "--engine", "mistral", "-o", "json").data[0]
    assert failed["error"]["reason"] == "NotSigned"


def test_validations_and_post_deploy_in_mistral_are_shown_as_the_embedded_engine_shows_them(
    mistral: Mistral, name: str, cloned: Callable[..., CommandLine]
) -> None:
    files = {"scripts/say.sh": b"#!/bin/sh\necho the cloud is there\n"}
    site = cloned(mistral, name, settings=POST_DEPLOY, files=files)
    asked = ("validation", "run", "unique-ports", "endpoints", "-o", "json")
    here, there = (site(*asked, "--engine", engine, code=1) for engine in ("embedded", "mistral"))
    told = [(one["validation"], one["state"], one["problem"]) for one in there.data]
    assert told == [(one["validation"], one["state"], one["problem"]) for one in here.data]
    assert [state for _validation, state, _problem in told] == ["failed", "passed"]
    assert "there are: endpoints" in site("validation", "run", "nosuch", "--engine", "mistral", code=2).err

    here, there = (site("post-deploy", "run", "-o", "json", "--engine", one) for one in ("embedded", "mistral"))
    told = [(one["name"], one["outcome"]) for one in there.data["steps"]]
    assert told == [(one["name"], one["outcome"]) for one in here.data["steps"]] == [("Say so", "passed")]
    assert "the cloud is there" in there.err


def test_a_second_run_of_a_plan_in_mistral_begins_when_the_first_is_over(
    mistral: Mistral, name: str, cloned: Callable[..., CommandLine]
) -> None:
    site = cloned(mistral, f"closed-{name}")
    first, second = begun(site), begun(site)
    when(site, first, lambda found: "deploying is denied" in waited(found))
    when(site, second, lambda found: bool(found["state"] == "queued"))
    assert "it waits for another run of the plan to end" in site("run", "why", second).out
    assert f"begin: plan closed-{name} is worked at by run {first}" in site("run", "logs", second).out
    site("run", "cancel", first)
    when(site, second, lambda found: "deploying is denied" in waited(found))
    site("run", "cancel", second)


def test_a_run_that_waited_for_its_turn_begins_when_its_callers_token_is_over(
    mistral: Mistral, name: str, cloned: Callable[..., CommandLine]
) -> None:
    plan = f"closed-{name}"
    site = cloned(mistral, plan)
    first = begun(site)
    when(site, first, lambda found: "deploying is denied" in waited(found))
    caller = mistral.access.connect()
    body = {"workflow_name": "tripleo.git.v1.mirror", "input": json.dumps({"container": plan})}
    second = str(caller.workflow.post("/executions", json=body).json()["id"])
    when(site, second, lambda found: bool(found["state"] == "queued"))
    revoke(mistral.connection, caller.session.get_token() or "")
    site("run", "cancel", first)
    ended = mistral.ended(second)
    assert (ended["state"], "mirrored" in ended["output"]["outputs"]) == ("SUCCESS", True), ended["output"]
    tasks = mistral.connection.workflow.get(f"/executions/{second}/tasks").json()["tasks"]
    (beginning,) = (task for task in tasks if task["name"] == "begin")
    assert json.loads(beginning["published"])["ticket"], "a token that is over gives no trust: it was there before"
