"""`tripleo-plan run`: what was done, is done and waits to be done for plans; to read, stop, resume and serve."""

from __future__ import annotations

import os
import re
import signal
import threading
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured, local
from tripleo_gitops.cli.output import emit, note, output_option, print_rows

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tripleo_gitops.runs.record import LogLine, RunRecord
    from tripleo_gitops.runs.store import RunStore
    from tripleo_gitops.wiring.all_runs import AllRuns
    from tripleo_gitops.wiring.config import Config

STATES = ("queued", "waiting", "running", "succeeded", "failed", "cancelled", "superseded")
ENGINES = ("embedded", "mistral")
run_argument = click.argument("run", metavar="RUN")


@click.group()
def run() -> None:
    """Read, stop, resume and serve runs.

    A run is one execution of a workflow, such as a deploy, for a plan at a revision. RUN is its number or its id; one
    that Mistral does has the id of its execution.
    """


@run.command("list")
@click.option("--plan", metavar="NAME", help="Only runs of this plan.")
@click.option(
    "--state", "states", type=click.Choice(STATES), multiple=True, help="Only runs in this state (repeatable)."
)
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many runs.")
@click.option("--before", metavar="RUN", help="Only runs before this one: the next page.")
@click.option(
    "--engine", type=click.Choice(ENGINES), help="Only runs of this engine [default: all; Mistral, where it was used]."
)
@output_option
@configured
def list_command(config: Config, *, limit: int, before: str | None, form: str, **chosen: Any) -> None:
    """List runs, the newest first.

    Mistral is asked where the server's settings name it, or where it was used or installed into from here.

    \b
    Examples:
      tripleo-plan run list --plan mycloud
      tripleo-plan run list --state running --state waiting -o json
      tripleo-plan run list --engine mistral
    """
    from tripleo_gitops.cli.run_views import print_runs, run_data
    from tripleo_gitops.runs.record import EngineName, RunState
    from tripleo_gitops.runs.store import RunFilter

    if before is not None and not re.fullmatch(r"\d{1,15}|[0-9a-f-]{36}", before):
        raise click.BadParameter(f"{before!r} is no number of a run and no id of an execution", param_hint="--before")
    wanted = RunFilter(plan=chosen["plan"], states=tuple(map(RunState, chosen["states"])) or None)
    engine = EngineName(chosen["engine"]) if chosen["engine"] else None
    with _runs(config) as runs:
        found = runs.page(wanted, limit=limit, before=before, engine=engine)
    emit([run_data(run) for run in found], form=form, table=lambda: print_runs(found))


@run.command()
@run_argument
@output_option
@configured
def show(config: Config, run: str, form: str) -> None:
    """Show a run: who asked for it, its steps with their times and outcomes, approvals, its result."""
    with _runs(config) as runs:
        _print(runs.get(run), form=form)


@run.command()
@run_argument
@click.option("-f", "--follow", is_flag=True, help="Go on until the run ends.")
@click.option("--after", type=click.IntRange(0), default=0, help="Only lines after this number.")
@output_option
@configured
def logs(config: Config, run: str, follow: bool, after: int, form: str) -> None:
    """Print a run's log, from its beginning; with --follow as it grows, from any process. JSON is one line an entry.

    \b
    Examples:
      tripleo-plan run logs 12
      tripleo-plan run logs 12 -f
    """
    with _runs(config) as runs:
        runs.tell(run, lambda line: _print_entry(line, form=form), after=after, follow=follow)


@run.command()
@run_argument
@output_option
@configured
def cancel(config: Config, run: str, form: str) -> None:
    """Ask a run to stop: a queued one at once, one under way at its step's next look."""
    with _runs(config) as runs:
        _print(runs.cancel(run), form=form)


@run.command()
@run_argument
@click.option("-m", "--comment", default="", help="Why.")
@output_option
@configured
def approve(config: Config, run: str, comment: str, form: str) -> None:
    """Say yes to a run that waits for approval: to exactly what was shown when it was asked for.

    Where the server's rules ask for approvals, the yes is that of the cloud's user, as Keystone knows them.
    """
    with _runs(config) as runs:
        _print(runs.approve(run, comment=comment), form=form)


@run.command()
@run_argument
@click.option("--detach", is_flag=True, help="Leave the work to a server.")
@output_option
@local
def resume(config: Config, run: str, detach: bool, form: str) -> None:
    """Let a run go on: one that failed or was cancelled with that step, one whose process died where it was."""
    _go_on(config, run, step=None, detach=detach, form=form)


@run.command("retry-from")
@run_argument
@click.argument("step")
@click.option("--detach", is_flag=True, help="Leave the work to a server.")
@output_option
@local
def retry_from(config: Config, run: str, step: str, detach: bool, form: str) -> None:
    """Do a step of an ended run again, and all that come after it."""
    _go_on(config, run, step=step, detach=detach, form=form)


@run.command()
@run_argument
@output_option
@configured
def why(config: Config, run: str, form: str) -> None:
    """Explain in words why a run exists, what it waits for, what failed, and the way out."""
    with _runs(config) as runs:
        sentences = runs.why(run)
    emit({"run": run, "why": list(sentences)}, form=form, table=lambda: click.echo("\n".join(sentences)))


@run.command()
@output_option
def workflows(form: str) -> None:
    """List the workflows with their steps, as data: what each reads and gives, its limits, and how it is undone."""
    from tripleo_gitops.runs.workflows import WORKFLOWS

    rows = [(w.name, str(w.version), " → ".join(step.name for step in w.steps), w.summary) for w in WORKFLOWS]
    emit(
        [workflow.to_document() for workflow in WORKFLOWS],
        form=form,
        table=lambda: print_rows(rows, headings=("WORKFLOW", "VERSION", "STEPS", "")),
    )


@run.command()
@local
def serve(config: Config) -> None:
    """Work at queued runs until told to stop (SIGTERM, Ctrl-C); what is under way is finished or left to resume.

    Several servers may share one PostgreSQL, or one SQLite file on one machine.
    """
    from tripleo_gitops.runs.executors import SERVER
    from tripleo_gitops.wiring.engine import open_engine

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    with open_engine(config, os.environ, say=note, kind=SERVER) as engine:
        note(f"serving runs as {engine.executor}")
        engine.serve(stop)
    note("stopped; what was under way goes on when a server starts")


def _records(config: Config) -> AbstractContextManager[RunStore]:
    from tripleo_gitops.wiring.runs import open_runs

    return open_runs(config, os.environ, say=note)


def _runs(config: Config) -> AllRuns:
    from tripleo_gitops.wiring.all_runs import AllRuns

    return AllRuns(config, os.environ, say=note)


def _print(found: RunRecord, *, form: str) -> None:
    from tripleo_gitops.cli.run_views import print_run, run_data

    emit(run_data(found), form=form, table=lambda: print_run(found))


def _print_entry(line: LogLine, *, form: str) -> None:
    import json

    from tripleo_gitops.cli.run_views import line_data, print_line

    if form == "table":
        print_line(line)
    else:
        entry = json.dumps(line_data(line), ensure_ascii=form == "yaml")
        click.echo(entry if form == "json" else f"- {entry}")


def _go_on(config: Config, run: str, *, step: str | None, detach: bool, form: str) -> None:
    """Resume a run, here or by a server, and print how it ended; its outcome is the exit code."""
    from tripleo_gitops.cli.run_views import print_line
    from tripleo_gitops.wiring.all_runs import check_embedded
    from tripleo_gitops.wiring.runs import actor_at, leave_to_server

    check_embedded(run, command="resume" if step is None else "retry-from")
    actor = actor_at(config.directory)
    if detach:
        with _records(config) as store:
            _print(leave_to_server(store, run, actor=actor, step=step), form=form)
        return
    from tripleo_gitops.wiring.engine import open_engine

    with open_engine(config, os.environ, say=note) as engine:
        asked = engine.resume(run, actor=actor, step=step)
        ended = engine.drive(asked.id, on_line=lambda line: print_line(line, err=True), after=asked.lines)
    _print(ended, form=form)
    ended.check_succeeded()
