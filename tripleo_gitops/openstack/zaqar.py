"""Queues of messages; a cloud without Zaqar has none."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from keystoneauth1 import exceptions as auth
from openstack import exceptions as sdk

from tripleo_gitops.openstack.connection import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openstack.connection import Connection

KEPT_SECONDS = 3600


class ZaqarQueues:
    """The queues of one project."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._client = connection, str(uuid.uuid4())

    def post(self, queue: str, body: Mapping[str, Any]) -> bool:
        """Post one message and return True; False where the catalog has no Zaqar."""
        with told("Zaqar"):
            try:
                endpoint = self._connection.session.get_endpoint(service_type="messaging")
            except auth.EndpointNotFound:
                return False
            if endpoint is None:
                return False
            response = self._connection.session.post(
                f"{endpoint.rstrip('/').removesuffix('/v2')}/v2/queues/{quote(queue, safe='')}/messages",
                json={"messages": [{"body": body, "ttl": KEPT_SECONDS}]},
                headers={"Client-ID": self._client},
                raise_exc=False,
            )
            sdk.raise_from_response(response)
        return True
