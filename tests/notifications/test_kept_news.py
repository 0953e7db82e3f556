"""News of runs outlive the process that made them: written down with the state, told once by whoever lives."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.runs.conftest import NEWER, REVISION, THREE, request
from tripleo_gitops.operations.notifying import RunEvent, Target
from tripleo_gitops.runs import tables
from tripleo_gitops.runs.database import open_database
from tripleo_gitops.runs.executors import SERVER, Lease
from tripleo_gitops.runs.news import take_news
from tripleo_gitops.runs.record import Failure, RunState
from tripleo_gitops.runs.store import RunStore
from tripleo_gitops.runs.tenure import take
from tripleo_gitops.wiring.notifying import NewsTeller

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tripleo_gitops.notifications.message import Message


@dataclass
class Listener:
    """Somebody who is told, and keeps what they hear."""

    heard: list[Message] = field(default_factory=list)

    def tell(self, message: Message) -> None:
        self.heard.append(message)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    database = open_database(f"sqlite:///{tmp_path / 'runs.sqlite'}", clock=time, say=lambda _text: None)
    yield RunStore(database, now=time.time, is_told=True)
    database.close()


def begun(store: RunStore) -> Lease:
    lease = Lease(store.database, kind=SERVER, clock=time)
    lease.begin(now=0.0)
    return lease


def fail_a_run(store: RunStore, lease: Lease, *, revision: str = REVISION) -> str:
    run = store.add(request(plan="prod", revision=revision), THREE, lane=SERVER).id
    tenure = take(store, run, executor=lease.id)
    assert tenure is not None
    tenure.finish(RunState.FAILED, failure=Failure("Refused", "not on a Friday"))
    return run


def told(store: RunStore, lease: Lease) -> list[str]:
    """What somebody hears whom a process tells."""
    listener = Listener()
    teller = NewsTeller((Target(name="ops", messenger=listener, events=tuple(RunEvent)),), store)
    teller.hear(lease.id)
    teller.part()
    return [message.title for message in listener.heard]


def left(store: RunStore) -> int:
    counted = sa.select(sa.func.count()).select_from(tables.news)
    return store.database.read(lambda connection: connection.execute(counted).scalar() or 0)


def test_news_of_a_process_that_died_before_it_told_them_are_told_by_the_next(store: RunStore) -> None:
    dead = begun(store)
    fail_a_run(store, dead)
    assert len(take_news(store.database, dead.id, now=time.time())) == 2
    dead.end()
    assert sorted(told(store, begun(store))) == ["three of prod begun", "three of prod failed"]
    assert left(store) == 0


def test_news_are_told_once_however_many_listen_for_them(store: RunStore) -> None:
    one, other = begun(store), begun(store)
    fail_a_run(store, one)
    assert len(told(store, one)) == 2
    assert (told(store, other), told(store, one)) == ([], [])


def test_what_a_living_process_is_telling_no_other_tells(store: RunStore) -> None:
    one, other = begun(store), begun(store)
    fail_a_run(store, one)
    take_news(store.database, one.id, now=time.time())
    assert told(store, other) == []


def test_the_same_news_have_the_same_name_whoever_tells_them(store: RunStore) -> None:
    one, other = begun(store), begun(store)
    fail_a_run(store, one)
    names = []
    for lease in (one, other):
        taken = take_news(store.database, lease.id, now=time.time())
        names.append([(news.run, news.state, news.time) for news in taken])
        lease.end()
    assert names[0] == names[1]


def test_a_state_that_is_not_written_down_is_not_news_either(store: RunStore) -> None:
    lease = begun(store)
    run = store.add(request(plan="prod"), THREE, lane=SERVER).id
    tenure = take(store, run, executor=lease.id)
    assert tenure is not None
    told(store, lease)
    lease.end()
    with pytest.raises(BaseException, match=run):
        tenure.finish(RunState.SUCCEEDED)
    assert left(store) == 0


def test_runs_that_end_without_anybody_working_at_them_are_news(store: RunStore) -> None:
    store.add(request(plan="prod"), THREE, lane=SERVER)
    newer = store.add(request(plan="prod", revision=NEWER), THREE, lane=SERVER)
    store.ask_cancel(newer.id, actor="somebody")
    assert sorted(told(store, begun(store))) == ["three of prod cancelled", "three of prod superseded"]


def test_nothing_is_written_down_where_nobody_wants_to_know(store: RunStore) -> None:
    quiet = RunStore(store.database, now=time.time)
    fail_a_run(quiet, begun(store))
    assert left(store) == 0


def test_old_news_are_nobodys(store: RunStore) -> None:
    lease = begun(store)
    fail_a_run(store, lease)
    assert take_news(store.database, lease.id, now=time.time() + 8 * 86_400) == ()


def test_a_database_of_an_earlier_version_gets_what_it_lacks(store: RunStore) -> None:
    store.add(request(plan="prod"), THREE, lane=SERVER)

    def go_back(connection: sa.Connection) -> None:
        tables.news.drop(connection)
        connection.execute(sa.update(tables.schema).values(version=1))

    store.database.write(go_back)
    database = open_database(str(store.database.engine.url), clock=time, say=lambda _text: None)
    newer = RunStore(database, now=time.time, is_told=True)
    assert [run.plan for run in newer.page()] == ["prod"]
    fail_a_run(newer, begun(newer), revision=NEWER)
    assert left(newer) == 3
    database.close()
