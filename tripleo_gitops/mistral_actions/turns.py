"""One run of Mistral's works at a plan at a time: the next one is asked again until those before it are over."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

from tripleo_gitops.mistral_actions.server import server_config
from tripleo_gitops.openstack.workflow_service import NoSuchExecution
from tripleo_gitops.operations.steps import Level
from tripleo_gitops.runs.execution_notes import ExecutionNotes
from tripleo_gitops.runs.execution_turns import ExecutionTurns
from tripleo_gitops.wiring.runs import open_runs

if TYPE_CHECKING:
    from tripleo_gitops.mistral_actions.row import Call
    from tripleo_gitops.operations.plan_service import PlanService

LOG = logging.getLogger(__name__)
LETS_PASS = frozenset({"SUCCESS", "ERROR", "CANCELLED", "PAUSED"})
"""A run that somebody paused, as TripleO's interface does to stop one, keeps no other out."""
BEGINNING = "begin"


def wait_for_turn(service: PlanService, call: Call, plan: str) -> str | None:
    """Give the plan to the run, if no other one has it; else say in its log, and return, which one has."""
    if call.execution is None:
        return None

    def is_over(execution: str) -> bool:
        try:
            return service.executions.state(execution) in LETS_PASS
        except NoSuchExecution:
            return True

    with open_runs(server_config(os.environ), os.environ, say=LOG.info) as store:
        holder = ExecutionTurns(store.database).take(plan, call.execution, is_over=is_over)
        if holder is None:
            return None
        waits = f"plan {plan} is worked at by run {holder}; when that ends, or is cancelled, this one begins"
        notes = ExecutionNotes(store.database, plan, now=time.time)
        before = notes.last(call.execution, BEGINNING)
        if before is None or before.text != waits:
            notes.write(call.execution, [(time.time(), BEGINNING, Level.WARNING, waits)])
    return waits
