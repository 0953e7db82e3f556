"""`tripleo-plan blame` and `tripleo-plan log`: who set a parameter, and its history over the commits."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import local, revision_argument
from tripleo_gitops.cli.output import emit, output_option, print_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.operations.blame import ParameterHistory, ValueChange, Word
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.argument("name", metavar="PARAM")
@revision_argument()
@output_option
@local
def blame(config: Config, name: str, revision: str, form: str) -> None:
    """Show who set the value that a parameter has at REVISION, and in which commit.

    Hidden values are masked; which commit changed them is known all the same.

    \b
    Example:
      tripleo-plan blame ControllerCount
    """
    with _history(config, name, revision) as (history, start):
        found = history.blame(start)
        emit(found.to_document(), form=form, table=lambda: print_fields(_fields(name, found)))


@click.command()
@click.argument("name", metavar="PARAM")
@revision_argument()
@click.option("-n", "--limit", type=click.IntRange(1), metavar="COUNT", help="At most so many changes.")
@output_option
@local
def log(config: Config, name: str, revision: str, limit: int | None, form: str) -> None:
    """Show the commits up to REVISION that changed a parameter's value, the newest first.

    \b
    Example:
      tripleo-plan log ControllerCount -n 5
    """
    with _history(config, name, revision) as (history, start):
        found = tuple(islice(history.changes(start), limit))
        emit([one.to_document() for one in found], form=form, table=lambda: _print_log(found))


@contextmanager
def _history(config: Config, name: str, revision: str) -> Iterator[tuple[ParameterHistory, Revision]]:
    from tripleo_gitops.operations.blame import ParameterHistory
    from tripleo_gitops.repository.commit_log import CommitLog
    from tripleo_gitops.wiring.cache import open_cache
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository, CommitLog.of(repository) as commits:
        start = repository.resolve(revision)
        yield ParameterHistory(repository, commits, name, cache=open_cache(config)), start


def _fields(name: str, found: ValueChange) -> dict[str, str]:
    commit = found.commit
    fields = {"parameter": name, "value": _words(found.new), "state": found.new.state.value}
    if found.new.origin:
        fields["by"] = str(found.new.origin)
    fields |= {"commit": commit.commit, "author": commit.author, "date": _date(commit.time), "subject": commit.subject}
    return fields | ({"before": _words(found.old)} if found.old else {})


def _print_log(found: tuple[ValueChange, ...]) -> None:
    for one in found:
        commit = one.commit
        head = f"{commit.commit[:12]}  {_date(commit.time)}  {commit.author}"
        click.echo(f"{click.style(head, fg='yellow')}  {commit.subject}")
        old = f"{_words(one.old)} → " if one.old else ""
        origin = click.style(f"  {one.new.state.value} in {one.new.origin}", dim=True) if one.new.origin else ""
        click.echo(f"    {old}{_words(one.new)}{origin}")
    if not found:
        click.echo("no commit says anything of it")


def _words(word: Word) -> str:
    from tripleo_gitops.heat.absent import ABSENT
    from tripleo_gitops.heat.masking import to_plain

    if word.problem:
        return f"(cannot be read: {word.problem})"
    if word.value is ABSENT:
        return "(no value)"
    plain: Any = to_plain(word.value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _date(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M")
