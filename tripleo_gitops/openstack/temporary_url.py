"""Addresses of objects that anybody may use for a while, signed with the account's key."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from openstack import exceptions as sdk

from tripleo_gitops.openstack.connection import told

if TYPE_CHECKING:
    from openstack.connection import Connection

KEY = "x-account-meta-temp-url-key"


class TemporaryUrls:
    """Signs addresses of objects of one account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sign(self, container: str, path: str, *, now: float, method: str = "GET", seconds: int = 86_400) -> str:
        """Return the URL of an object for one method and some seconds; the account gets a key where it has none."""
        with told("Swift"):
            endpoint = urlsplit(self._connection.object_store.get_endpoint() or "")
            place = f"{endpoint.path.rstrip('/')}/{quote(container, safe='')}/{quote(path, safe='/')}"
            expires, key = int(now) + seconds, self._key()
        signed = hmac.new(key.encode(), f"{method}\n{expires}\n{place}".encode(), hashlib.sha256).hexdigest()
        return f"{endpoint.scheme}://{endpoint.netloc}{place}?temp_url_sig={signed}&temp_url_expires={expires}"

    def _key(self) -> str:
        answer = self._connection.object_store.request("", "HEAD")
        sdk.raise_from_response(answer)
        known = answer.headers.get(KEY)
        if known:
            return str(known)
        made = secrets.token_hex(32)
        sdk.raise_from_response(self._connection.object_store.request("", "POST", headers={KEY: made}))
        return made
