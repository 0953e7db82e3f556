"""Telling of runs: signed webhooks and services, a real receiver, bounded tries, no secret in what is said."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.notifications.message import NotTold
from tripleo_gitops.notifications.services import Service, UnknownService
from tripleo_gitops.notifications.webhook import Webhook, sign
from tripleo_gitops.operations.notifying import RunEvent, RunNews, Target, message_of, tell_targets

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "canary-shared-secret"
NEWS = RunNews(
    run="r1",
    event=RunEvent.FAILED,
    workflow="deploy",
    plan="prod-1",
    revision="main@sha1:" + "a" * 40,
    actor="Op",
    trigger="cli",
    time="2026-01-01T00:00:00+00:00",
    words="stack prod-1 is UPDATE_FAILED",
)


@dataclass
class Receiver:
    """An HTTP server that keeps what it gets and answers as it is told."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@dataclass
class QuietClock:
    """A clock that only notes how long somebody would have waited."""

    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found.got.append((dict(self.headers), body))
            status = found.answers.pop(0) if found.answers else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/hook?token=canary-in-the-url"
    yield found
    server.shutdown()
    server.server_close()


def target(receiver: Receiver, **changed: object) -> Target:
    hook = Webhook(url=receiver.url, secret=SECRET, seconds=lambda: 1_700_000_000.0)
    return Target(**{"name": "ops", "messenger": hook, **changed})  # type: ignore[arg-type]


def tell(found: Target, news: RunNews = NEWS) -> tuple[dict[str, bool], list[str], list[float]]:
    clock, said = QuietClock(), list[str]()
    told = tell_targets([found], news, clock=clock, say=said.append)
    return dict(told), said, clock.slept


def test_a_webhook_can_be_checked_by_who_knows_the_secret_and_by_nobody_else(receiver: Receiver) -> None:
    assert tell(target(receiver)) == ({"ops": True}, [], [])
    ((headers, body),) = receiver.got
    expected = hmac.new(SECRET.encode(), b"1700000000." + body, hashlib.sha256).hexdigest()
    assert headers["X-Tripleo-Plan-Signature"] == f"t=1700000000,v1={expected}"
    assert headers["X-Tripleo-Plan-Event"] == "run.failed"
    assert sign(body, secret="another", seconds=1_700_000_000) != headers["X-Tripleo-Plan-Signature"]
    document = json.loads(body)
    assert (document["event"], document["run"]["plan"], document["run"]["state"]) == ("run.failed", "prod-1", "failed")


def test_a_receiver_that_is_ill_for_a_while_is_told_in_the_end(receiver: Receiver) -> None:
    receiver.answers = [503, 429, 200]
    told, said, slept = tell(target(receiver))
    assert (told, said, slept) == ({"ops": True}, [], [1.0, 4.0])
    deliveries = {headers["X-Tripleo-Plan-Delivery"] for headers, _ in receiver.got}
    assert len(deliveries) == 1


def test_tries_are_bounded_and_the_log_says_who_was_not_told_without_a_secret(receiver: Receiver) -> None:
    receiver.answers = [500] * 10
    told, said, slept = tell(target(receiver))
    assert (told, len(receiver.got), slept) == ({"ops": False}, 4, [1.0, 4.0, 16.0])
    assert said == ["ops was not told of 'deploy of prod-1 failed' after 4 tries: the webhook answered 500"]


@pytest.mark.parametrize("status", [302, 400, 401, 404, 410])
def test_what_cannot_get_better_is_not_tried_again_and_a_redirect_is_not_followed(
    receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    told, said, _ = tell(target(receiver))
    assert (told, len(receiver.got)) == ({"ops": False}, 1)
    assert f"after 1 try: the webhook answered {status}" in said[0]


def test_an_address_where_nobody_listens_is_told_without_the_address() -> None:
    hook = Webhook(url="http://127.0.0.1:9/canary-in-the-url", secret=SECRET, seconds=lambda: 0.0)
    with pytest.raises(NotTold, match=r"cannot be reached \(ConnectionError\)") as caught:
        hook.tell(message_of(NEWS))
    assert "canary" not in str(caught.value) + repr(hook) + repr(caught.value.__cause__)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {"ops": True}),
        ({"plans": ("lab-*",)}, {}),
        ({"plans": ("prod-*",)}, {"ops": True}),
        ({"events": (RunEvent.SUCCEEDED,)}, {}),
        ({"workflows": ("validation",)}, {}),
    ],
)
def test_only_those_who_want_to_know_are_told(
    receiver: Receiver, changed: dict[str, object], expected: dict[str, bool]
) -> None:
    assert tell(target(receiver, **changed))[0] == expected


def test_a_service_of_apprise_is_told_and_its_refusal_is_said_by_its_kind_alone(receiver: Receiver) -> None:
    service = Service.of(receiver.url.replace("http:", "json:"))
    service.tell(message_of(NEWS))
    assert json.loads(receiver.got[0][1])["title"] == "deploy of prod-1 failed"
    receiver.answers = [500]
    with pytest.raises(NotTold, match="the service JSON did not take it") as caught:
        service.tell(message_of(NEWS))
    assert "canary" not in str(caught.value) + repr(service)


@pytest.mark.parametrize("url", ["", "nonsense", "nosuch://x", "slack://", "syslog://", "dbus://"])
def test_an_address_of_no_service_is_refused_by_its_schema_alone(url: str) -> None:
    with pytest.raises(UnknownService):
        Service.of(url)
