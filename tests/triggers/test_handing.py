"""Triggers that are handed to servers: a run is queued, once for each revision, and no cloud is asked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.command_line import CommandLine
from tripleo_gitops.runs.database import open_database
from tripleo_gitops.runs.record import RunState
from tripleo_gitops.runs.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    url = f"sqlite:///{tmp_path / 'state' / 'runs.sqlite'}"
    settings = tmp_path / "server.toml"
    settings.write_text(f'[runs]\ndatabase = "{url}"\ntriggers = true\n')
    settings.chmod(0o600)
    monkeypatch.setenv("TRIPLEO_PLAN_SERVER_SETTINGS", str(settings))
    database = open_database(url, clock=time, say=lambda _text: None)
    yield RunStore(database, now=time.time)
    database.close()


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    CommandLine(tmp_path, capsys)("init", "site1")
    command_line = CommandLine(tmp_path / "site1", capsys)
    command_line("commit", "--all", "-m", "Begin")
    return command_line


def test_a_trigger_queues_one_run_for_a_revision_however_often_it_comes(store: RunStore, plan: CommandLine) -> None:
    assert "is queued" in plan("hook", "run", "post-commit").err
    assert "already (queued)" in plan("hook", "run", "post-commit").err
    (run,) = store.page()
    assert (run.plan, run.workflow, run.trigger, run.state) == ("site1", "mirror", "hook", RunState.QUEUED)
    assert run.place.repository == str(plan.directory)


def test_a_run_that_failed_is_asked_for_again_by_the_next_trigger(store: RunStore, plan: CommandLine) -> None:
    plan("hook", "run", "post-commit")
    store.ask_cancel("1", actor="somebody")
    plan("hook", "run", "post-commit")
    assert [run.number for run in store.page()] == [2, 1]


def test_a_newer_revision_supersedes_the_run_that_is_queued(store: RunStore, plan: CommandLine) -> None:
    plan("hook", "run", "post-commit")
    (plan.directory / "README.md").write_text("other words\n")
    plan("commit", "--all", "-m", "Say more")
    plan("hook", "run", "post-commit")
    assert [run.state for run in store.page()] == [RunState.QUEUED, RunState.SUPERSEDED]
