"""Workflows as data: a named, versioned list of typed steps; who runs them, and with which code, is not said here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import GitopsError, InvalidInput, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*")


class InvalidWorkflow(InvalidInput):
    """A workflow whose steps do not fit together."""

    reason = "InvalidWorkflow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often a step is tried, and how long to pause between tries: seconds, growing by `factor`.

    Only errors of the classes `on` are worth another try; any other ends the run.
    """

    attempts: int = 4
    first_wait: float = 1.0
    factor: float = 2.0
    longest_wait: float = 30.0
    on: tuple[type[GitopsError], ...] = (Unavailable,)

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.first_wait < 0 or self.factor < 1 or self.longest_wait < self.first_wait:
            raise InvalidWorkflow(f"{self} is no rule: one attempt at least, pauses that do not shrink")

    def wait(self, failed: int) -> float:
        """Return the seconds to pause after `failed` tries."""
        return min(self.longest_wait, self.first_wait * self.factor ** (failed - 1))

    def to_document(self) -> dict[str, Any]:
        """Return the rule as plain data."""
        return {
            "attempts": self.attempts,
            "first_wait": self.first_wait,
            "factor": self.factor,
            "longest_wait": self.longest_wait,
            "on": [kind.reason for kind in self.on],
        }


ONCE = Retry(attempts=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: which action, what it reads and gives, how long it may take, and how it is undone.

    `inputs` and `outputs` name values of the run. `time_limit` is in seconds and holds for the whole step: its tries,
    its waits, before a kill and after. `undo` says in words what undoes the step; None for a step that changes
    nothing. `gate` is the group of validations that must pass before the step begins.
    """

    name: str
    action: str
    time_limit: float
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    retry: Retry = Retry()
    undo: str | None = None
    gate: str | None = None

    def __post_init__(self) -> None:
        for name in (self.name, self.action):
            if not _NAME.fullmatch(name):
                raise InvalidWorkflow(f"{name!r} is no name of a step or an action: lower case, digits, '-' and '.'")
        if self.time_limit <= 0:
            raise InvalidWorkflow(f"step {self.name}: a time limit of {self.time_limit} s ends it before it begins")

    @property
    def changes_something(self) -> bool:
        """Whether the step leaves a trace outside the run."""
        return self.undo is not None

    def to_document(self) -> dict[str, Any]:
        """Return the step as plain data."""
        return {
            "name": self.name,
            "action": self.action,
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
            "time_limit": self.time_limit,
            "retry": self.retry.to_document(),
            "undo": self.undo,
            "gate": self.gate,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A list of steps with a name. A run keeps the version that it began with.

    A version is raised when steps are added, removed, moved or given another action, so that a run of an older one
    is never continued with steps that it did not begin with. `inputs` names what the run itself can be given.
    `newest_only` says that a run of a newer revision makes those needless that have not changed anything.
    """

    name: str
    version: int
    summary: str
    steps: tuple[Step, ...]
    inputs: tuple[str, ...] = ()
    newest_only: bool = False

    def __post_init__(self) -> None:
        names = [step.name for step in self.steps]
        if not names or len(set(names)) != len(names):
            raise InvalidWorkflow(f"workflow {self.name}: steps need names, each its own: {', '.join(names)}")
        known = set(self.inputs)
        for step in self.steps:
            if missing := sorted(set(step.inputs) - known):
                raise InvalidWorkflow(f"workflow {self.name}: no step before {step.name} gives {', '.join(missing)}")
            known.update(step.outputs)

    def position(self, name: str) -> int:
        """Return the place of a step, counted from 0; raises InvalidInput."""
        for place, step in enumerate(self.steps):
            if step.name == name:
                return place
        known = ", ".join(step.name for step in self.steps)
        raise InvalidInput(f"workflow {self.name} has no step {name!r}; it has {known}")

    def check_inputs(self, given: Mapping[str, Any]) -> None:
        """Raise InvalidInput for an input that the workflow does not know."""
        if unknown := sorted(given.keys() - set(self.inputs)):
            known = ", ".join(self.inputs) or "none"
            raise InvalidInput(f"workflow {self.name} has no input {', '.join(unknown)}; it takes {known}")

    def to_document(self) -> dict[str, Any]:
        """Return the workflow as plain data, as `tripleo-plan run workflows` prints it."""
        return {
            "name": self.name,
            "version": self.version,
            "summary": self.summary,
            "inputs": list(self.inputs),
            "newest_only": self.newest_only,
            "steps": [step.to_document() for step in self.steps],
        }
