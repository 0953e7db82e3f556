"""What lets a run go on as its caller when Mistral has no token of theirs any more: a trust in Mistral's own user.

Mistral does an action of a dead executor again without the caller's token, and every task after it; and a token
expires. A trust that the caller gave when the run began then speaks for them: never for another run.
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from keystoneauth1.exceptions import ClientException
from mistral.utils.openstack import keystone

from tripleo_gitops.errors import GitopsError, Refused
from tripleo_gitops.mistral_actions.row import Call
from tripleo_gitops.mistral_actions.server import server_config
from tripleo_gitops.openstack.given_token import look_up_token
from tripleo_gitops.openstack.trusts import create_trust, delete_trust
from tripleo_gitops.runs.execution_trusts import ExecutionTrusts
from tripleo_gitops.wiring.runs import open_runs

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG = logging.getLogger(__name__)
SPARE_SECONDS = 60.0


def entrust(call: Call, *, seconds: float) -> str | None:
    """Keep a trust of the caller's for so long a run; its ticket, or None where Keystone gives no trust."""
    if call.execution is None or not call.is_own:
        return None
    try:
        document = look_up_token(call.token, auth_url=call.auth_url, verify=call.verify)
        trustee = keystone.client_for_admin().session.get_user_id()
        expires = time.time() + seconds
        trust = create_trust(
            call.token, document, trustee=trustee, expires=expires, auth_url=call.auth_url, verify=call.verify
        )
    except (GitopsError, ClientException) as exc:
        LOG.warning("no trust for run %s (%s): it ends if its executor dies, or its token expires", call.execution, exc)
        return None
    with _trusts() as trusts:
        return trusts.keep(call.execution, trust)


def stand_in(context: Any, ticket: str | None) -> Call:
    """Return a call with the rights of whom the run is of; raises Refused where no trust was kept for it."""
    execution = context.execution.workflow_execution_id if context.execution else None
    with _trusts() as trusts:
        trust = trusts.find(execution, ticket)
    if trust is None:
        raise Refused("Mistral has no token of the caller's that holds; it has to run with Keystone (`auth_enable`)")
    session = keystone.client_for_trusts(trust).session
    try:
        token, auth_url = session.get_token(), session.auth.auth_url
    except ClientException as exc:
        raise Refused(f"Keystone does not accept the trust of run {execution}: {type(exc).__name__}") from exc
    security = context.security
    verify = security.auth_cacert or not security.insecure
    return Call(execution=execution, token=str(token), auth_url=str(auth_url), verify=verify, is_own=False)


def release(call: Call, ticket: str) -> None:
    """End the trust of a run that is over."""
    with _trusts() as trusts:
        trust = trusts.drop(ticket)
    if trust is not None:
        try:
            delete_trust(call.token, trust, auth_url=call.auth_url, verify=call.verify)
        except GitopsError as exc:  # it ends by itself
            LOG.warning("a trust stays until it expires: %s", exc)


def has_expired(security: Any) -> bool:
    """Return whether a token is over, or will be in a moment; one that does not say so is not."""
    if not security.expires_at:
        return False
    ends = datetime.fromisoformat(str(security.expires_at))
    return (ends if ends.tzinfo else ends.replace(tzinfo=UTC)).timestamp() < time.time() + SPARE_SECONDS


@contextmanager
def _trusts() -> Iterator[ExecutionTrusts]:
    with open_runs(server_config(os.environ), os.environ, say=LOG.info) as store:
        yield ExecutionTrusts(store.database, now=time.time)
