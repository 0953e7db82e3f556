"""Who is told of runs, by the server's settings: a thread of its own tells them, so that no run waits for that."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Unavailable
from tripleo_gitops.notifications.services import Service
from tripleo_gitops.notifications.webhook import Webhook
from tripleo_gitops.operations.notifying import RunEvent, RunNews, Target, tell_targets
from tripleo_gitops.operations.steps import Level
from tripleo_gitops.runs.news import Silence, forget_news, take_news
from tripleo_gitops.runs.record import RunState
from tripleo_gitops.runs.store import RunNotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from tripleo_gitops.runs.news import News, Teller
    from tripleo_gitops.runs.record import RunRecord
    from tripleo_gitops.runs.store import RunStore
    from tripleo_gitops.wiring.server_settings import TargetSettings

TELLERS = 4
PARTING_SECONDS = 30.0
EVENTS = {
    RunState.RUNNING: RunEvent.BEGUN,
    RunState.WAITING: RunEvent.WAITING,
    RunState.SUCCEEDED: RunEvent.SUCCEEDED,
    RunState.FAILED: RunEvent.FAILED,
    RunState.CANCELLED: RunEvent.CANCELLED,
    RunState.SUPERSEDED: RunEvent.SUPERSEDED,
}


def open_targets(settings: Sequence[TargetSettings]) -> tuple[Target, ...]:
    """Return those who are told of runs; raises UnknownService for an address that is none."""
    return tuple(
        Target(
            name=one.name,
            messenger=Webhook(url=one.url, secret=one.secret, seconds=time.time)
            if one.secret is not None and one.url.startswith(("http:", "https:"))
            else Service.of(one.url),
            events=one.events,
            plans=one.plans,
            workflows=one.workflows,
        )
        for one in settings
    )


class NewsTeller:
    """Tells targets of runs in threads of its own. What it did not come to tell, the next living process tells."""

    def __init__(self, targets: Sequence[Target], store: RunStore) -> None:
        self._targets, self._store = targets, store
        self._pool = ThreadPoolExecutor(max_workers=TELLERS, thread_name_prefix="tell-of-runs")
        self._under_way: set[Future[None]] = set()
        self._lock = threading.Lock()

    def hear(self, executor: str) -> None:
        """Take what is to be told, for the process of that name; returns at once."""
        try:
            taken = take_news(self._store.database, executor, now=time.time())
        except Unavailable:
            return  # it stays written down
        with self._lock:
            self._under_way = {one for one in self._under_way if not one.done()}
            self._under_way.update(self._pool.submit(self._tell, news) for news in taken)

    def part(self) -> None:
        """Wait, within limits, until what was taken is told."""
        wait(self._under_way, timeout=PARTING_SECONDS)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _tell(self, news: News) -> None:
        try:
            told = news_of(self._store.get(news.run), news)
        except RunNotFound:
            pass  # the run is too old to be kept
        else:
            tell_targets(self._targets, told, clock=time, say=_warn(self._store, news.run))
        forget_news(self._store.database, news)


def teller_for(settings: Sequence[TargetSettings], store: RunStore) -> Teller:
    """Return who tells the targets of the server's settings; raises UnknownService."""
    return NewsTeller(open_targets(settings), store) if settings else Silence()


def news_of(run: RunRecord, news: News) -> RunNews:
    """Return what targets are told of a run that came into a state."""
    return RunNews(
        run=run.id,
        event=EVENTS[news.state],
        workflow=run.workflow,
        plan=run.plan,
        revision=run.revision,
        actor=run.actor,
        trigger=run.trigger,
        time=datetime.fromtimestamp(news.time, UTC).isoformat(),
        words=news.words,
    )


def _warn(store: RunStore, run: str) -> Callable[[str], None]:
    return lambda words: store.say(run, words, level=Level.WARNING)
