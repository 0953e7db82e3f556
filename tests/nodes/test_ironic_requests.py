"""What the adapter makes of Ironic's answers: locks waited for, reasons in one line, versions settled."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tripleo_gitops.openstack.connection import CloudRefused, CloudUnavailable, RequestRejected
from tripleo_gitops.openstack.ironic_requests import IronicRequests, NodeBusy, NodeNotFound
from tripleo_gitops.openstack.retrying import Patience

if TYPE_CHECKING:
    from tripleo_gitops.errors import GitopsError

SOON = Patience(tries=3, first=0.0)


class Answers:
    """An Ironic that gives these answers, one after the other; the last one for ever."""

    def __init__(self, *answers: tuple[int, Any], newest: tuple[int, int] | None = (1, 115)) -> None:
        self.answers, self.asked = list(answers), list[tuple[str, str, dict[str, Any]]]()
        self.baremetal = SimpleNamespace(
            request=self._request, get_endpoint_data=lambda: SimpleNamespace(max_microversion=newest)
        )

    def _request(self, path: str, method: str, **options: Any) -> requests.Response:
        self.asked.append((method, path, options))
        status, document = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        response = requests.Response()
        response.status_code = status
        response._content = document if isinstance(document, bytes) else json.dumps(document).encode()
        return response


def fault(text: str) -> dict[str, str]:
    """Return an error as Ironic writes it: a document inside a text."""
    return {"error_message": json.dumps({"faultcode": "Client", "faultstring": text, "debuginfo": None})}


def ask(answers: Answers) -> IronicRequests:
    return IronicRequests(answers, patience=SOON)  # type: ignore[arg-type]


def test_a_node_that_is_held_is_asked_again() -> None:
    answers = Answers((409, fault("locked")), (409, fault("locked")), (200, {}))
    ask(answers).send("PATCH", "/nodes/u", body=[])
    assert len(answers.asked) == 3


@pytest.mark.parametrize(
    ("method", "path", "times"),
    [("PATCH", "/nodes/u", 3), ("POST", "/nodes", 1), ("PUT", "/nodes/u/states/provision", 1)],
)
def test_a_node_that_stays_held_is_told(method: str, path: str, times: int) -> None:
    answers = Answers((409, fault("Node u is locked by host\nundercloud")))
    with pytest.raises(NodeBusy, match="Node u is locked by host undercloud"):
        ask(answers).send(method, path)
    assert len(answers.asked) == times


@pytest.mark.parametrize(
    ("status", "document", "error", "words"),
    [
        (404, fault("no node x"), NodeNotFound, "no node x"),
        (400, fault("no driver"), RequestRejected, "no driver"),
        (403, {}, CloudRefused, "a role is missing"),
        (401, {}, CloudRefused, "log in again"),
        (503, b"<html>", CloudUnavailable, "503"),
        (400, {"error_message": "plain"}, RequestRejected, "plain"),
        (400, {"error_message": {"faultstring": "inner"}}, RequestRejected, "inner"),
        (400, [], RequestRejected, "400"),
    ],
)
def test_each_refusal_has_its_kind_and_its_words(
    status: int, document: Any, error: type[GitopsError], words: str
) -> None:
    with pytest.raises(error, match=words):
        ask(Answers((status, document))).get("/nodes/x")


@pytest.mark.parametrize(("newest", "spoken"), [((1, 115), "1.96"), ((1, 58), "1.58"), (None, "1.1")])
def test_the_newest_version_that_both_speak_is_spoken(newest: tuple[int, int] | None, spoken: str) -> None:
    answers = Answers((200, {}), newest=newest)
    ask(answers).get("/nodes")
    assert answers.asked[0][2]["microversion"] == spoken


def test_a_listing_is_read_page_by_page() -> None:
    first = {"nodes": [{"uuid": "a"}], "next": "somewhere else"}
    answers = Answers((200, first), (200, {"nodes": [{"uuid": "b"}]}))
    assert [one["uuid"] for one in ask(answers).pages("/nodes", "nodes")] == ["a", "b"]
    assert answers.asked[1][1] == "/nodes"
    assert answers.asked[1][2]["params"]["marker"] == "a"
