"""Executions of Mistral as runs: the same record, so that they are read like any other."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tripleo_gitops.operations.steps import Level, Place
from tripleo_gitops.runs.record import EngineName, Failure, RunRecord, RunState, Shown, StepRecord, StepState
from tripleo_gitops.runs.run_workflows import SERVED, ServedWorkflow, task_name
from tripleo_gitops.runs.short_workflows import SHORT_WORKFLOWS, ShortWorkflow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tripleo_gitops.openstack.workflow_service import Execution, TaskExecution
    from tripleo_gitops.operations.steps import Approval
    from tripleo_gitops.runs.record import LogLine

ENVIRONMENT = "tripleo_plan"
"""The key of an execution's environment that holds what asked for it, and what was shown."""
NO_REASON = "StepFailed"
_ALL: tuple[ServedWorkflow | ShortWorkflow, ...] = (*SERVED, *SHORT_WORKFLOWS)
_KNOWN = {one.full_name: one for one in _ALL}
_EXECUTION = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REASON = re.compile(r"(?P<message>.*) \[(?P<reason>[A-Za-z]+)\]", re.DOTALL)
_STATES = {
    "SUCCESS": RunState.SUCCEEDED,
    "ERROR": RunState.FAILED,
    "CANCELLED": RunState.CANCELLED,
    "PAUSED": RunState.WAITING,
    "IDLE": RunState.QUEUED,
}
_STEP_STATES = {
    "SUCCESS": StepState.SUCCEEDED,
    "ERROR": StepState.FAILED,
    "CANCELLED": StepState.CANCELLED,
    "RUNNING": StepState.RUNNING,
    "DELAYED": StepState.WAITING,
}


def is_execution(run: str) -> bool:
    """Return whether a run is named as Mistral names executions; ours are not."""
    return _EXECUTION.fullmatch(run) is not None


def full_name(workflow: str) -> str:
    """Return the name under which Mistral has one of the engine's workflows, with the engine's own inputs."""
    return next(one.full_name for one in SERVED if one.workflow.name == workflow)


def plan_of(execution: Execution) -> str | None:
    """Return the plan that an execution is for: empty where it is for none, None where it is no workflow of ours."""
    known = _KNOWN.get(execution.workflow)
    if known is None:
        return None
    return str(execution.input.get(known.plan or "container") or "")


def failure_line(message: str, reason: str) -> str:
    """Return a step's error as its log has it, from which `run_of` reads the reason."""
    return f"{message} [{reason}]"


def run_of(
    execution: Execution,
    tasks: Sequence[TaskExecution],
    *,
    lines: Iterable[LogLine] = (),
    approvals: tuple[Approval, ...] = (),
) -> RunRecord:
    """Return an execution with its tasks as a run; the reasons of failures are in its log."""
    known, by_name = _KNOWN[execution.workflow], {task.name: task for task in tasks}
    said = tuple(lines)
    if isinstance(known, ServedWorkflow):
        name, version = known.workflow.name, known.workflow.version
        steps = tuple(_step(step.name, by_name.get(task_name(step)), said, execution) for step in known.workflow.steps)
    else:
        name, version = known.full_name, 1
        steps = (_step(known.action, by_name.get("act"), said, execution),)
    begun = _mapping(by_name["begin"].result) if "begin" in by_name else {}
    asked = _mapping(execution.environment.get(ENVIRONMENT))
    is_waiting = any(step.state is StepState.WAITING for step in steps)
    running = RunState.WAITING if is_waiting else RunState.RUNNING
    if "begin" in by_name and by_name["begin"].state.endswith("DELAYED"):
        running = RunState.QUEUED
    return RunRecord(
        id=execution.id,
        number=0,
        engine=EngineName.MISTRAL,
        workflow=name,
        version=version,
        plan=plan_of(execution) or "",
        revision=str(begun.get("revision") or execution.input.get("revision") or ""),
        trigger=str(asked.get("trigger") or "mistral"),
        actor=str(begun.get("actor") or "a user of this project"),
        trace_id=trace_of(execution.id),
        place=Place(repository=""),
        created=_time(execution.created) or datetime.fromtimestamp(0, UTC),
        started=_time(tasks[0].started) if tasks else None,
        ended=_time(execution.updated) if execution.is_over else None,
        state=_STATES.get(execution.state, running),
        executor=None,
        inputs=execution.input,
        shown=Shown(str(asked["digest"]), str(asked.get("text") or "")) if asked.get("digest") else None,
        approvals=approvals,
        steps=steps,
        error=_error(execution, steps, tasks) if execution.state == "ERROR" else None,
        lines=said[-1].seq if said else 0,
    )


def trace_of(execution: str) -> str:
    """Return the trace id of an execution: its own id, as 32 digits."""
    return execution.replace("-", "").ljust(32, "0")[:32]


def _step(name: str, task: TaskExecution | None, lines: Sequence[LogLine], execution: Execution) -> StepRecord:
    if task is None:
        return StepRecord(name=name)
    state = _STEP_STATES.get(task.state.removeprefix("RUNNING_"), StepState.PENDING)
    result = _mapping(task.result)
    own = [line for line in lines if line.step == name]
    started, ended = _time(task.started), _time(task.ended)
    until = ended or _time(execution.updated) or started
    outputs = result["outputs"] if "outputs" in result else {} if isinstance(task.result, str) else result
    return StepRecord(
        name=name,
        state=state,
        tries=1,
        started=started,
        ended=ended,
        spent=max(0.0, (until - started).total_seconds()) if started and until else 0.0,
        waits_for=_waits_for(result, own) if state is StepState.WAITING else None,
        error=_failure(task, own) if state is StepState.FAILED else None,
        outputs=outputs if state is StepState.SUCCEEDED else {},
    )


def _waits_for(result: Mapping[str, Any], own: Sequence[LogLine]) -> str:
    said = next((line.text for line in reversed(own) if line.level is Level.WARNING), "what it did not say")
    return str(result.get("not_yet") or said)


def _failure(task: TaskExecution, own: Sequence[LogLine]) -> Failure:
    said = next((line.text for line in reversed(own) if line.level is Level.ERROR), "")
    found = _REASON.fullmatch(said)
    if found is not None:
        return Failure(found["reason"], found["message"])
    return Failure(NO_REASON, str(task.result or task.info or "Mistral does not say why"))


def _error(execution: Execution, steps: Sequence[StepRecord], tasks: Sequence[TaskExecution]) -> Failure:
    failed = next((step.error for step in steps if step.error is not None), None)
    if failed is not None:
        return failed
    if execution.output.get("status") == "SUCCESS":
        return Failure(NO_REASON, f"all steps are done, and then: {execution.info or 'Mistral does not say what'}")
    begun = next((task for task in tasks if task.state == "ERROR"), None)
    words = begun.result if begun is not None and isinstance(begun.result, str) else execution.output.get("message")
    return Failure(NO_REASON, str(words or execution.info or "Mistral does not say why"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _time(text: str | None) -> datetime | None:
    """Return a time as Mistral writes it, in UTC, which it does not say."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
