"""How runs are printed: as rows, as a page, as plain data, as lines of a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.output import print_fields, print_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tripleo_gitops.runs.record import Failure, LogLine, RunRecord, StepRecord

COLOURS = {"succeeded": "green", "failed": "red", "cancelled": "yellow", "superseded": "yellow", "waiting": "cyan"}
LOUD = {"warning": "yellow", "error": "red"}


def run_data(run: RunRecord) -> dict[str, Any]:
    """Return a run as plain data."""
    return {
        "id": run.id,
        "number": run.number or None,
        "engine": run.engine.value,
        "plan": run.plan,
        "workflow": run.workflow,
        "version": run.version,
        "revision": run.revision,
        "state": run.state.value,
        "trigger": run.trigger,
        "actor": run.actor,
        "trace_id": run.trace_id,
        "place": run.place.to_document(),
        "created": time_words(run.created),
        "started": time_words(run.started),
        "ended": time_words(run.ended),
        "executor": run.executor,
        "inputs": dict(run.inputs),
        "shown": {"digest": run.shown.digest, "text": run.shown.text} if run.shown else None,
        "approvals": [
            {"actor": yes.actor, "time": time_words(yes.time), "digest": yes.digest, "comment": yes.comment}
            for yes in run.approvals
        ],
        "steps": [_step_data(step) for step in run.steps],
        "error": _error_data(run.error),
        "superseded_by": run.superseded_by,
        "cancel_asked_by": run.cancel_asked_by,
        "result": dict(run.result),
    }


def _step_data(step: StepRecord) -> dict[str, Any]:
    return {
        "name": step.name,
        "state": step.state.value,
        "attempts": step.tries,
        "started": time_words(step.started),
        "ended": time_words(step.ended),
        "seconds": round(step.spent, 3),
        "waits_for": step.waits_for,
        "error": _error_data(step.error),
        "outputs": dict(step.outputs),
    }


def _error_data(error: Failure | None) -> dict[str, str] | None:
    return {"reason": error.reason, "message": error.message} if error else None


def line_data(line: LogLine) -> dict[str, Any]:
    """Return a line of a log as plain data."""
    return {
        "seq": line.seq,
        "time": time_words(line.time),
        "step": line.step,
        "level": line.level.value,
        "text": line.text,
    }


def print_runs(runs: Sequence[RunRecord]) -> None:
    """Print a table of runs."""
    rows = [
        (
            run.label,
            run.engine.value,
            run.plan,
            run.workflow,
            run.state.value,
            short(run.revision),
            run.actor,
            time_words(run.created),
        )
        for run in runs
    ]
    print_rows(rows, headings=("RUN", "ENGINE", "PLAN", "WORKFLOW", "STATE", "REVISION", "BY", "ASKED FOR"))


def print_run(run: RunRecord) -> None:
    """Print a run: what it is, its steps, and what went wrong."""
    fields = {
        "run": f"{run.number} ({run.id})" if run.number else run.id,
        "engine": run.engine.value,
        "plan": run.plan,
        "workflow": f"{run.workflow} (version {run.version})",
        "revision": run.revision,
        "state": click.style(run.state.value, fg=COLOURS.get(run.state.value)),
        "asked for": f"{time_words(run.created)} by {run.actor} ({run.trigger})",
        "began": time_words(run.started) or "not yet",
        "ended": time_words(run.ended) or "not yet",
        "trace": run.trace_id,
    }
    if run.shown:
        fields["shown"] = run.shown.digest
    for yes in run.approvals:
        fields[f"approved by {yes.actor}"] = f"{time_words(yes.time)} {yes.comment}".strip()
    print_fields(fields)
    click.echo()
    rows = [
        (step.name, step.state.value, str(step.tries or ""), f"{step.spent:.1f} s" if step.tries else "", _says(step))
        for step in run.steps
    ]
    print_rows(rows, headings=("STEP", "STATE", "ATTEMPT", "TOOK", ""))
    if run.error:
        click.secho(f"\n{run.error.message} [{run.error.reason}]", fg="red")


def print_line(line: LogLine, *, err: bool = False) -> None:
    """Print a line of a log as it comes."""
    where = f"{line.step}: " if line.step else ""
    text = f"{line.time.astimezone():%H:%M:%S} {where}{line.text}"
    click.secho(text, fg=LOUD.get(line.level.value), dim=line.level.value == "debug", err=err)


def time_words(time: datetime | None) -> str:
    """Return a time as programs read it, empty for none."""
    return time.isoformat(timespec="seconds") if time else ""


def short(revision: str) -> str:
    """Return a revision for a table's column."""
    branch, separator, commit = revision.rpartition("@sha1:")
    return f"{branch}@{commit[:12]}" if separator else revision[:17]


def _says(step: StepRecord) -> str:
    return step.error.message if step.error else step.waits_for or ""
