"""What fault cases of runs do for work: bodies that leave marks in a file of their own, and how those are read."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import Refused, Unavailable
from tripleo_gitops.operations.steps import NotYet
from tripleo_gitops.runs.workflow import ONCE, Retry, Step, Workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from tripleo_gitops.operations.steps import StepBody, StepContext

EFFECTS = 3
LONG = "and says so at length " * 150
"""So that a full disk is noticed."""
QUICK = Retry(attempts=5, first_wait=0.02, longest_wait=0.05)
MINUTE = 60.0


def _step(name: str, action: str = "mark", *, retry: Retry = ONCE, undo: str | None = "nothing") -> Step:
    gives = (f"{name}-gave",)
    return Step(name=name, action=action, time_limit=MINUTE, outputs=gives, retry=retry, undo=undo)


PLAIN = Workflow(name="plain", version=1, summary="", steps=(_step("one"), _step("two"), _step("three")))
WAITING = Workflow(name="waiting", version=1, summary="", steps=(_step("one", "wait", undo=None), _step("two")))
TRYING = Workflow(name="trying", version=1, summary="", steps=(_step("one"), _step("two", "fail-twice", retry=QUICK)))
FAILING = Workflow(name="failing", version=1, summary="", steps=(_step("one"), _step("two", "refuse"), _step("three")))
SLOW = Workflow(name="slow", version=1, summary="", steps=(_step("one", "slowly"), _step("two", "slowly")))
WORKFLOWS = (PLAIN, WAITING, TRYING, FAILING, SLOW)
ENDS = {"plain": "succeeded", "waiting": "succeeded", "trying": "succeeded", "failing": "failed", "slow": "succeeded"}


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: `begin`, `effect` or `end`, of which step of which run and plan, by which process."""

    kind: str
    plan: str
    run: str
    step: str
    pid: int


class Witness:
    """A file that marks are put to, whole, in the order of real time; independent of any database."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def mark(self, kind: str, context: StepContext) -> None:
        """Put a mark to the file, in one write."""
        line = f"{kind} {context.plan} {context.run_id} {context.step} {os.getpid()}\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    def marks(self) -> tuple[Mark, ...]:
        """Return all marks, in their order."""
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        return tuple(Mark(*line.split()[:4], pid=int(line.split()[4])) for line in lines)


def bodies(witness: Witness, *, on_mark: Callable[[], None] = lambda: None) -> Mapping[str, StepBody]:
    """Return bodies that do nothing but leave marks, wait, and fail; `on_mark` is called around each mark."""

    def mark(context: StepContext, *, pause: float = 0.0) -> Mapping[str, Any]:
        for kind in ("begin", *["effect"] * EFFECTS, "end"):
            if pause:
                context.clock.sleep(pause)
            context.check()
            on_mark()
            witness.mark(kind, context)
            on_mark()
        context.log(f"{context.step} left its marks {LONG}")
        return {f"{context.step}-gave": context.attempt}

    def wait(context: StepContext) -> Mapping[str, Any]:
        if not context.resumed:
            raise NotYet("waits for a moment", retry_after=0.05)
        return mark(context)

    def fail_twice(context: StepContext) -> Mapping[str, Any]:
        if context.attempt < 3:
            raise Unavailable("is away for a moment")
        return mark(context)

    def refuse(context: StepContext) -> Mapping[str, Any]:
        mark(context)
        raise Refused("says no")

    return {
        "mark": mark,
        "slowly": lambda context: mark(context, pause=0.05),
        "wait": wait,
        "fail-twice": fail_twice,
        "refuse": refuse,
    }


def problems_with(marks: Iterable[Mark], *, order: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return what was done twice at once, and what was done again though a later step had begun.

    A process that died leaves a step begun; whoever comes next begins it again. After that, no mark of the first one
    may follow. `order` has the steps of each run.
    """
    found: list[str] = []
    doing: dict[str, Mark] = {}
    reached: dict[str, int] = {}
    for mark in marks:
        place = order[mark.run].index(mark.step)
        if mark.kind == "begin":
            if place < reached.get(mark.run, 0):
                found.append(f"{mark.run}: step {mark.step} began again after a later one had begun")
            reached[mark.run] = place
            doing[mark.plan] = mark
            continue
        now = doing.get(mark.plan)
        if now is None or (now.run, now.step, now.pid) != (mark.run, mark.step, mark.pid):
            found.append(f"{mark.plan}: {mark} came while {now} was under way")
        if mark.kind == "end":
            doing.pop(mark.plan, None)
    return found


def wait_until(what: Callable[[], bool], *, seconds: float) -> bool:
    """Return whether something comes true in time."""
    ends = time.monotonic() + seconds
    while not what():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True
