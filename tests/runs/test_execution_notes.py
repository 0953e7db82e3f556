"""What executors of Mistral note about runs: logs, approvals and trusts, each found for its own run only."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.operations.steps import Level
from tripleo_gitops.runs.database import open_database
from tripleo_gitops.runs.execution_notes import KEEP_SECONDS, ExecutionNotes
from tripleo_gitops.runs.execution_trusts import ExecutionTrusts
from tripleo_gitops.runs.lines import LONGEST_LINE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tripleo_gitops.runs.database import Database

RUN, OTHER = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'runs.sqlite'}", clock=time, say=lambda _text: None)
    yield opened
    opened.close()


def _said(notes: ExecutionNotes, text: str, *, run: str = RUN, level: Level = Level.INFO) -> None:
    notes.write(run, [(time.time(), "deploy", level, text)])


def test_lines_are_read_on_from_where_a_reader_was(database: Database) -> None:
    notes = ExecutionNotes(database, "mycloud", now=time.time)
    _said(notes, "one\ntwo")
    _said(notes, "theirs", run=OTHER)
    first = notes.lines(RUN)
    _said(notes, "x" * (LONGEST_LINE + 1))
    assert [line.text for line in first] == ["one", "two"]
    assert [len(line.text) > LONGEST_LINE for line in notes.lines(RUN, after=first[-1].seq)] == [True]
    assert [line.text for line in notes.lines(RUN, limit=1)] == ["one"]


def test_lines_and_approvals_are_not_told_to_whom_asks_for_another_plan(database: Database) -> None:
    notes = ExecutionNotes(database, "mycloud", now=time.time)
    notes.approve(RUN, actor="anna", digest="d", comment="")
    others = ExecutionNotes(database, "other", now=time.time)
    assert others.lines(RUN) == ()
    assert others.approvals(RUN) == ()
    assert [(yes.actor, yes.digest) for yes in notes.approvals(RUN)] == [("anna", "d")]


def test_a_second_yes_of_the_same_person_replaces_the_first(database: Database) -> None:
    notes = ExecutionNotes(database, "mycloud", now=time.time)
    for comment in ("maybe", "yes"):
        notes.approve(RUN, actor="anna", digest="d", comment=comment)
    assert [yes.comment for yes in notes.approvals(RUN)] == ["yes"]


def test_failures_of_a_step_are_counted_and_its_last_line_told(database: Database) -> None:
    notes = ExecutionNotes(database, "mycloud", now=time.time)
    assert (notes.last(RUN, "deploy"), notes.failures(RUN, "deploy")) == (None, 0)
    _said(notes, "begun")
    _said(notes, "Heat says no", level=Level.ERROR)
    last = notes.last(RUN, "deploy")
    assert last is not None
    assert (last.text, notes.failures(RUN, "deploy"), notes.failures(RUN, "mirror")) == ("Heat says no", 1, 0)


def test_what_was_noted_a_month_ago_is_forgotten(database: Database) -> None:
    notes = ExecutionNotes(database, "mycloud", now=lambda: time.time() + KEEP_SECONDS + 60)
    _said(notes, "old")
    notes.forget_old()
    assert notes.lines(RUN) == ()


def test_a_trust_is_found_by_its_run_or_its_ticket_and_by_nothing_else(database: Database) -> None:
    trusts = ExecutionTrusts(database, now=time.time)
    ticket = trusts.keep(RUN, "trust-1")
    assert trusts.find(RUN, None) == trusts.find(None, ticket) == trusts.find(OTHER, ticket) == "trust-1"
    for execution, given in ((OTHER, None), (None, None), ("", ""), (None, "trust-1")):
        assert trusts.find(execution, given) is None
    assert trusts.drop(ticket) == "trust-1"
    assert (trusts.find(RUN, ticket), trusts.drop(ticket)) == (None, None)
