"""Keystone's trusts: one user lets another one act for them, in one project, with their roles, for a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import requests

from tripleo_gitops.openstack.connection import CloudUnavailable, RequestRejected

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 60.0


def create_trust(
    token: str,
    document: Mapping[str, Any],
    *,
    trustee: str,
    expires: float,
    auth_url: str,
    verify: bool | str = True,
) -> str:
    """Let `trustee`, a user's id, act as the token's user in its project until a time; return the trust's id.

    `document` is what Keystone says of the token. Who acts can pass it on once more, as Heat does for its own stacks.
    Raises RequestRejected, CloudUnavailable.
    """
    trust = {
        "trustor_user_id": document["user"]["id"],
        "trustee_user_id": trustee,
        "project_id": document["project"]["id"],
        "roles": [{"id": role["id"]} for role in document["roles"]],
        "impersonation": True,
        "allow_redelegation": True,
        "expires_at": datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    answer = _ask("POST", auth_url, "", token=token, verify=verify, json={"trust": trust})
    return str(answer.json()["trust"]["id"])


def delete_trust(token: str, trust: str, *, auth_url: str, verify: bool | str = True) -> None:
    """End a trust; one that is gone already is fine. Raises RequestRejected, CloudUnavailable."""
    _ask("DELETE", auth_url, f"/{trust}", token=token, verify=verify)


def _ask(
    method: str, auth_url: str, path: str, *, token: str, verify: bool | str, json: Mapping[str, Any] | None = None
) -> requests.Response:
    url = f"{auth_url.rstrip('/').removesuffix('/v3')}/v3/OS-TRUST/trusts{path}"
    headers = {"X-Auth-Token": token}
    try:
        answer = requests.request(
            method, url, headers=headers, json=json, timeout=TIMEOUT, verify=verify, allow_redirects=False
        )
    except requests.RequestException as exc:
        raise CloudUnavailable(f"Keystone: cannot be reached ({type(exc).__name__}); try again") from None
    if answer.status_code >= 500:
        raise CloudUnavailable(f"Keystone: answered {answer.status_code}; try again")
    if answer.status_code >= 300 and not (method == "DELETE" and answer.status_code == 404):
        raise RequestRejected("Keystone", "the caller's trust in Mistral's user", status=answer.status_code)
    return answer
