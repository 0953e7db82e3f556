"""Mistral as an engine of runs: they are asked for, listed, read, followed, approved and stopped there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from tripleo_gitops.errors import Unavailable
from tripleo_gitops.openstack.connection import RequestRejected
from tripleo_gitops.openstack.workflow_service import ActionFailed
from tripleo_gitops.operations.playbooks.validation_results import ValidationRecord
from tripleo_gitops.operations.steps import Approval, Level
from tripleo_gitops.runs.mistral_runs import ENVIRONMENT, full_name, plan_of, run_of
from tripleo_gitops.runs.record import LogLine
from tripleo_gitops.runs.store import RunIsOver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tripleo_gitops.openstack.workflow_service import Execution, WorkflowService
    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.runs.record import RunRecord, RunRequest
    from tripleo_gitops.runs.store import RunFilter

T = TypeVar("T")

LOOK_SECONDS, OUTAGE_SECONDS = 0.5, 300.0
PAGE, MOST_PAGES = 100, 10
AT_ONCE = 8


class MistralEngine:
    """The runs of one project in one Mistral."""

    def __init__(self, service: WorkflowService, *, clock: Clock, say: Callable[[str], None]) -> None:
        self._service, self._clock, self._say = service, clock, say

    def start(self, request: RunRequest) -> RunRecord:
        """Begin an execution of the request's workflow, of its revision and bound to what was shown.

        Mistral's executors need the revision in the plan's repository that they see. Raises NoSuchWorkflow.
        """
        asked: dict[str, Any] = {"trigger": request.trigger}
        if request.shown is not None:
            asked |= {"digest": request.shown.digest, "text": request.shown.text}
        inputs = {"container": request.plan, "revision": request.revision, **request.inputs}
        begun = self._service.start(full_name(request.workflow), inputs, environment={ENVIRONMENT: asked})
        return run_of(begun, ())

    def get(self, run: str) -> RunRecord:
        """Return a run with its steps and approvals; raises NoSuchExecution."""
        found = self._service.execution(run)
        lines: list[LogLine] = []
        notes = self._notes(found, after=0)
        while notes["lines"]:
            lines.extend(map(_line, notes["lines"]))
            notes = {**notes, **self._notes(found, after=lines[-1].seq)}
        return run_of(
            found,
            self._service.tasks(run),
            lines=[line for line in lines if line.level in (Level.WARNING, Level.ERROR)],
            approvals=tuple(map(_approval, notes["approvals"])),
        )

    def page(self, wanted: RunFilter, *, limit: int) -> tuple[RunRecord, ...]:
        """Return runs, the newest first, of the last thousand executions of the project."""
        chosen: list[RunRecord] = []
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            for executions in self._executions(wanted):
                found = pool.map(self._summary, executions)
                chosen.extend(run for run in found if _is_wanted(run, wanted))
                if len(chosen) >= limit:
                    break
        return tuple(chosen[:limit])

    def lines(self, run: str, *, after: int = 0) -> tuple[LogLine, ...]:
        """Return lines of a run's log whose `seq` is greater than `after`, the oldest first."""
        return tuple(map(_line, self._notes(self._service.execution(run), after=after)["lines"]))

    def validations(self, run: str, *, most: int) -> tuple[ValidationRecord, ...]:
        """Return a record of each validation that a run played, as its executors keep them; raises NoSuchExecution."""
        plan = plan_of(self._service.execution(run))
        asked = {"container": plan, "execution": run, "limit": most}
        found = self._service.act("tripleo.git.validation_results", asked)
        return tuple(map(ValidationRecord.of_document, found))

    def cancel(self, run: str) -> RunRecord:
        """Ask a run to stop: its step does so at its next look. Raises NoSuchExecution, RunIsOver."""
        found = self.get(run)
        if found.state.is_end:
            raise RunIsOver(f"run {run} is {found.state} already")
        self._service.cancel(run)
        return self.get(run)

    def approve(self, run: str, *, comment: str) -> RunRecord:
        """Record the login's yes to a run; raises ActionFailed with the reason where it would not count."""
        found = self._service.execution(run)
        self._service.act("tripleo.git.approve", {"container": plan_of(found), "execution": run, "comment": comment})
        return self.get(run)

    def follow(self, run: str, *, on_line: Callable[[LogLine], None], after: int = 0) -> RunRecord:
        """Tell of a run's log as it grows and return the run at its end; outages of five minutes are waited for."""
        while True:
            found = self._patiently(partial(self._service.execution, run))
            while told := self._patiently(partial(self._notes, found, after=after))["lines"]:
                for line in map(_line, told):
                    on_line(line)
                    after = line.seq
            if found.is_over:
                return self._patiently(partial(self.get, run))
            self._clock.sleep(LOOK_SECONDS)

    def _executions(self, wanted: RunFilter) -> Iterator[tuple[Execution, ...]]:
        """Yield a few executions at a time that are runs of the wanted plan, the newest first."""
        before, marker = wanted.asked_before, None
        time = None if before is None else datetime.fromtimestamp(before, UTC).strftime("%Y-%m-%d %H:%M:%S")
        for _ in range(MOST_PAGES):
            page = self._service.executions(limit=PAGE, before=time, marker=marker)
            mine = [one for one in page if not one.is_part and _concerns(one, wanted.plan)]
            yield from (tuple(mine[first : first + AT_ONCE]) for first in range(0, len(mine), AT_ONCE))
            if len(page) < PAGE:
                return
            marker = page[-1].id

    def _summary(self, execution: Execution) -> RunRecord:
        if execution.state == "ERROR":
            return self.get(execution.id)
        return run_of(execution, self._service.tasks(execution.id, results_of=("begin",)))

    def _notes(self, execution: Execution, *, after: int) -> Mapping[str, Any]:
        """Return the executors' notes about an execution; none where they keep none, or the plan is gone."""
        plan = plan_of(execution)
        if not plan:
            return {"lines": (), "approvals": ()}
        try:
            inputs = {"container": plan, "execution": execution.id, "after": after}
            found: Mapping[str, Any] = self._service.act("tripleo.git.log", inputs)
        except (ActionFailed, RequestRejected):
            return {"lines": (), "approvals": ()}
        return found

    def _patiently(self, ask: Callable[[], T]) -> T:
        begun, was_told = self._clock.monotonic(), False
        while True:
            try:
                return ask()
            except Unavailable as exc:
                if self._clock.monotonic() - begun > OUTAGE_SECONDS:
                    raise
                if not was_told:
                    self._say(f"{exc}; the run goes on, waiting to hear of it")
                was_told = True
            self._clock.sleep(LOOK_SECONDS)


def _concerns(execution: Execution, plan: str | None) -> bool:
    """Return whether an execution is of a workflow of ours, and for a plan (None: for any, or none)."""
    found = plan_of(execution)
    return found is not None and plan in (None, found)


def _is_wanted(run: RunRecord, wanted: RunFilter) -> bool:
    return (wanted.states is None or run.state in wanted.states) and wanted.workflow in (None, run.workflow)


def _line(document: Mapping[str, Any]) -> LogLine:
    return LogLine(
        seq=document["seq"],
        time=datetime.fromtimestamp(document["time"], UTC),
        step=document["step"],
        level=Level(document["level"]),
        text=document["text"],
    )


def _approval(document: Mapping[str, Any]) -> Approval:
    return Approval(
        actor=document["actor"],
        time=datetime.fromtimestamp(document["time"], UTC),
        digest=document["digest"],
        comment=document["comment"],
    )
