"""Rows of the tables as records, and values as JSON: what is hidden stays hidden on the way in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.masking import Masked, to_plain
from tripleo_gitops.operations.steps import Approval, Level, Place
from tripleo_gitops.runs.record import Failure, LogLine, RunRecord, RunState, Shown, StepRecord, StepState

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

    Row = sa.Row[tuple[Any, ...]]


class NotPlain(TypeError):
    """A value that JSON has no form for: a bug of the step that gave it."""


def to_json(value: Mapping[str, Any]) -> str:
    """Return values as they are kept: JSON, with masked ones as the mask. Raises NotPlain."""
    return json.dumps(dict(value), default=_plain, ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, Masked):
        return to_plain(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise NotPlain(f"{type(value).__name__} is no JSON value; a step gives text, numbers, lists and mappings")


def when(seconds: float | None) -> datetime | None:
    """Return a moment as it is kept, as people's time."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def failure(reason: str | None, message: str | None) -> Failure | None:
    """Return the error of two columns, None where there is none."""
    return None if reason is None else Failure(reason, message or "")


def step_record(row: Row) -> StepRecord:
    """Return a row of the table of steps."""
    return StepRecord(
        name=row.name,
        state=StepState(row.state),
        tries=row.tries,
        started=when(row.started),
        ended=when(row.ended),
        spent=row.spent,
        waits_for=row.waits_for,
        error=failure(row.error_reason, row.error_message),
        outputs=json.loads(row.outputs),
    )


def approval(row: Row) -> Approval:
    """Return a row of the table of approvals."""
    return Approval(actor=row.actor, time=datetime.fromtimestamp(row.time, UTC), digest=row.digest, comment=row.comment)


def log_line(row: Row) -> LogLine:
    """Return a row of the log."""
    return LogLine(row.seq, datetime.fromtimestamp(row.time, UTC), row.step, Level(row.level), row.text)


def run_record(row: Row, *, steps: Iterable[Row], approvals: Iterable[Row]) -> RunRecord:
    """Return a row of the table of runs, with its steps in their order and its approvals."""
    return RunRecord(
        id=row.id,
        number=row.number,
        workflow=row.workflow,
        version=row.version,
        plan=row.plan,
        revision=row.revision,
        trigger=row.trigger,
        actor=row.actor,
        trace_id=row.trace_id,
        place=Place(**json.loads(row.place)),
        created=datetime.fromtimestamp(row.created, UTC),
        started=when(row.started),
        ended=when(row.ended),
        state=RunState(row.state),
        executor=row.executor,
        inputs=json.loads(row.inputs),
        shown=None if row.shown_digest is None else Shown(row.shown_digest, row.shown_text or ""),
        approvals=tuple(map(approval, approvals)),
        steps=tuple(map(step_record, steps)),
        error=failure(row.error_reason, row.error_message),
        superseded_by=row.superseded_by,
        cancel_asked_by=row.cancel_asked_by,
        lines=row.lines,
    )
