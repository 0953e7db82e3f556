"""A run as it is kept and read: what asked for it, what was shown, how far it is, how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import GitopsError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tripleo_gitops.operations.steps import Approval, Level, Place


class RunState(StrEnum):
    """Where a run stands. The last four are ends; a run leaves them only by `resume` or `retry-from`."""

    QUEUED = "queued"
    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"

    @property
    def is_end(self) -> bool:
        """Whether nothing more happens of itself."""
        return self in _ENDS


_ENDS = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED, RunState.SUPERSEDED})


class EngineName(StrEnum):
    """Who works at runs: this tool itself, or OpenStack's workflow service."""

    EMBEDDED = "embedded"
    MISTRAL = "mistral"


class StepState(StrEnum):
    """Where a step stands."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something ended badly: the error's stable reason, and its one line."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person was shown before the run was asked for: the digest of it all, and its text with secrets masked."""

    digest: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step of a run. `spent` counts the seconds that somebody worked or waited at it.

    `tries` counts attempts: it grows when the step failed and is tried again, not when it goes on after a kill.
    """

    name: str
    state: StepState = StepState.PENDING
    tries: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    spent: float = 0.0
    waits_for: str | None = None
    error: Failure | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What is asked for when a run is to be made. `trigger` is one of hook, watcher, webhook, poll, cli, gui, api.

    `revision` is spelled in full. `inputs` are JSON values, never a secret. Of two queued runs of one workflow for one
    plan the newer supersedes the older; with `key`, a request that was made before gives the run that it gave then.
    """

    workflow: str
    plan: str
    revision: str
    trigger: str
    actor: str
    place: Place
    inputs: Mapping[str, Any] = field(default_factory=dict)
    shown: Shown | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One execution of a workflow for a plan at a revision. One of Mistral's has no number."""

    id: str
    number: int
    workflow: str
    version: int
    plan: str
    revision: str
    trigger: str
    actor: str
    trace_id: str
    place: Place
    created: datetime
    started: datetime | None
    ended: datetime | None
    state: RunState
    executor: str | None
    inputs: Mapping[str, Any]
    shown: Shown | None
    approvals: tuple[Approval, ...]
    steps: tuple[StepRecord, ...]
    error: Failure | None
    superseded_by: str | None = None
    cancel_asked_by: str | None = None
    lines: int = 0
    engine: EngineName = EngineName.EMBEDDED

    @property
    def label(self) -> str:
        """What people call the run by."""
        return str(self.number) if self.engine is EngineName.EMBEDDED else self.id

    def check_succeeded(self) -> None:
        """Raise RunEndedBadly for a run that ended in another way than by success."""
        if self.state is not RunState.SUCCEEDED:
            raise RunEndedBadly(self)

    @property
    def result(self) -> Mapping[str, Any]:
        """What the steps gave, all in one."""
        return {name: value for step in self.steps for name, value in step.outputs.items()}

    def position_to_resume(self, step: str | None) -> int:
        """Return the place of the step to go on with, the first that is not done where none is named.

        Raises InvalidInput for a step that the run does not have, and for one that an undone step stands before.
        """
        names = [done.name for done in self.steps]
        undone = (place for place, done in enumerate(self.steps) if done.state is not StepState.SUCCEEDED)
        first = next(undone, len(names) - 1)
        if step is None:
            return first
        if step not in names:
            raise InvalidInput(f"run {self.number} has no step {step!r}; it has {', '.join(names)}")
        if names.index(step) > first:
            raise InvalidInput(f"run {self.number} cannot begin with {step}: {names[first]} before it is not done")
        return names.index(step)

    def step(self, name: str) -> StepRecord:
        """Return a step by its name; raises KeyError."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)


class RunEndedBadly(GitopsError):
    """A run that failed, was cancelled or superseded; holds it."""

    reason = "RunEndedBadly"

    def __init__(self, run: RunRecord) -> None:
        words = f": {run.error.message}" if run.error else ""
        super().__init__(f"run {run.label} is {run.state}{words}; `tripleo-plan run why {run.label}` tells more")
        self.run = run


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a run's log; `seq` grows within the run, and is where a reader goes on."""

    seq: int
    time: datetime
    step: str | None
    level: Level
    text: str
