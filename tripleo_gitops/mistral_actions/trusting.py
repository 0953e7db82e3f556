"""What lets a run go on as its caller when Mistral has no token of theirs any more: a trust in Mistral's own user.

Mistral does an action of a dead executor again without the caller's token, and every task after it; and a token
expires. A trust that the caller gave when the run began then speaks for them: never for another run.
"""

from __future__ import annotations

import json
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
from tripleo_gitops.openstack.connection import RequestRejected
from tripleo_gitops.openstack.given_token import KnownToken, look_up_token
from tripleo_gitops.openstack.trusts import create_trust, delete_trust
from tripleo_gitops.runs.execution_trusts import ExecutionTrusts
from tripleo_gitops.wiring.runs import open_runs

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG = logging.getLogger(__name__)
SPARE_SECONDS = 60.0
UNAUTHORIZED = 401


def entrust(call: Call, *, seconds: float) -> str | None:
    """Keep a trust of the caller's for so long a run; its ticket, or None where Keystone gives no trust.

    A run that has one keeps it, also where it is asked with the trust's own token.
    """
    if call.execution is None:
        return None
    with _trusts() as trusts:
        if (kept := trusts.ticket(call.execution)) or not call.is_own:
            return kept
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


@contextmanager
def entrusted(call: Call, *, seconds: float) -> Iterator[str | None]:
    """Yield the ticket of `entrust`; a run that breaks off before it begins leaves no trust behind."""
    ticket = entrust(call, seconds=seconds)
    try:
        yield ticket
    except GitopsError:
        if ticket:
            release(call, ticket)
        raise


def stand_in(context: Any, ticket: str | None) -> Call:
    """Return a call with the rights of whom the run is of; raises Refused where no trust was kept for it."""
    execution = context.execution.workflow_execution_id if context.execution else None
    found = _by_trust(execution, ticket)
    if found is None:
        raise Refused("Mistral has no token of the caller's that holds; it has to run with Keystone (`auth_enable`)")
    token, auth_url = found
    security = context.security
    verify = security.auth_cacert or not security.insecure
    return Call(
        execution=execution, token=token.token, auth_url=auth_url, verify=verify, ticket=ticket, document=token.document
    )


def next_token(execution: str | None, ticket: str | None) -> KnownToken | None:
    """Return a token to go on with when the one of a run's caller is over; None where no trust was kept for the run.

    Raises Refused where Keystone does not accept the trust.
    """
    found = _by_trust(execution, ticket)
    if found is not None:
        LOG.info("run %s goes on by the trust of its caller: their token is over", execution)
    return found[0] if found else None


def _by_trust(execution: str | None, ticket: str | None) -> tuple[KnownToken, str] | None:
    """Return a new token by the trust of a run, and the address of the Keystone that gave it."""
    with _trusts() as trusts:
        trust = trusts.find(execution, ticket)
    if trust is None:
        return None
    session = keystone.client_for_trusts(trust).session
    try:
        session.get_token()
    except ClientException as exc:
        raise Refused(f"Keystone does not accept the trust of run {execution}: {type(exc).__name__}") from exc
    state = json.loads(session.auth.get_auth_state())
    return KnownToken(state["auth_token"], state["body"]["token"]), str(session.auth.auth_url)


def release(call: Call, ticket: str) -> None:
    """End the trust of a run that is over."""
    with _trusts() as trusts:
        trust = trusts.find(None, ticket)
    if trust is None:
        return
    try:
        _end(call, trust, ticket)
    except GitopsError as exc:  # it ends by itself
        LOG.warning("a trust stays until it expires: %s", exc)
    with _trusts() as trusts:
        trusts.drop(ticket)


def _end(call: Call, trust: str, ticket: str) -> None:
    try:
        delete_trust(call.token, trust, auth_url=call.auth_url, verify=call.verify)
    except RequestRejected as exc:
        if exc.status != UNAUTHORIZED or (found := next_token(call.execution, ticket)) is None:
            raise
        delete_trust(found.token, trust, auth_url=call.auth_url, verify=call.verify)


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
