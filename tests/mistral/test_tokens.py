"""A caller's token that ends while a run is under way: the run's trust goes on with what it was asked to do."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
import yaml
from keystoneauth1 import session

from tests.command_line import CommandLine
from tests.mistral.conftest import Mistral, make_small_plan, revoke
from tripleo_gitops.mistral_actions.row import Call
from tripleo_gitops.mistral_actions.run_token import RunTokenLoader
from tripleo_gitops.mistral_actions.steps import clouds_file
from tripleo_gitops.openstack.given_token import GivenToken, KnownToken, look_up_token

if TYPE_CHECKING:
    from pathlib import Path

    from openstack.connection import Connection

    from tests.undercloud_fixture import RunningUndercloud, TenantAccess

pytestmark = pytest.mark.undercloud
PATIENCE, FOLLOWED_SECONDS = 20.0, 20
"""The second: longer than a service believes a token without asking Keystone again."""


def auth_url(connection: Connection) -> str:
    return str(connection.config.get_auth_args()["auth_url"])


def answer(asking: GivenToken) -> int:
    """Ask Keystone about the token's own user, and return its status; it may take a moment to forget a token."""
    one = session.Session(auth=asking)
    user = asking.get_access(one).user_id
    return int(one.get(f"{asking.auth_url}/users/{user}", raise_exc=False).status_code)


def test_a_token_that_is_refused_is_followed_by_the_one_that_its_successor_gives(tenant: TenantAccess) -> None:
    own = tenant.connect()
    first, second = own.session.get_token(), tenant.connect().session.get_token()
    known = KnownToken(second or "", look_up_token(second or "", auth_url=auth_url(own)))
    given: list[KnownToken] = []

    def succeed() -> KnownToken:
        given.append(known)
        return known

    asking = GivenToken(auth_url(own), first or "", successor=succeed)
    assert (answer(asking), given) == (200, [])
    revoke(tenant.connect(), first or "")
    ends = time.monotonic() + PATIENCE
    while not given and time.monotonic() < ends:
        assert answer(asking) == 200
    assert given == [known]


def test_a_token_without_a_successor_is_refused_for_good(tenant: TenantAccess) -> None:
    own = tenant.connect()
    token = own.session.get_token() or ""
    asking = GivenToken(auth_url(own), token, successor=lambda: None)
    assert answer(asking) == 200
    revoke(tenant.connect(), token)
    ends = time.monotonic() + PATIENCE
    while (status := answer(asking)) == 200 and time.monotonic() < ends:
        pass
    assert status == 401


def test_only_the_process_that_does_a_step_has_more_than_the_callers_token() -> None:
    call = Call(execution="7c1d", token="secret", auth_url="http://127.0.0.1:1/v3", verify=True)
    with clouds_file(call) as file:
        [written] = yaml.safe_load(file.read_text())["clouds"].values()
    options = dict(written["auth"])
    assert options["process"] == str(os.getpid())
    assert RunTokenLoader().create_plugin(**options).reauthenticate
    assert not RunTokenLoader().create_plugin(**{**options, "process": "1"}).reauthenticate
    assert not RunTokenLoader().create_plugin(**{**options, "execution": None}).reauthenticate


def test_a_deploy_goes_on_when_its_callers_token_is_revoked_while_heat_works(
    undercloud: RunningUndercloud,
    mistral: Mistral,
    name: str,
    example: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable, value in undercloud.environment.items():
        monkeypatch.setenv(variable, value)
    CommandLine(tmp_path, capsys)("mistral", "install")
    make_small_plan(mistral, name, example, seconds=FOLLOWED_SECONDS)
    caller = mistral.access.connect()
    token = caller.session.get_token() or ""
    body = {"workflow_name": "tripleo.git.v1.deploy", "input": f'{{"container": "{name}"}}'}
    begun = caller.workflow.post("/executions", json=body).json()
    wait_for_stack(mistral, name, begun["id"])
    revoke(mistral.connection, token)
    ended = mistral.ended(begun["id"])
    assert (ended["state"], ended["output"]["status"]) == ("SUCCESS", "SUCCESS"), ended["output"]


def wait_for_stack(mistral: Mistral, name: str, execution: str) -> None:
    """Return when Heat has begun to create a stack."""
    while mistral.connection.orchestration.find_stack(name) is None:
        found = mistral.connection.workflow.get(f"/executions/{execution}").json()
        assert found["state"] == "RUNNING", found["output"]
        time.sleep(0.5)
