"""`tripleo.git.log` and `tripleo.git.approve`: a run of Mistral's is followed, and said yes to."""

from __future__ import annotations

import logging
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.mistral_actions.server import server_config
from tripleo_gitops.operations.stacks.approvals import Ballot, authors_between, check_approver
from tripleo_gitops.operations.stacks.staleness import Bound
from tripleo_gitops.operations.stacks.tags import deployed_revision
from tripleo_gitops.runs.execution_notes import ExecutionNotes
from tripleo_gitops.runs.mistral_runs import plan_of, run_of
from tripleo_gitops.runs.store import RunIsOver
from tripleo_gitops.wiring.runs import open_runs
from tripleo_gitops.wiring.server_settings import read_server_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.operations.plan_service import PlanService
    from tripleo_gitops.runs.record import RunRecord

LOG = logging.getLogger(__name__)


def log(service: PlanService, *, container: str, execution: str, after: int = 0) -> dict[str, Any]:
    """The lines of a run's log after a number, a thousand at most, and who said yes to it."""
    with service.open(container):
        pass  # whose plan it is was asked
    with _notes(container) as notes:
        found, approvals = notes.lines(execution, after=int(after)), notes.approvals(execution)
    return {
        "lines": [
            {"seq": one.seq, "time": one.time.timestamp(), "step": one.step, "level": one.level.value, "text": one.text}
            for one in found
        ],
        "approvals": [
            {"actor": yes.actor, "time": yes.time.timestamp(), "digest": yes.digest, "comment": yes.comment}
            for yes in approvals
        ],
    }


def approve(service: PlanService, *, container: str, execution: str, comment: str = "") -> dict[str, Any]:
    """Say yes, as the caller, to what was shown when a run was asked for; refused where it would not count."""
    service.caller.check_may(write=True)
    with service.open(container):
        pass  # whose plan it is was asked
    found = service.executions.execution(execution)
    if plan_of(found) != container:
        raise InvalidInput(f"execution {execution} is no run of plan {container}")
    run = run_of(found, service.executions.tasks(execution))
    if run.state.is_end:
        raise RunIsOver(f"run {run.label} is {run.state}; there is nothing left to approve")
    settings = read_server_settings(server_config(os.environ), os.environ)
    for rules in settings.approvals:
        if rules.concern(run.workflow, container):
            check_approver(rules, _ballot(service, run), service.caller.user)
    bound = found.input.get("bound")
    digest = Bound.of(bound).digest if bound else None
    with _notes(container) as notes:
        notes.approve(execution, actor=service.caller.user, digest=digest, comment=comment)
    return {"execution": execution, "approved_by": service.caller.user, "digest": digest}


def _ballot(service: PlanService, run: RunRecord) -> Ballot:
    authors: frozenset[str] = frozenset()
    if run.workflow == "deploy":
        deployed = deployed_revision(service.cloud.stacks.find(run.plan))
        with service.open(run.plan) as repository:
            authors = authors_between(repository, deployed, repository.resolve(run.revision or "HEAD"))
    return Ballot(workflow=run.workflow, plan=run.plan, authors=authors)


@contextmanager
def _notes(plan: str) -> Iterator[ExecutionNotes]:
    with open_runs(server_config(os.environ), os.environ, say=LOG.info) as store:
        yield ExecutionNotes(store.database, plan, now=time.time)
