"""A connection with a token that somebody else was given: their rights, their project, nobody's password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests
from keystoneauth1 import access, loading, session
from keystoneauth1.identity import base
from openstack.config import cloud_region
from openstack.connection import Connection

from tripleo_gitops.openstack.connection import CloudRefused, CloudUnavailable
from tripleo_gitops.openstack.open_connections import note_opened

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 60.0


class GivenToken(base.BaseIdentityPlugin):
    """Keystone's word about one token, never asked for anew: when it has expired, requests are refused."""

    def __init__(self, auth_url: str, token: str, document: Mapping[str, Any]) -> None:
        super().__init__(auth_url=auth_url, reauthenticate=False)
        self._ref = access.AccessInfoV3({"token": dict(document)}, auth_token=token)

    def get_auth_ref(self, session: session.Session) -> access.AccessInfoV3:  # noqa: ARG002  # keystoneauth1's name
        return self._ref


class ReadToken(base.BaseIdentityPlugin):
    """A token as it is: Keystone is asked what it says, never for another one, which a trust's token cannot have."""

    def __init__(self, auth_url: str, token: str) -> None:
        super().__init__(auth_url=auth_url, reauthenticate=False)
        self._token = token

    def get_auth_ref(self, session: session.Session) -> access.AccessInfoV3:
        document = look_up_token(self._token, auth_url=str(self.auth_url), verify=session.verify or False)
        return access.AccessInfoV3({"token": dict(document)}, auth_token=self._token)


class ReadTokenLoader(loading.BaseIdentityLoader):  # type: ignore[type-arg]  # its argument exists for type checkers only
    """What a clouds.yaml says with `auth_type: v3readtoken`: an address of Keystone and a token."""

    @property
    def plugin_class(self) -> type[ReadToken]:
        return ReadToken

    def get_options(self) -> list[loading.Opt]:
        """Return what there is to say."""
        return [*super().get_options(), loading.Opt("token", secret=True, required=True, help="The token")]


def connect_with_token(
    token: str,
    document: Mapping[str, Any],
    *,
    auth_url: str,
    verify: bool | str = True,
    region: str | None = None,
) -> Connection:
    """Return a connection that does what a token may do; nothing is asked of the cloud yet.

    `document` is what Keystone says of the token (its project, user, roles and catalog), `verify` is a file of
    certificates, or whether to look at them at all.
    """
    plugin = GivenToken(auth_url, token, document)
    given = session.Session(auth=plugin, verify=verify, timeout=TIMEOUT)
    connection = Connection(config=cloud_region.from_session(session=given, region_name=region))
    note_opened(connection)
    return connection


def look_up_token(token: str, *, auth_url: str, verify: bool | str = True) -> Mapping[str, Any]:
    """Return what Keystone says of a token, asked with that token itself; raises CloudRefused, CloudUnavailable."""
    url = f"{auth_url.rstrip('/').removesuffix('/v3')}/v3/auth/tokens"
    headers = {"X-Auth-Token": token, "X-Subject-Token": token}
    try:
        answer = requests.get(url, headers=headers, timeout=TIMEOUT, verify=verify, allow_redirects=False)
    except requests.RequestException as exc:
        raise CloudUnavailable(f"Keystone: cannot be reached ({type(exc).__name__}); try again") from None
    if answer.status_code != 200:
        raise CloudRefused(f"Keystone: the caller's token is not accepted ({answer.status_code}); log in again")
    return dict(answer.json()["token"])
