"""The database of runs: locked, full, newer, not there; and what is kept in it for how long."""

from __future__ import annotations

import sqlite3
import stat
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from tests.runs.conftest import THREE, request
from tripleo_gitops.operations.steps import Level
from tripleo_gitops.runs import tables
from tripleo_gitops.runs.database import DatabaseNotUsable, DatabasePatience, DatabaseUnavailable, open_database
from tripleo_gitops.runs.executors import SERVER
from tripleo_gitops.runs.keeping import KeepRule, forget_old
from tripleo_gitops.runs.lines import append_lines
from tripleo_gitops.runs.record import RunState
from tripleo_gitops.runs.store import RunFilter, RunStore

if TYPE_CHECKING:
    from pathlib import Path


def insert_lines(store: RunStore, run: str, count: int, *, most: int, level: Level = Level.INFO) -> None:
    entries = [(0.0, None, level, f"line {number}") for number in range(count)]
    store.database.write(lambda connection: append_lines(connection, run, entries, most=most))


def impatient(file: Path, said: list[str], *, limit: float) -> RunStore:
    patience = DatabasePatience(limit=limit, pause=0.05, busy=0.05)
    return RunStore(open_database(f"sqlite:///{file}", clock=time, say=said.append, patience=patience), now=time.time)


def test_a_locked_database_is_waited_for_and_that_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    file = tmp_path / "runs.sqlite"
    store = impatient(file, said, limit=60.0)
    holder = sqlite3.connect(file, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    threading.Timer(0.4, holder.rollback).start()
    assert store.add(request(), THREE, lane=SERVER).number == 1
    assert any("locked" in text for text in said)
    store.database.close()


def test_a_database_that_stays_locked_is_given_up_with_a_word(tmp_path: Path) -> None:
    file = tmp_path / "runs.sqlite"
    store = impatient(file, [], limit=0.2)
    with sqlite3.connect(file) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable, match="database is locked; what was done is kept"):
            store.add(request(), THREE, lane=SERVER)
    holder.close()
    store.database.close()


def test_a_full_disk_loses_no_run_and_makes_none(tmp_path: Path) -> None:
    store = impatient(tmp_path / "runs.sqlite", [], limit=0.1)
    kept = store.add(request(plan="kept"), THREE, lane=SERVER)

    def fill(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # SQLite takes it as: no more than there are

    def write_much() -> None:
        for number in range(500):
            store.say(kept.id, f"{number} " + "x" * 4000)

    sa.event.listen(store.database.engine, "checkout", fill)
    with pytest.raises(DatabaseUnavailable, match="full"):
        write_much()
    sa.event.remove(store.database.engine, "checkout", fill)
    found = store.get(kept.id)
    assert found.state is RunState.QUEUED
    assert found.lines == len(store.lines(kept.id, limit=1000))
    store.database.close()


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "below" / "runs.sqlite"
    open_database(f"sqlite:///{file}", clock=time, say=lambda _text: None).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_database_of_a_newer_tool_is_left_alone(store: RunStore) -> None:
    newer = sa.update(tables.schema).values(version=tables.SCHEMA_VERSION + 1)
    store.database.write(lambda connection: connection.execute(newer))
    with pytest.raises(DatabaseNotUsable, match="use the newer tool"):
        open_database(str(store.database.engine.url), clock=time, say=lambda _text: None)


@pytest.mark.parametrize("url", ["nonsense", "mysql://somebody:swordfish@somewhere/runs", "sqlite://"])
def test_a_url_that_names_no_database_of_ours_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseNotUsable) as refused:
        open_database(url, clock=time, say=lambda _text: None)
    assert "swordfish" not in str(refused.value)


def test_old_runs_go_and_the_newest_of_each_plan_stay(store: RunStore) -> None:
    for number in range(6):
        run = store.add(request(revision=f"main@sha1:{number}{'0' * 39}"), THREE, lane=SERVER)
        store.ask_cancel(run.id, actor="somebody")
    other = store.add(request(plan="another"), THREE, lane=SERVER)
    gone = forget_old(store, KeepRule(runs=2, days=None))
    assert len(gone) == 4
    assert {run.number for run in store.page()} == {5, 6, other.number}
    assert all(store.lines(run) == () for run in gone)
    assert forget_old(store, KeepRule(runs=2, days=None)) == ()


def test_runs_that_ended_lately_stay_however_many_they_are(store: RunStore) -> None:
    for number in range(3):
        run = store.add(request(revision=f"main@sha1:{number}{'0' * 39}"), THREE, lane=SERVER)
        store.ask_cancel(run.id, actor="somebody")
    assert forget_old(store, KeepRule(runs=1, days=1)) == ()


def test_a_log_has_no_more_lines_than_it_may(store: RunStore) -> None:
    run = store.add(request(), THREE, lane=SERVER)
    for _ in range(4):
        insert_lines(store, run.id, 10, most=20)
    insert_lines(store, run.id, 1, most=20, level=Level.ERROR)
    kept = store.lines(run.id)
    assert len(kept) == 21
    assert "only warnings and errors" in kept[19].text
    assert kept[20].level is Level.ERROR


def test_a_long_line_is_cut_and_says_how_long_it_was(store: RunStore) -> None:
    run = store.add(request(), THREE, lane=SERVER)
    store.say(run.id, "x" * 10_000)
    assert store.lines(run.id)[-1].text.endswith("… (10000 characters)")


def test_runs_are_listed_page_by_page_and_by_what_they_are(store: RunStore) -> None:
    for plan in ("one", "two", "three", "four", "five"):
        store.add(request(plan=plan), THREE, lane=SERVER)
    first = store.page(limit=2)
    assert [run.plan for run in first] == ["five", "four"]
    assert [run.plan for run in store.page(limit=2, before=first[-1].number)] == ["three", "two"]
    assert [run.plan for run in store.page(RunFilter(plan="one"))] == ["one"]
    assert store.page(RunFilter(states=(RunState.FAILED,))) == ()
