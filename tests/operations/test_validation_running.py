"""Rounds of validations: bounded, stoppable, on record; and the records themselves, in memory and in a database."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.operations.validation_fakes import REVISION, ScriptedPlayer, Watched, around, job, stage
from tripleo_gitops.operations.playbooks.validation_results import (
    LOST_AFTER_SECONDS,
    MemoryResults,
    ResultQuery,
    ValidationRecord,
    ValidationState,
)
from tripleo_gitops.operations.playbooks.validation_running import run_validations
from tripleo_gitops.operations.playbooks.validation_stopping import NothingRuns, stop_validations
from tripleo_gitops.operations.steps import Level
from tripleo_gitops.runs.database import open_database
from tripleo_gitops.runs.validation_results import SqlValidationResults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Enough(Exception):
    """What a test's check raises."""


NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def record(name: str, **changes: Any) -> ValidationRecord:
    asked: dict[str, Any] = {
        "id": f"id-{name}",
        "run": "r1",
        "plan": "site1",
        "revision": REVISION,
        "validation": name,
        "name": name.title(),
        "origin": "plan",
        "group": "prep",
        "is_warning": False,
        "actor": "op",
        "state": ValidationState.RUNNING,
        "started": NOW,
    }
    return ValidationRecord(**{**asked, **changes})


@pytest.fixture(params=["memory", "database"])
def results(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Return each kind of store of records: both keep the same promises."""
    if request.param == "memory":
        yield MemoryResults()
        return
    database = open_database(f"sqlite:///{tmp_path}/runs.sqlite", clock=time, say=lambda _text: None)
    yield SqlValidationResults(database, now=lambda: NOW)
    database.close()


def test_a_record_is_found_as_it_was_kept(results: Any) -> None:
    begun = record("dns")
    results.begin(begun)
    ended = replace(
        begun,
        state=ValidationState.FAILED,
        ended=NOW + timedelta(seconds=2),
        detail="failed",
        problem="no",
        hosts=("a", "b"),
        failures=({"host": "a", "task": "Look", "message": "no"},),
    )
    results.end(ended)

    assert results.find(ResultQuery(plan="site1")) == (ended,)
    assert ended.seconds == 2.0


def test_records_are_found_by_what_they_have_the_newest_first(results: Any) -> None:
    for number, name in enumerate(("dns", "ntp", "dns")):
        results.begin(record(name, id=str(number), run=f"r{number}", plan="site1" if number else "other"))

    assert [one.id for one in results.find(ResultQuery(plan="site1"))] == ["2", "1"]
    assert [one.id for one in results.find(ResultQuery(validation="dns"))] == ["2", "0"]
    assert [one.id for one in results.find(ResultQuery(run="r1"))] == ["1"]
    assert [one.id for one in results.find(ResultQuery(limit=1))] == ["2"]
    assert results.find(ResultQuery(states=(ValidationState.PASSED,))) == ()


def test_a_wish_to_stop_reaches_who_runs_it_and_nobody_else(results: Any) -> None:
    for name in ("dns", "ntp"):
        results.begin(record(name))
    results.ask_stop(["id-dns"], actor="eve")

    assert results.beat(["id-dns", "id-ntp"]) == {"id-dns": "eve"}
    assert results.beat(["id-ntp"]) == {}


def test_stopping_what_does_not_run_is_refused(results: Any) -> None:
    results.begin(record("dns"))
    results.end(record("dns", state=ValidationState.PASSED, ended=NOW))

    with pytest.raises(NothingRuns, match="dns"):
        stop_validations(results, plan="site1", ids=("dns",), actor="op")


def test_a_record_whose_process_is_gone_is_lost(tmp_path: Path) -> None:
    later = [NOW]
    database = open_database(f"sqlite:///{tmp_path}/runs.sqlite", clock=time, say=lambda _text: None)
    results = SqlValidationResults(database, now=lambda: later[0])
    results.begin(record("dns"))
    later[0] = NOW + timedelta(seconds=LOST_AFTER_SECONDS + 1)

    (found,) = results.find(ResultQuery(states=(ValidationState.LOST,)))
    assert (found.state, found.holds_up) == (ValidationState.LOST, True)
    assert results.find(ResultQuery(states=(ValidationState.RUNNING,))) == ()
    results.beat(["id-dns"])
    assert results.find(ResultQuery(states=(ValidationState.LOST,))) == ()
    database.close()


def test_the_oldest_records_of_a_plan_go_when_there_are_too_many(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/runs.sqlite", clock=time, say=lambda _text: None)
    results = SqlValidationResults(database, now=lambda: NOW, keep=3)
    results.begin(record("other", id="other", plan="other"))
    for number in range(5):
        results.begin(record("dns", id=str(number)))
        results.end(record("dns", id=str(number), state=ValidationState.PASSED, ended=NOW))

    assert [one.id for one in results.find(ResultQuery())] == ["4", "3", "2", "other"]
    database.close()


def test_no_more_run_at_once_than_are_allowed(tmp_path: Path) -> None:
    names = [f"passes{number}" for number in range(7)]
    player, watched = ScriptedPlayer(), Watched()
    found = run_validations(
        tuple(map(job, names)),
        stage=stage(tmp_path, *names),
        player=player,
        around=around(parallel=3),
        watch=watched.watch(),
    )

    assert player.most_at_once == 3
    assert [one.validation for one in found] == names
    assert {one.state for one in found} == {ValidationState.PASSED}


def test_each_ends_by_itself_and_is_told_with_its_lines(tmp_path: Path) -> None:
    names = ("passes", "fails", "nobody")
    watched = Watched()
    found = run_validations(
        tuple(map(job, names)),
        stage=stage(tmp_path, *names),
        player=ScriptedPlayer(),
        around=around(),
        watch=watched.watch(),
    )

    assert [str(one.state) for one in found] == ["passed", "failed", "skipped"]
    assert [one.holds_up for one in found] == [False, True, False]
    assert "[fails] fails speaks" in watched.text
    assert ("[fails] failed", Level.ERROR) in [(text.split(" after")[0], level) for text, level in watched.said]
    assert [one.problem for one in watched.results.find(ResultQuery(validation="fails"))] == ["localhost: Look: no"]


def test_a_warning_holds_nothing_up(tmp_path: Path) -> None:
    (found,) = run_validations(
        (job("fails", is_warning=True),),
        stage=stage(tmp_path, "fails"),
        player=ScriptedPlayer(),
        around=around(),
        watch=Watched().watch(),
    )

    assert (found.state, found.holds_up) == (ValidationState.FAILED, False)


def test_one_that_is_stopped_ends_and_the_others_go_on(tmp_path: Path) -> None:
    names = ("hangs", "passes")
    watched, player = Watched(), ScriptedPlayer()

    def stop_it() -> None:
        while not player.plays:
            time.sleep(0.01)
        stop_validations(watched.results, plan="site1", ids=("hangs",), actor="eve")

    other = threading.Thread(target=stop_it)
    other.start()
    found = run_validations(
        tuple(map(job, names)), stage=stage(tmp_path, *names), player=player, around=around(), watch=watched.watch()
    )
    other.join()

    assert [str(one.state) for one in found] == ["stopped", "passed"]
    assert found[0].problem == "stopped by eve"


def test_a_run_that_is_cancelled_stops_all_and_leaves_records_of_that(tmp_path: Path) -> None:
    names = ("hangs1", "hangs2", "passes")
    player = ScriptedPlayer()

    def check() -> None:
        if len(player.plays) == 2:
            raise Enough

    watched = Watched(check=check)
    with pytest.raises(Enough):
        run_validations(
            tuple(map(job, names)), stage=stage(tmp_path, *names), player=player, around=around(), watch=watched.watch()
        )

    assert sorted(player.ended) == ["hangs1", "hangs2"]
    assert {one.state for one in watched.results.find(ResultQuery())} == {ValidationState.STOPPED}


def test_values_of_the_plan_and_the_outputs_reach_the_playbook(tmp_path: Path) -> None:
    player = ScriptedPlayer()
    run_validations(
        (job("passes", parameters={"minimum": 9, "stack_outputs": "not this"}),),
        stage=stage(tmp_path, "passes"),
        player=player,
        around=around(limit=("one",)),
        watch=Watched().watch(),
    )

    assert player.plays[0].extra_vars == {"minimum": 9, "stack_outputs": {}}
    assert player.plays[0].limit == ("one",)


def test_a_playbook_that_is_gone_fails_by_itself(tmp_path: Path) -> None:
    (found,) = run_validations(
        (job("gone"),), stage=stage(tmp_path), player=ScriptedPlayer(), around=around(), watch=Watched().watch()
    )

    assert (found.state, found.detail) == (ValidationState.FAILED, "MissingFile")
