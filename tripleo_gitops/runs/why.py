"""Why a run is as it is, in words: what asked for it, what it waits for, which step failed, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.runs.executors import SERVER
from tripleo_gitops.runs.record import EngineName, RunState, StepState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.runs.executors import Executor
    from tripleo_gitops.runs.record import RunRecord, StepRecord
    from tripleo_gitops.runs.workflow import Step, Workflow

_TRIGGERS = {
    "hook": "a Git hook saw a push or a commit",
    "watcher": "the watcher saw the branch move",
    "webhook": "a webhook told of a push",
    "poll": "a poll saw the branch move",
    "cli": "somebody asked on the command line",
    "gui": "somebody asked in the browser",
    "api": "a program asked",
    "mistral": "somebody started the workflow in Mistral",
}


def explain(
    run: RunRecord, *, holder: RunRecord | None, executors: tuple[Executor, ...], workflow: Workflow | None
) -> tuple[str, ...]:
    """Return sentences about a run; `holder` is the run that its plan has under way, `executors` those with a lease.

    Of a run of Mistral's nothing but the run is looked at.
    """
    is_mistral = run.engine is EngineName.MISTRAL
    return (
        (
            f"run {run.label} is {run.state}: workflow {run.workflow} (version {run.version}) of plan {run.plan} at "
            f"{run.revision}"
        ),
        f"it exists because {_TRIGGERS.get(run.trigger, run.trigger)}, as {run.actor}",
        *_approvals(run),
        *(_in_mistral(run) if is_mistral else _standing(run, holder=holder, executors=executors)),
        *_undo(run, workflow),
    )


def _approvals(run: RunRecord) -> Iterator[str]:
    if run.approvals:
        yield f"approved by {', '.join(approval.actor for approval in run.approvals)}"


def _standing(run: RunRecord, *, holder: RunRecord | None, executors: tuple[Executor, ...]) -> Iterator[str]:
    if run.state is RunState.QUEUED:
        yield from _queued(run, holder=holder, executors=executors)
    elif run.state in {RunState.RUNNING, RunState.WAITING}:
        yield from _under_way(run, executors=executors)
    elif run.state is RunState.FAILED:
        yield from _failed(run)
    elif run.state is RunState.CANCELLED:
        yield f"{run.cancel_asked_by or 'somebody'} stopped it; `tripleo-plan run resume {run.label}` goes on"
    elif run.state is RunState.SUPERSEDED:
        yield f"a newer run ({run.superseded_by}) of the same plan was asked for before this one changed anything"
    else:
        yield "every step is done"


def _in_mistral(run: RunRecord) -> Iterator[str]:
    at = next((step for step in run.steps if step.state in {StepState.RUNNING, StepState.WAITING}), None)
    if run.state is RunState.QUEUED:
        yield f"it waits for another run of the plan to end; `tripleo-plan run logs {run.label}` names it"
    if at is not None and at.state is StepState.WAITING and run.state.is_end:
        yield f"step {at.name} waited: {at.waits_for}"
    elif at is not None and at.state is StepState.WAITING:
        yield f"step {at.name} waits: {at.waits_for}; Mistral asks it again by itself"
    elif at is not None and not run.state.is_end:
        yield f"step {at.name} is under way in one of Mistral's executors"
    elif at is not None:
        yield f"step {at.name} is told to stop; it does so at its next look"
    if run.error is not None:
        failed = next((step.name for step in run.steps if step.state is StepState.FAILED), _edge(run))
        yield f"{failed} failed: {run.error.message} [{run.error.reason}]"
        yield "when that is mended, ask for a new run: what is done is found done and not done again"
    if run.state is RunState.CANCELLED:
        yield "somebody stopped it; a new run finds done what is done"
    if run.state is RunState.SUCCEEDED:
        yield "every step is done"


def _edge(run: RunRecord) -> str:
    """Return what failed where no step did."""
    return "the end" if all(step.state is StepState.SUCCEEDED for step in run.steps) else "the beginning"


def _queued(run: RunRecord, *, holder: RunRecord | None, executors: tuple[Executor, ...]) -> Iterator[str]:
    if holder is not None and holder.id != run.id:
        yield (
            f"it waits for run {holder.label} ({holder.workflow}, {holder.state}) to end: one at a time; "
            f"`tripleo-plan run why {holder.label}` tells more"
        )
    elif not any(executor.kind == SERVER for executor in executors):
        yield (
            "it waits for somebody to begin it, and no server runs; `tripleo-plan run serve` is one, "
            f"`tripleo-plan run resume {run.label}` does it here"
        )
    else:
        yield "it waits for a server to begin it"


def _under_way(run: RunRecord, *, executors: tuple[Executor, ...]) -> Iterator[str]:
    at = next((step for step in run.steps if step.state in {StepState.RUNNING, StepState.WAITING}), None)
    if at is not None and at.state is StepState.WAITING:
        yield f"step {at.name} waits: {at.waits_for}; it is asked again by itself"
    elif at is not None:
        yield f"step {at.name} is under way (attempt {at.tries}, {at.spent:.0f} s when last written down)"
    if run.cancel_asked_by:
        yield f"{run.cancel_asked_by} asked for it to stop; it does so at the step's next look"
    if run.executor not in {executor.id for executor in executors}:
        yield (
            "nobody works at it: its process ended or died; a server takes it over by itself, "
            f"`tripleo-plan run resume {run.label}` does it here"
        )
    else:
        yield f"{run.executor} works at it"


def _failed(run: RunRecord) -> Iterator[str]:
    at = next((step for step in run.steps if step.state is StepState.FAILED), None)
    message = run.error.message if run.error else "no reason was written down"
    reason = run.error.reason if run.error else "Unknown"
    yield f"step {at.name} failed: {message} [{reason}]" if at else f"it failed: {message} [{reason}]"
    earlier = _first_done(run)
    yield f"when that is mended, `tripleo-plan run resume {run.label}` goes on from there" + (
        f"; `tripleo-plan run retry-from {run.label} {earlier.name}` does earlier steps again, too" if earlier else ""
    )


def _first_done(run: RunRecord) -> StepRecord | None:
    return next((step for step in run.steps if step.state is StepState.SUCCEEDED), None)


def _undo(run: RunRecord, workflow: Workflow | None) -> Iterator[str]:
    if workflow is None or run.state not in {RunState.FAILED, RunState.CANCELLED}:
        return
    begun = {done.name for done in run.steps if done.tries}
    for step in workflow.steps:
        if step.name in begun and step.undo is not None:
            yield _undo_words(step)


def _undo_words(step: Step) -> str:
    return f"what step {step.name} did stays; to undo it: {step.undo}"
