"""What follows a deployment: playbooks with another try for failed hosts, addresses that have to answer, commands."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.operations.validation_fakes import stage
from tripleo_gitops.ansible.play import Outcome, PlayLine, PlayResult
from tripleo_gitops.ansible.workspace import Workspace
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.openstack.endpoint import NoAnswer, fetch_endpoint
from tripleo_gitops.operations.playbooks.post_deploy import (
    OUTPUTS_VARIABLE,
    PostDeploy,
    PostDeployFailed,
    StepOutcome,
    UnknownOutput,
    fill_in,
)
from tripleo_gitops.operations.steps import Level, RunCancelled
from tripleo_gitops.plan.post_deploy import CommandStep, HttpStep, PlaybookStep
from tripleo_gitops.plan.settings import parse_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tripleo_gitops.ansible.play import Play
    from tripleo_gitops.plan.post_deploy import PostDeployStep

OUTPUTS = {"KeystoneURL": "http://192.0.2.1:5000", "Map": {"Public": {"uri": "https://a.example.org"}}, "Port": 80}


@dataclass
class Results:
    """Plays by giving one prepared result after the other."""

    results: list[PlayResult]
    plays: list[Play] = field(default_factory=list)

    def play(self, play: Play, *, tell: Callable[[PlayLine], None], check: Callable[[], None]) -> PlayResult:
        check()
        tell(PlayLine("played"))
        self.plays.append(play)
        return self.results[min(len(self.plays), len(self.results)) - 1]


def ended(outcome: Outcome, **hosts: tuple[str, ...]) -> PlayResult:
    return PlayResult(outcome=outcome, seconds=0.1, problem="" if outcome is Outcome.PASSED else "no", **hosts)


@dataclass
class Doing:
    """Steps done in a directory of the test."""

    directory: Path
    player: Results = field(default_factory=lambda: Results([ended(Outcome.PASSED)]))
    outputs: dict[str, object] = field(default_factory=lambda: dict(OUTPUTS))
    said: list[tuple[str, Level]] = field(default_factory=list)
    check: Callable[[], None] = lambda: None

    def __call__(self, *steps: PostDeployStep) -> tuple[StepOutcome, ...]:
        place = self.directory / "stage"
        laid = stage(place)
        (laid.project / "book.yaml").write_text("- hosts: all\n")
        (laid.project / "smoke.sh").write_text(
            "#!/bin/sh\necho smoke $1; cat $TRIPLEO_PLAN_OUTPUTS; env; exit ${2:-0}\n"
        )
        variables = {
            "stack_outputs": self.outputs,
            "tripleo_plan_name": "site1",
            "tripleo_plan_revision": "main@sha1:1",
        }
        laid = replace(laid, variables=variables, secrets=frozenset({"canary-secret"}))
        with Workspace.open(parent=place) as workspace:
            doing = PostDeploy(
                stage=laid,
                workspace=workspace,
                player=self.player,
                fetch=fetch_endpoint,
                clock=time,
                log=lambda text, level: self.said.append((text, level)),
                check=self.check,
            )
            return doing.run(steps)

    @property
    def text(self) -> str:
        return "\n".join(text for text, _level in self.said)


@pytest.fixture
def doing(tmp_path: Path) -> Doing:
    """Return what does steps."""
    (tmp_path / "stage").mkdir()
    return Doing(tmp_path)


@contextmanager
def answering(*answers: tuple[int, str]) -> Iterator[str]:
    """Give the address of a server that answers in turns, the last answer for ever."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "http://192.0.2.99/")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_hosts_on_which_a_playbook_failed_are_tried_again_and_they_alone(doing: Doing) -> None:
    doing.player = Results(
        [
            ended(Outcome.UNREACHABLE, hosts=("a", "b", "c"), failed=("b",), unreachable=("c",)),
            ended(Outcome.FAILED, hosts=("b", "c"), failed=("c",)),
            ended(Outcome.PASSED, hosts=("c",)),
        ]
    )
    (done,) = doing(PlaybookStep(name="set up", playbook="book.yaml", limit=("Controller",), retries=3, tags=("x",)))

    assert [play.limit for play in doing.player.plays] == [("Controller",), ("b", "c"), ("c",)]
    assert {play.tags for play in doing.player.plays} == {("x",)}
    assert done.outcome == "passed"


def test_hosts_are_tried_again_no_more_than_asked_for(doing: Doing) -> None:
    doing.player = Results([ended(Outcome.FAILED, failed=("b",))])

    with pytest.raises(PostDeployFailed, match=r"'set up'.*no; 1 steps behind it were not begun"):
        doing(PlaybookStep(name="set up", playbook="book.yaml", retries=2), CommandStep(name="next", command=("true",)))
    assert len(doing.player.plays) == 3


@pytest.mark.parametrize("outcome", [Outcome.BROKEN, Outcome.TIMED_OUT, Outcome.LOST])
def test_what_another_try_cannot_mend_is_not_tried_again(doing: Doing, outcome: Outcome) -> None:
    doing.player = Results([ended(outcome)])

    with pytest.raises(PostDeployFailed):
        doing(PlaybookStep(name="set up", playbook="book.yaml", retries=2))
    assert len(doing.player.plays) == 1


def test_a_step_that_only_warns_holds_nothing_up(doing: Doing) -> None:
    done = doing(
        CommandStep(name="may fail", command=("false",), only_warn=True), CommandStep(name="b", command=("true",))
    )

    assert [one.outcome for one in done] == ["warned", "passed"]
    assert any(level is Level.WARNING for text, level in doing.said if "may fail" in text)


def test_a_playbook_without_hosts_is_skipped_and_one_that_is_missing_fails(doing: Doing) -> None:
    doing.player = Results([ended(Outcome.NO_HOSTS)])
    assert doing(PlaybookStep(name="a", playbook="book.yaml"))[0].outcome == "skipped"


def test_a_playbook_that_the_plan_does_not_have_fails(doing: Doing) -> None:
    with pytest.raises(PostDeployFailed, match=r"nope\.yaml"):
        doing(PlaybookStep(name="a", playbook="nope.yaml"))


def test_a_command_of_the_plan_has_the_outputs_and_shows_no_secret(doing: Doing) -> None:
    doing.outputs["AdminPassword"] = "canary-secret"
    (done,) = doing(CommandStep(name="smoke", command=("./smoke.sh", "$HOME; ls")))

    assert done.outcome == "passed"
    assert "smoke $HOME; ls" in doing.text
    assert json.dumps(OUTPUTS)[:30] in doing.text
    assert f"{OUTPUTS_VARIABLE}=" in doing.text
    assert "TRIPLEO_PLAN_NAME=site1" in doing.text
    assert "canary" not in doing.text


def test_a_command_that_fails_says_its_code_and_its_last_words(doing: Doing) -> None:
    with pytest.raises(PostDeployFailed, match="exit code 7: smoke x"):
        doing(CommandStep(name="smoke", command=("./smoke.sh", "x", "7")))


def test_an_address_is_asked_until_it_answers_as_it_should(doing: Doing) -> None:
    with answering((503, "soon"), (200, "not it"), (200, "version v3")) as address:
        doing.outputs["Url"] = address
        (done,) = doing(HttpStep(name="up", url="{Url}/v3", contains="v3", attempts=5, wait_seconds=0))

    assert done.outcome == "passed"
    assert "attempt 1 of 5: HTTP 503, not 200" in doing.text
    assert "attempt 2 of 5: HTTP 200 without 'v3' in the body" in doing.text


def test_an_address_that_never_answers_as_it_should_fails(doing: Doing) -> None:
    with answering((500, "")) as address:
        doing.outputs["Url"] = address
        with pytest.raises(PostDeployFailed, match="HTTP 500, not 200 or 300"):
            doing(HttpStep(name="up", url="{Url}", status=(200, 300), attempts=2, wait_seconds=0))


def test_a_redirect_is_an_answer_and_is_not_followed(doing: Doing) -> None:
    with answering((302, "")) as address:
        doing.outputs["Url"] = address
        assert doing(HttpStep(name="up", url="{Url}", status=(302,)))[0].outcome == "passed"


def test_an_address_that_nothing_listens_at_is_told_without_its_text() -> None:
    with pytest.raises(NoAnswer) as caught:
        fetch_endpoint("http://user:canary@127.0.0.1:1/canary", timeout=2)

    assert "canary" not in str(caught.value)
    assert "nothing listens there" in str(caught.value)


def test_a_run_that_is_cancelled_ends_at_the_step_under_way(doing: Doing) -> None:
    def check() -> None:
        if "begin" in doing.text:
            raise RunCancelled("eve asked for it")

    doing.check = check
    with pytest.raises(RunCancelled):
        doing(CommandStep(name="long", command=("sh", "-c", "echo begin; sleep 60")))


@pytest.mark.parametrize(
    ("url", "filled"),
    [
        ("{KeystoneURL}/v3", "http://192.0.2.1:5000/v3"),
        ("{Map.Public.uri}", "https://a.example.org"),
        ("http://a:{Port}/", "http://a:80/"),
    ],
)
def test_an_address_names_outputs(url: str, filled: str) -> None:
    assert fill_in(url, OUTPUTS) == filled


@pytest.mark.parametrize("url", ["{Nope}", "http://{Map}/", "{Map.Public.nope}", "http://{__class__.x}"])
def test_what_is_no_output_of_one_word_is_refused_with_those_that_there_are(url: str) -> None:
    with pytest.raises(UnknownOutput, match="KeystoneURL, Map, Port"):
        fill_in(url, OUTPUTS)


def test_an_output_that_is_no_address_is_refused() -> None:
    with pytest.raises(InvalidInput):
        fill_in("{Url}", {"Url": "file:///etc/passwd"})


SETTINGS = b"""
[[post_deploy.steps]]
playbook = "playbooks/a.yaml"
limit = ["Controller"]
extra_vars = { a = [1, "b"] }
retries = 2

[[post_deploy.steps]]
name = "up"
url = "{KeystoneURL}"
status = [200, 300]

[[post_deploy.steps]]
command = ["scripts/smoke.sh", "--quick"]
only_warn = true
timeout_minutes = 1
"""


def test_the_steps_of_a_plan_are_read_in_their_order() -> None:
    first, second, third = parse_settings(SETTINGS).post_deploy.steps

    assert isinstance(first, PlaybookStep)
    assert (first.name, first.limit, first.retries) == ("playbooks/a.yaml", ("Controller",), 2)
    assert first.extra_vars == (("a", [1, "b"]),)
    assert isinstance(second, HttpStep)
    assert (second.status, second.verify_tls) == ((200, 300), True)
    assert third == CommandStep(
        name="scripts/smoke.sh", command=("scripts/smoke.sh", "--quick"), only_warn=True, timeout_minutes=1
    )


@pytest.mark.parametrize(
    ("added", "line", "words"),
    [
        ("name = 'x'", 17, "a step has one of playbook, url, command"),
        ("url = 'http://a'\ncommand = ['b']", 19, "a step has one of"),
        ("playbook = '/etc/passwd'", 18, "is absolute"),
        ("playbook = '../a.yaml'", 18, "leads out of the plan"),
        ("playbook = 'a.yaml'\nlimit = ['-x']", 19, "no host pattern"),
        ("url = 'ftp://a'", 18, "no address"),
        ("url = 'http://a'\nstatus = [99]", 19, "status codes"),
        ("command = []", 18, "a program"),
        ("command = 'rm -rf'", 18, "a list of words"),
        ("playbook = 'a.yaml'\nextra_vars = {a = 2026-01-02}", 19, "quotes"),
        ("command = ['a']\nretries = 1", 19, "unknown; known here"),
        ("command = ['a']\ntimeout_minutes = 0", 19, "not between"),
        ("name = 'up'\ncommand = ['a']", 3, "two steps are named 'up'"),
    ],
)
def test_a_step_that_cannot_be_is_refused_with_its_line(added: str, line: int, words: str) -> None:
    with pytest.raises(InvalidDocument, match=words) as caught:
        parse_settings(SETTINGS + b"[[post_deploy.steps]]\n" + added.encode())

    assert abs((caught.value.line or 0) - line) <= 1
