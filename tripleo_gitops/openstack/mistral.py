"""Mistral environments, which TripleO names as its plans; a cloud without Mistral has none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from keystoneauth1 import exceptions as auth
from openstack import exceptions as sdk

from tripleo_gitops.openstack.connection import CONNECT_RETRIES, RETRIED_STATUSES, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openstack.connection import Connection


class MistralEnvironments:
    """The environments of one project."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def has(self, name: str) -> bool:
        """Return whether there is an environment of that name."""
        return self._ask("GET", name) == 200

    def put(self, name: str, variables: Mapping[str, Any]) -> None:
        """Make an environment, or replace the variables of one that is there; do nothing where there is no Mistral."""
        with told("Mistral"):
            if not self._is_there():
                return
        method = "PUT" if self.has(name) else "POST"
        self._ask(method, "", {"name": name, "variables": dict(variables)})

    def variables(self, name: str) -> Mapping[str, Any] | None:
        """Return the variables of an environment; None where there is none of that name."""
        if not self.has(name):
            return None
        with told("Mistral"):
            answer = self._connection.workflow.request(f"/environments/{quote(name, safe='')}", "GET").json()
        variables = answer["variables"]
        return dict(json.loads(variables) if isinstance(variables, str) else variables)

    def delete(self, name: str) -> None:
        """Remove an environment; one that is gone already is fine."""
        self._ask("DELETE", name)

    def _ask(self, method: str, name: str, document: Mapping[str, Any] | None = None) -> int:
        with told("Mistral"):
            if not self._is_there():
                return 404
            response = self._connection.workflow.request(
                f"/environments/{quote(name, safe='')}" if name else "/environments",
                method,
                json=document,
                connect_retries=CONNECT_RETRIES,
                status_code_retries=3,
                retriable_status_codes=list(RETRIED_STATUSES),
            )
            if response.status_code != 404:
                sdk.raise_from_response(response)
        return int(response.status_code)

    def _is_there(self) -> bool:
        """Return whether the catalog has Mistral; the SDK's own way of asking warns where it has not."""
        try:
            return self._connection.session.get_endpoint(service_type="workflow") is not None
        except auth.EndpointNotFound:
            return False
