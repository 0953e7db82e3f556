"""Who may work at a run: one process at a time, the living one, whatever clocks say."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.runs.conftest import NEWER, THREE, request
from tripleo_gitops.operations.steps import Level
from tripleo_gitops.runs import tables
from tripleo_gitops.runs.executors import HERE, SERVER, Lease, Watch, is_running, this_process
from tripleo_gitops.runs.held import HeldRun
from tripleo_gitops.runs.record import RunState, StepState
from tripleo_gitops.runs.tenure import TenureLost, take

if TYPE_CHECKING:
    from tripleo_gitops.runs.record import RunRecord
    from tripleo_gitops.runs.store import RunStore


@dataclass
class HandClock:
    """A clock that is put forward by hand."""

    at: float = 1000.0

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


def begun(store: RunStore, clock: HandClock, kind: str = SERVER) -> Lease:
    lease = Lease(store.database, kind=kind, clock=clock, seconds=10.0)
    lease.begin(now=0.0)
    return lease


def asked(store: RunStore, *, plan: str = "plan", revision: str = NEWER) -> RunRecord:
    return store.add(request(plan=plan, revision=revision), THREE, lane=SERVER)


def let_it_look_dead(store: RunStore, lease: Lease) -> None:
    """Let a row name a process that ended."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    row = sa.update(tables.executors).where(tables.executors.c.id == lease.id).values(pid=gone.pid)
    store.database.write(lambda connection: connection.execute(row))


def test_a_process_knows_itself_and_that_it_runs() -> None:
    assert is_running(this_process())


def test_a_process_of_this_machine_that_is_gone_is_dead_at_once(store: RunStore) -> None:
    clock = HandClock()
    lease, other = begun(store, clock), begun(store, clock)
    let_it_look_dead(store, lease)
    assert Watch(store.database, clock=clock).bury(but=other.id) == (lease.id,)
    assert not lease.renew()


def test_a_process_whose_beat_stands_still_for_its_lease_is_dead(store: RunStore) -> None:
    clock = HandClock()
    lease, other = begun(store, clock), begun(store, clock)
    watch = Watch(store.database, clock=clock)
    assert watch.bury(but=other.id) == ()
    clock.sleep(9.0)
    assert watch.bury(but=other.id) == ()
    clock.sleep(2.0)
    assert watch.bury(but=other.id) == (lease.id,)


def test_a_process_that_beats_is_never_dead(store: RunStore) -> None:
    clock = HandClock()
    lease, other = begun(store, clock), begun(store, clock)
    watch = Watch(store.database, clock=clock)
    for _ in range(20):
        assert lease.renew()
        assert watch.bury(but=other.id) == ()
        clock.sleep(8.0)


def test_a_process_that_slept_through_its_lease_asks_before_it_goes_on(store: RunStore) -> None:
    clock = HandClock()
    lease, other = begun(store, clock), begun(store, clock)
    assert lease.is_held()
    watch = Watch(store.database, clock=clock)
    watch.bury(but=other.id)
    clock.sleep(11.0)
    watch.bury(but=other.id)
    assert not lease.is_held()


def test_a_plan_has_one_run_at_a_time(store: RunStore) -> None:
    lease = begun(store, HandClock())
    first = asked(store)
    tenure = take(store, first.id, executor=lease.id)
    assert tenure is not None
    second = asked(store, revision=f"main@sha1:{'3' * 40}")
    assert take(store, second.id, executor=lease.id) is None
    assert take(store, asked(store, plan="another").id, executor=lease.id) is not None
    tenure.finish(RunState.SUCCEEDED)
    assert take(store, second.id, executor=lease.id) is not None


def test_a_run_is_not_taken_from_a_living_process(store: RunStore) -> None:
    clock = HandClock()
    lease, other = begun(store, clock), begun(store, clock)
    run = asked(store)
    assert take(store, run.id, executor=lease.id) is not None
    assert take(store, run.id, executor=other.id) is None


def test_what_a_process_writes_after_its_run_was_taken_over_is_refused(store: RunStore) -> None:
    clock = HandClock()
    lease, other = begun(store, clock), begun(store, clock)
    run = asked(store)
    tenure = take(store, run.id, executor=lease.id)
    assert tenure is not None
    tenure.begin_step(0, is_new_try=True)
    let_it_look_dead(store, lease)
    Watch(store.database, clock=clock).bury(but=other.id)
    newer = take(store, run.id, executor=other.id)
    assert newer is not None
    for write in (
        lambda: tenure.finish_step(0, outputs={"first": 1}, spent=1.0, lines=()),
        lambda: tenure.say([(0.0, None, Level.INFO, "too late")]),
        lambda: tenure.finish(RunState.FAILED),
    ):
        with pytest.raises(TenureLost):
            write()
    newer.finish_step(0, outputs={"first": 2}, spent=1.0, lines=())
    assert store.get(run.id).result == {"first": 2}
    assert "too late" not in [line.text for line in store.lines(run.id)]


def test_a_process_without_a_lease_takes_nothing(store: RunStore) -> None:
    with pytest.raises(TenureLost):
        take(store, asked(store).id, executor="nobody")


def test_a_run_of_a_dead_process_is_cancelled_at_once(store: RunStore) -> None:
    clock = HandClock()
    lease = begun(store, clock, HERE)
    run = asked(store)
    take(store, run.id, executor=lease.id)
    let_it_look_dead(store, lease)
    Watch(store.database, clock=clock).bury(but="")
    assert store.ask_cancel(run.id, actor="somebody").state is RunState.CANCELLED
    assert store.holder("plan") is None


def test_the_clock_of_the_wall_decides_nothing(store: RunStore) -> None:
    clock, wall = HandClock(), iter((1e9, 0.0, 5e9, -1e6, 2e9, 7.0) * 20)
    store.now = lambda: next(wall)
    lease = begun(store, clock)
    run = asked(store)
    tenure = take(store, run.id, executor=lease.id)
    assert tenure is not None
    tenure.begin_step(0, is_new_try=True)
    tenure.finish_step(0, outputs={}, spent=1.0, lines=())
    assert lease.is_held()
    assert time.time() > 0


def test_what_a_step_took_is_written_down_while_it_goes_on(store: RunStore) -> None:
    clock = HandClock()
    lease = begun(store, clock)
    tenure = take(store, asked(store).id, executor=lease.id)
    assert tenure is not None
    tenure.begin_step(0, is_new_try=True)
    held = HeldRun(tenure, is_allowed=lambda: True, clock=clock)
    held.measure(0, THREE.steps[0], lambda: clock.at - 1000.0)
    clock.sleep(7.0)
    held.look()
    assert store.get(tenure.run).steps[0].spent == 7.0


def test_a_step_far_past_its_limit_ends_its_run_unless_it_came_to_its_end(store: RunStore) -> None:
    clock = HandClock()
    lease, run = begun(store, clock), asked(store)
    tenure = take(store, run.id, executor=lease.id)
    assert tenure is not None
    held = HeldRun(tenure, is_allowed=lambda: True, clock=clock, overtime=60.0)
    tenure.begin_step(0, is_new_try=True)
    held.measure(0, THREE.steps[0], lambda: 1000.0)
    held.rest()
    held.look()
    held.check()
    assert store.get(run.id).state is RunState.RUNNING
    held.measure(0, THREE.steps[0], lambda: 79.0)
    held.look()
    assert store.get(run.id).state is RunState.RUNNING
    held.measure(0, THREE.steps[0], lambda: 81.0)
    held.look()
    ended = store.get(run.id)
    assert (ended.state, ended.steps[0].state, store.holder("plan")) == (RunState.FAILED, StepState.FAILED, None)
    with pytest.raises(TenureLost):
        held.check()
    with pytest.raises(TenureLost):
        tenure.finish_step(0, outputs={}, spent=90.0, lines=())
