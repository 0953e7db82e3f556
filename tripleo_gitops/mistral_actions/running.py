"""Run one action: who calls it, with which rights; what it returned, or what went wrong in one line."""

from __future__ import annotations

import logging
import os
from functools import partial
from typing import TYPE_CHECKING, Any

from mistral_lib.actions import Result

from tripleo_gitops.errors import GitopsError
from tripleo_gitops.mistral_actions.row import Call
from tripleo_gitops.mistral_actions.server import server_config
from tripleo_gitops.mistral_actions.trusting import has_expired, next_token, stand_in
from tripleo_gitops.openstack.given_token import look_up_token
from tripleo_gitops.openstack.open_connections import closing_connections
from tripleo_gitops.operations.checking import BrokenPlan
from tripleo_gitops.wiring.plan_service import open_plan_service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.mistral_actions.row import Row
    from tripleo_gitops.operations.plan_service import PlanService

LOG = logging.getLogger(__name__)


def run_action(row: Row, inputs: Mapping[str, Any], context: Any) -> Result:
    """Return what an action's function gives, as Mistral takes it; an error is one line that holds no secret."""
    try:
        call = _call_of(context, inputs.get("ticket"))
        given = {name: inputs[name] for name in row.inputs}
        if row.knows_call:
            given["call"] = call
        with closing_connections():
            return Result(data=row.act(open_service(context.security, call), **given))
    except BrokenPlan as exc:
        return Result(error=exc.in_one_line)
    except GitopsError as exc:
        return Result(error=str(exc))
    except Exception as exc:  # the edge: Mistral loses what an action raises, and the trace belongs into its log
        LOG.exception("action %s", row.name)
        return Result(error=f"bug in {row.name} ({type(exc).__name__}); the executor's log has its trace")


def open_service(security: Any, call: Call) -> PlanService:
    """Return the plans of this machine for whom Mistral says that calls; never with a right of this process."""
    document = call.document or security.service_catalog
    if not isinstance(document, dict) or "roles" not in document or "catalog" not in document:
        document = look_up_token(call.token, auth_url=call.auth_url, verify=call.verify)
    return open_plan_service(
        server_config(os.environ),
        os.environ,
        token=call.token,
        document=document,
        auth_url=call.auth_url,
        verify=call.verify,
        region=security.region_name,
        successor=partial(next_token, call.execution, call.ticket) if call.execution else None,
    )


def _call_of(context: Any, ticket: str | None) -> Call:
    security = context.security
    if not security.auth_token or not security.auth_uri or has_expired(security):
        return stand_in(context, ticket)
    return Call(
        execution=context.execution.workflow_execution_id if context.execution else None,
        token=security.auth_token,
        auth_url=str(security.auth_uri),
        verify=security.auth_cacert or not security.insecure,
        ticket=ticket,
    )
