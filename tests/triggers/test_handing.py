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


RULES = "\n[nodes]\nregister_on_push = true\nintrospect_on_push = true\n"
MACHINE = "- {name: %s, pm_type: fake-hardware, ports: [{address: '52:54:00:00:aa:%02x'}]}\n"


def commit_machines(plan: CommandLine, *names: str, rules: str = "") -> str:
    """Commit machines, and rules for them; return what the hook said."""
    folder = plan.directory / "baremetal"
    folder.mkdir(exist_ok=True)
    (folder / "nodes.yaml").write_text("".join(MACHINE % (name, place) for place, name in enumerate(names)) or "[]\n")
    settings = plan.directory / "tripleo-plan.toml"
    settings.write_text((settings.read_text() if settings.exists() else "") + rules)
    plan("commit", "--all", "-m", "Machines")
    return plan("hook", "run", "post-commit").err


def test_a_commit_of_machines_asks_for_their_registration_before_anything_else(
    store: RunStore, plan: CommandLine
) -> None:
    said = commit_machines(plan, "one", "two", rules=RULES)
    assert "run 1 is queued: node-registration site1" in said
    assert "(machines: 2 new)" in said
    mirror, registration = store.page()
    assert (mirror.workflow, registration.workflow) == ("mirror", "node-registration")
    assert registration.inputs == {"introspects": True, "provides": False}
    plan("hook", "run", "post-commit")
    assert [run.workflow for run in store.page()] == ["mirror", "node-registration"]


def test_a_commit_that_changes_no_machine_asks_for_no_registration(store: RunStore, plan: CommandLine) -> None:
    commit_machines(plan, "one", rules=RULES)
    (plan.directory / "README.md").write_text("other words\n")
    plan("commit", "--all", "-m", "Say more")
    plan("hook", "run", "post-commit")
    assert [run.workflow for run in store.page()] == ["mirror", "mirror", "node-registration"]
    said = commit_machines(plan, "one", "two")
    assert "(machines: 1 new)" in said


def test_a_registration_that_failed_is_asked_for_again_with_every_machine(store: RunStore, plan: CommandLine) -> None:
    commit_machines(plan, "one", "two", rules=RULES)
    store.ask_cancel("1", actor="somebody")
    assert "(machines: 2 new)" in plan("hook", "run", "post-commit").err
    assert [run.workflow for run in store.page()] == ["node-registration", "mirror", "node-registration"]


def test_other_rules_for_machines_ask_for_them_all_again(store: RunStore, plan: CommandLine) -> None:
    commit_machines(plan, "one", rules=RULES)
    said = commit_machines(plan, "one", rules="provide_on_push = true\n")
    assert "node-registration" in said
    assert store.page()[1].inputs == {"introspects": True, "provides": True}


def test_machines_that_are_gone_are_not_removed_by_a_push(store: RunStore, plan: CommandLine) -> None:
    commit_machines(plan, "one", "two", rules=RULES)
    said = commit_machines(plan, "one")
    assert "nodes: 1 gone; a push removes none" in said
    assert [run.workflow for run in store.page()].count("node-registration") == 1


def test_without_the_plans_rules_a_commit_of_machines_only_says_what_it_asks_for(
    store: RunStore, plan: CommandLine
) -> None:
    said = commit_machines(plan, "one")
    assert "the plan registers none by itself" in said
    assert [run.workflow for run in store.page()] == ["mirror"]
