"""The engine of runs: takes them, executes them, takes over those of the dead, in a server or inside one command."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from tripleo_gitops.errors import Unavailable
from tripleo_gitops.runs.durable import Durable, own_queue
from tripleo_gitops.runs.execution import Execution, Surroundings
from tripleo_gitops.runs.executors import BEAT_SECONDS, HERE, LEASE_SECONDS, SERVER, Lease
from tripleo_gitops.runs.held import OVERTIME_SECONDS, HeldRun
from tripleo_gitops.runs.keeping import KEEP, forget_old
from tripleo_gitops.runs.news import Silence
from tripleo_gitops.runs.record import Failure, RunState
from tripleo_gitops.runs.sweeping import Sweeper
from tripleo_gitops.runs.tenure import Tenure, TenureLost, take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.steps import StepBody
    from tripleo_gitops.runs.execution import Watcher
    from tripleo_gitops.runs.keeping import KeepRule
    from tripleo_gitops.runs.news import Teller
    from tripleo_gitops.runs.record import LogLine, RunRecord, RunRequest
    from tripleo_gitops.runs.store import RunStore
    from tripleo_gitops.runs.workflow import Step, Workflow

FOLLOW_SECONDS = 0.1
SWEEP_SECONDS = 1.0
TAKE_SECONDS = 0.5
KEEP_SECONDS = 3600.0
PARTING_SECONDS = 5.0


class LeaseTakenOver(Unavailable):
    """This process stood still for so long that others went on with its runs."""

    reason = "LeaseTakenOver"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """How one process works at runs: how many steps at once, how long others wait before they count it as dead.

    `kind` is `server` or `here`. `grace` is how long steps under way may take when a server is told to stop, `sweep`
    how often it looks for work, `overtime` how long after its limit a step that never looks is given up: seconds.
    """

    kind: str = HERE
    workers: int = 8
    lease: float = LEASE_SECONDS
    beat: float = BEAT_SECONDS
    grace: float = 30.0
    sweep: float = SWEEP_SECONDS
    overtime: float = OVERTIME_SECONDS
    keep: KeepRule = KEEP


class Engine:
    """One process that works at runs; to be used as a context manager.

    A server takes every run that is meant for servers. An engine inside a command takes the runs that it is told to
    drive, and those of the same plans that a dead process left. `teller` tells others of the states of runs.
    """

    def __init__(
        self,
        store: RunStore,
        *,
        workflows: Sequence[Workflow],
        bodies: Mapping[str, StepBody],
        clock: Clock,
        settings: EngineSettings | None = None,
        teller: Teller | None = None,
    ) -> None:
        self.store, self._clock, self._settings = store, clock, settings or EngineSettings()
        self._workflows = {(workflow.name, workflow.version): workflow for workflow in workflows}
        self._newest = {workflow.name: workflow for workflow in sorted(workflows, key=lambda known: known.version)}
        self._lease = Lease(store.database, kind=self._settings.kind, clock=clock, seconds=self._settings.lease)
        self.lane = SERVER if self._settings.kind == SERVER else self._lease.id
        self._slots = threading.BoundedSemaphore(self._settings.workers)
        self._teller = teller or Silence()
        self._around = Surroundings(bodies=bodies, clock=clock, slot=self._slot, tell=self._tell)
        self._held: dict[str, HeldRun] = {}
        self._active: set[str] = set()
        self._is_draining, self._is_stopping = threading.Event(), threading.Event()

    def __enter__(self) -> Self:
        self._lease.begin(now=self.store.now())
        queue = None if self.lane == SERVER else own_queue(self._lease.id)
        self._durable = Durable(self.store.database, executor=self._lease.id, own_queue=queue)
        self._durable.launch(self._execute)
        self._sweeper = Sweeper(
            self.store, self._durable, executor=self._lease.id, lane=self.lane, active=self._active, clock=self._clock
        )
        self._ticker = threading.Thread(target=self._tick, name="runs-ticker", daemon=True)
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_draining.set()
        self._is_stopping.set()
        self._await_quiet(PARTING_SECONDS)
        self._ticker.join()
        self._durable.close()
        self._tell()
        self._teller.part()
        if not self._active:
            self._lease.end()

    def start(self, request: RunRequest) -> RunRecord:
        """Record what is asked for as a queued run of this engine's lane; raises InvalidInput."""
        return self.store.add(request, self._newest[request.workflow], lane=self.lane)

    def resume(self, run: str, *, actor: str, step: str | None = None) -> RunRecord:
        """Let a run go on with its first step that is not done, or with `step` of those before; then `drive` it.

        A run that is not at its end is left as it is. Raises RunNotFound, RunUnderWay, InvalidInput.
        """
        found = self.store.get(run)
        if not found.state.is_end and step is None:
            return found
        position = found.position_to_resume(step)
        return self.store.begin_again(found.id, position=position, actor=actor, lane=self.lane)

    @property
    def executor(self) -> str:
        """The name of this process as runs know it."""
        return self._lease.id

    def drive(self, run: str, *, on_line: Callable[[LogLine], None], after: int = 0) -> RunRecord:
        """Work at a run until its end, and return it; where a living process has it, follow that one.

        `on_line` gets the lines of its log after the one numbered `after`. What a dead process left of the plan is
        finished first. Raises LeaseTakenOver, DatabaseUnavailable.
        """
        found = self.store.get(run)
        if found.state is RunState.QUEUED:
            self.store.hand_over(found.id, lane=self.lane)
        seen, swept = after, float("-inf")
        while True:
            ended = self.store.get(found.id)
            while page := self.store.lines(found.id, after=seen):
                for line in page:
                    on_line(line)
                seen = page[-1].seq
            if ended.state.is_end:
                self._forget_old()
                return ended
            self._check_lease()
            if self._clock.monotonic() - swept > self._settings.sweep:
                self._tell()
                self._sweeper.sweep(plan=found.plan, also=found.id)
                swept = self._clock.monotonic()
            self._clock.sleep(FOLLOW_SECONDS)

    def serve(self, stop: threading.Event) -> None:
        """Work at all runs for servers until `stop`; steps under way get their grace. Raises LeaseTakenOver."""
        kept = float("-inf")
        while not stop.is_set():
            self._check_lease()
            self._tell()
            self._sweeper.sweep(plan=None)
            if self._clock.monotonic() - kept > KEEP_SECONDS:
                self._forget_old()
                kept = self._clock.monotonic()
            stop.wait(self._settings.sweep)
        self._is_draining.set()
        self._await_quiet(self._settings.grace)

    def _forget_old(self) -> None:
        while gone := forget_old(self.store, self._settings.keep):
            self._durable.forget(gone)

    def _is_allowed(self) -> bool:
        return not self._is_stopping.is_set() and self._lease.is_held()

    def _check_lease(self) -> None:
        if not self._lease.is_held():
            raise LeaseTakenOver(
                f"this process stood still for over {self._settings.lease:.0f} s, and others went on with its runs; "
                "nothing is lost, start it again"
            )

    def _execute(self, run: str) -> None:
        """Work at a run that DBOS handed over, in a thread of DBOS, from the first step that is not done."""
        if run in self._active:
            raise TenureLost(run)
        self._active.add(run)
        try:
            self._work_at(run)
        except Exception as exc:
            # Wide on purpose: the database that is away, and any bug outside of the steps' bodies. What is raised here,
            # DBOS counts as the run's end for good; TenureLost passes it by, so that a sweep finds the run again.
            raise TenureLost(run) from exc
        finally:
            self._held.pop(run, None)
            self._active.discard(run)

    def _work_at(self, run: str) -> None:
        tenure = self._taken(run)
        if tenure is None:
            return
        self._tell()
        overtime = self._settings.overtime
        held = HeldRun(tenure, is_allowed=self._is_allowed, clock=self._clock, overtime=overtime)
        self._held[run] = held
        record = self.store.get(run)
        workflow = self._workflows.get((record.workflow, record.version))
        if workflow is None:
            tenure.finish(RunState.FAILED, failure=_unknown(record))
            return
        try:
            self._do(tenure, workflow, held)
        finally:
            self._tell()

    def _do(self, tenure: Tenure, workflow: Workflow, held: HeldRun) -> None:
        execution = Execution(tenure, workflow, around=self._around, watcher=held, diary=held.diary)
        try:
            execution.run(self._once)
            self._settle(tenure)
        except BaseException as exc:
            if isinstance(exc, TenureLost) and self.store.get(tenure.run).state.is_end:
                return
            tenure.release()  # DBOS gave the run to another process, whose errors are no Exceptions; or we are to end
            raise

    def _taken(self, run: str) -> Tenure | None:
        """Return our tenure of a run, once it and its plan are free; None for a run that is at its end."""
        while True:
            if self._is_draining.is_set() or not self._lease.is_held():
                raise TenureLost(run)
            if tenure := take(self.store, run, executor=self._lease.id):
                return tenure
            if self.store.get(run).state.is_end:
                return None
            self._clock.sleep(TAKE_SECONDS)

    def _once(self, step: Step, work: Callable[[], bool]) -> bool:
        if self._is_draining.is_set():
            raise TenureLost(step.name)
        return self._durable.step(step.name, work)

    def _tell(self) -> None:
        self._teller.hear(self._lease.id)

    def _settle(self, tenure: Tenure) -> None:
        """Queue a run again whose steps DBOS takes for done and we do not: it was asked to go on meanwhile."""
        if not self.store.get(tenure.run).state.is_end:
            tenure.requeue()

    @contextmanager
    def _slot(self, watcher: Watcher) -> Iterator[None]:
        while not self._slots.acquire(timeout=TAKE_SECONDS):
            watcher.check()
        try:
            yield
        finally:
            self._slots.release()

    def _tick(self) -> None:
        """Renew the lease, write down what runs said, and look who was asked to stop; until this process ends."""
        while not (self._is_stopping.is_set() and not self._active):
            try:
                self._lease.renew()
                for held in list(self._held.values()):
                    held.look()
            except (DBAPIError, Unavailable):
                pass  # what needs the lease asks for itself, and waits there
            if self._is_stopping.wait(self._settings.beat) and self._active:
                self._clock.sleep(FOLLOW_SECONDS)
                if self._clock.monotonic() > self._parting_ends:
                    return

    def _await_quiet(self, seconds: float) -> None:
        self._parting_ends = self._clock.monotonic() + seconds
        while self._active and self._clock.monotonic() < self._parting_ends:
            self._clock.sleep(FOLLOW_SECONDS)


def _unknown(record: RunRecord) -> Failure:
    return Failure(
        "UnknownWorkflow",
        f"this tool does not know version {record.version} of workflow {record.workflow}; resume the run with the "
        "tool that began it, or cancel it and start a new one",
    )
