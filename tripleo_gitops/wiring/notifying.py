"""Who is told of runs, by the server's settings: a thread of its own tells them, so that no run waits for that."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tripleo_gitops.notifications.services import Service
from tripleo_gitops.notifications.webhook import Webhook
from tripleo_gitops.operations.notifying import RunEvent, RunNews, Target, tell_targets
from tripleo_gitops.operations.steps import Level
from tripleo_gitops.runs.record import RunState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

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


@contextmanager
def open_listener(settings: Sequence[TargetSettings], store: RunStore) -> Iterator[Callable[[RunRecord], None]]:
    """Give what is to hear of each state that a run comes into; leaving waits for what is under way, within limits."""
    targets = open_targets(settings)
    pool = ThreadPoolExecutor(max_workers=TELLERS, thread_name_prefix="tell-of-runs")
    under_way: set[Future[object]] = set()
    told: dict[str, tuple[RunEvent, str]] = {}
    lock = threading.Lock()

    def listen(run: RunRecord) -> None:
        news = news_of(run)
        if news is None or told.get(news.run) == (news.event, news.words):
            return
        told[news.run] = (news.event, news.words)
        if run.state.is_end:
            del told[news.run]
        if any(target.wants(news) for target in targets):
            with lock:
                under_way.difference_update([one for one in under_way if one.done()])
                under_way.add(pool.submit(tell_targets, targets, news, clock=time, say=_warn(store, run.id)))

    try:
        yield listen
    finally:
        wait(under_way, timeout=PARTING_SECONDS)
        pool.shutdown(wait=False, cancel_futures=True)


def news_of(run: RunRecord) -> RunNews | None:
    """Return what is told of the state that a run is in; None for one that nobody is told of."""
    event = EVENTS.get(run.state)
    if event is None:
        return None
    waits = next((step.waits_for for step in run.steps if step.waits_for), None)
    words = run.error.message if run.error is not None else (waits or "")
    moment = run.ended or run.started or run.created
    return RunNews(
        run=run.id,
        event=event,
        workflow=run.workflow,
        plan=run.plan,
        revision=run.revision,
        actor=run.actor,
        trigger=run.trigger,
        time=moment.isoformat(),
        words=words,
    )


def _warn(store: RunStore, run: str) -> Callable[[str], None]:
    return lambda words: store.say(run, words, level=Level.WARNING)
