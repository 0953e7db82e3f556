"""`tripleo-plan run …`: what is there is listed, shown, explained, approved and stopped; no cloud is asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command_line import CommandLine
from tripleo_gitops.operations.steps import Place
from tripleo_gitops.runs.database import open_database
from tripleo_gitops.runs.executors import SERVER
from tripleo_gitops.runs.record import RunRequest, RunState, Shown
from tripleo_gitops.runs.store import RunStore
from tripleo_gitops.runs.workflows import WORKFLOWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.runs.record import RunRecord

REVISION = "main@sha1:" + "1" * 40


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    url = f"sqlite:///{tmp_path / 'state' / 'runs.sqlite'}"
    monkeypatch.setenv("TRIPLEO_PLAN_RUNS", url)
    database = open_database(url, clock=time, say=lambda _text: None)
    yield RunStore(database, now=time.time)
    database.close()


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path, capsys)


def asked(store: RunStore, *, plan: str = "mycloud", workflow: str = "deploy") -> RunRecord:
    request = RunRequest(
        workflow=workflow, plan=plan, revision=REVISION, trigger="hook", actor="Author <author@example.org>",
        place=Place(repository="/plans/mycloud.git", cloud="undercloud"), shown=Shown("sha256:abc", "~ a: ******"),
    )  # fmt: skip
    return store.add(request, next(known for known in WORKFLOWS if known.name == workflow), lane=SERVER)


def test_runs_are_listed_and_shown(store: RunStore, plan: CommandLine) -> None:
    run = asked(store)
    assert "mycloud" in plan("run", "list").out
    assert [found["number"] for found in plan("run", "list", "-o", "json").data] == [run.number]
    assert plan("run", "list", "--state", "failed", "-o", "json").data == []
    shown = plan("run", "show", str(run.number), "-o", "json").data
    assert shown["id"] == run.id
    assert shown["shown"] == {"digest": "sha256:abc", "text": "~ a: ******"}
    assert [step["name"] for step in shown["steps"]][:4] == ["render", "check", "approve", "mirror"]
    assert run.trace_id in plan("run", "show", run.id).out


def test_a_run_that_is_not_there_is_said(store: RunStore, plan: CommandLine) -> None:
    assert "there is no run '7'" in plan("run", "show", "7", code=2).err


def test_why_says_what_a_run_waits_for_and_the_way_out(store: RunStore, plan: CommandLine) -> None:
    run = asked(store)
    words = plan("run", "why", str(run.number)).out
    assert "a Git hook saw a push or a commit, as Author <author@example.org>" in words
    assert "no server runs" in words
    assert f"`tripleo-plan run resume {run.number}`" in words


def test_a_yes_is_recorded_with_what_was_shown(store: RunStore, plan: CommandLine) -> None:
    run = asked(store)
    plan("run", "approve", str(run.number), "-m", "looks right")
    found = store.get(run.id).approvals
    assert [(yes.actor, yes.digest, yes.comment) for yes in found] == [
        ("Test Operator <operator@example.org>", "sha256:abc", "looks right")
    ]


def test_a_queued_run_is_cancelled_and_cannot_be_approved_any_more(store: RunStore, plan: CommandLine) -> None:
    run = asked(store)
    plan("run", "cancel", str(run.number))
    assert store.get(run.id).state is RunState.CANCELLED
    assert "nothing left to approve" in plan("run", "approve", str(run.number), code=2).err
    assert "asks for the run to stop" in plan("run", "logs", str(run.number)).out


def test_a_cancelled_run_is_left_to_a_server(store: RunStore, plan: CommandLine) -> None:
    run = asked(store)
    store.ask_cancel(run.id, actor="somebody")
    plan("run", "resume", str(run.number), "--detach")
    assert store.get(run.id).state is RunState.QUEUED


def test_a_log_as_data_is_a_line_an_entry(store: RunStore, plan: CommandLine) -> None:
    run = asked(store)
    entries = [json.loads(line) for line in plan("run", "logs", str(run.number), "-o", "json").out.splitlines()]
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))


def test_workflows_are_data_that_fits_together(plan: CommandLine) -> None:
    found = plan("run", "workflows", "-o", "json").data
    deploy = next(workflow for workflow in found if workflow["name"] == "deploy")
    assert [step["name"] for step in deploy["steps"]] == [
        "render", "check", "approve", "mirror", "pre-deployment", "deploy", "outputs", "post-deploy", "post-deployment",
    ]  # fmt: skip
    assert all(step["time_limit"] > 0 for workflow in found for step in workflow["steps"])


def test_a_server_takes_what_is_queued_and_stops_when_told_to(store: RunStore, tmp_path: Path) -> None:
    run = asked(store, workflow="mirror")
    command = (str(Path(sys.executable).parent / "tripleo-plan"), "run", "serve")
    with subprocess.Popen(command, cwd=tmp_path, env=dict(os.environ), stderr=subprocess.PIPE, text=True) as server:
        ends = time.monotonic() + 60
        while not store.get(run.id).state.is_end and time.monotonic() < ends:
            time.sleep(0.1)
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=30)
    ended = store.get(run.id)
    assert ended.state is RunState.FAILED, said  # there is no such repository
    assert ended.error is not None
    assert ended.error.reason != "Bug"
    assert server.returncode == 0
    assert "stopped" in said
