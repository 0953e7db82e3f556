"""An engine of runs in this process, with bodies that a test makes up, and a database of its own."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tripleo_gitops.operations.steps import Place
from tripleo_gitops.runs.database import open_database
from tripleo_gitops.runs.engine import Engine, EngineSettings
from tripleo_gitops.runs.record import RunRequest
from tripleo_gitops.runs.store import RunStore
from tripleo_gitops.runs.workflow import Retry, Step, Workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tripleo_gitops.operations.steps import StepContext
    from tripleo_gitops.runs.record import LogLine, RunRecord

REVISION = "main@sha1:" + "1" * 40
NEWER = "main@sha1:" + "2" * 40
QUICK = Retry(attempts=3, first_wait=0.01, longest_wait=0.02)
PLANS = (f"plan-{number}" for number in itertools.count())


def step(name: str, *, action: str | None = None, **options: Any) -> Step:
    return Step(**({"name": name, "action": action or name, "time_limit": 20.0, "retry": QUICK} | options))


THREE = Workflow(
    name="three",
    version=1,
    newest_only=True,
    summary="",
    inputs=("given",),
    steps=(
        step("one", inputs=("given",), outputs=("first",)),
        step("two", inputs=("first",), outputs=("second",), undo="undo two"),
        step("three", inputs=("second",)),
    ),
)
SHORT = Workflow(name="short", version=1, summary="", steps=(step("one", time_limit=0.3),))


@dataclass
class Stage:
    """An engine, what its bodies do, and what they were called with."""

    engine: Engine
    store: RunStore
    does: dict[str, Callable[[StepContext], Mapping[str, Any]]] = field(default_factory=dict)
    calls: list[StepContext] = field(default_factory=list)

    def ask(self, workflow: str = "three", *, plan: str | None = None, **options: Any) -> RunRecord:
        """Ask for a run of this process."""
        return self.engine.start(request(workflow, plan=plan or next(PLANS), **options))

    def run(self, workflow: str = "three", **options: Any) -> RunRecord:
        """Ask for a run and drive it to its end."""
        return self.drive(self.ask(workflow, **options))

    def drive(self, run: RunRecord, *, on_line: Callable[[LogLine], None] = lambda _line: None) -> RunRecord:
        return self.engine.drive(run.id, on_line=on_line)

    def texts(self, run: RunRecord) -> list[str]:
        """The texts of a run's log."""
        return [line.text for line in self.store.lines(run.id)]

    def called(self) -> list[str]:
        """The steps that were called, in their order."""
        return [context.step for context in self.calls]


def request(workflow: str = "three", *, plan: str = "plan", revision: str = REVISION, **options: Any) -> RunRequest:
    return RunRequest(
        workflow=workflow,
        plan=plan,
        revision=revision,
        trigger="cli",
        actor="Operator <operator@example.org>",
        place=Place(repository="/plans/plan"),
        **options,
    )


@pytest.fixture(scope="module")
def _stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    database = open_database(
        f"sqlite:///{tmp_path_factory.mktemp('runs') / 'runs.sqlite'}", clock=time, say=lambda _text: None
    )
    store = RunStore(database, now=time.time)
    stage: list[Stage] = []

    def body(context: StepContext) -> Mapping[str, Any]:
        stage[0].calls.append(context)
        return stage[0].does.get(context.step, lambda _context: {})(context)

    settings = EngineSettings(beat=0.05, sweep=0.05, lease=30.0, overtime=0.3)
    bodies = dict.fromkeys(("one", "two", "three"), body)
    with Engine(store, workflows=(THREE, SHORT), bodies=bodies, clock=time, settings=settings) as engine:
        stage.append(Stage(engine, store))
        yield stage[0]
    database.close()


@pytest.fixture
def stage(_stage: Stage) -> Stage:
    _stage.does.clear()
    _stage.calls.clear()
    return _stage


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    """Records of runs that nobody works at."""
    database = open_database(f"sqlite:///{tmp_path / 'runs.sqlite'}", clock=time, say=lambda _text: None)
    yield RunStore(database, now=time.time)
    database.close()
