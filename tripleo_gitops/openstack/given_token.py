"""A connection with a token that somebody else was given: their rights, their project, nobody's password."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from keystoneauth1 import access, session
from keystoneauth1.identity import base
from openstack.config import cloud_region
from openstack.connection import Connection

from tripleo_gitops.openstack.connection import CloudRefused, CloudUnavailable
from tripleo_gitops.openstack.open_connections import note_opened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token, and what Keystone says of it: its project, user, roles and catalog."""

    token: str = field(repr=False)
    document: Mapping[str, Any]


class GivenToken(base.BaseIdentityPlugin):
    """A token as it is: Keystone is asked what it says, never for another one, which a trust's token cannot have.

    `document` is what Keystone said already: it does not tell a trust's token, where its user is no administrator.
    When the token is refused or about to expire, `successor` may give another one (None: there is none); without it,
    requests are refused from then on.
    """

    def __init__(
        self,
        auth_url: str,
        token: str,
        *,
        document: Mapping[str, Any] | None = None,
        successor: Callable[[], KnownToken | None] | None = None,
    ) -> None:
        super().__init__(auth_url=auth_url, reauthenticate=successor is not None)
        self._token, self._document, self._successor = token, document, successor
        self._was_asked = False

    def get_auth_ref(self, session: session.Session) -> access.AccessInfoV3:
        if (self._was_asked or not self._is_known(session)) and self._successor and (found := self._successor()):
            self._token, self._document = found.token, found.document
        self._was_asked = True
        if self._document is None:
            self._document = self._look_up(session)
        return access.AccessInfoV3({"token": dict(self._document)}, auth_token=self._token)

    def _is_known(self, session: session.Session) -> bool:
        if self._document is None:
            try:
                self._document = self._look_up(session)
            except CloudRefused:
                return False
        return True

    def _look_up(self, session: session.Session) -> Mapping[str, Any]:
        return look_up_token(self._token, auth_url=str(self.auth_url), verify=session.verify or False)


def connect_with_token(
    token: str,
    document: Mapping[str, Any],
    *,
    auth_url: str,
    verify: bool | str = True,
    region: str | None = None,
    successor: Callable[[], KnownToken | None] | None = None,
) -> Connection:
    """Return a connection that does what a token may do; nothing is asked of the cloud yet.

    `document` is what Keystone says of the token (its project, user, roles and catalog), `verify` is a file of
    certificates, or whether to look at them at all. `successor` gives a token to go on with when this one is over.
    """
    plugin = GivenToken(auth_url, token, document=document, successor=successor)
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
