"""Hand what a trigger asks for to the servers of runs, where this machine's operator wants that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tripleo_gitops.plan.plan import load_plan
from tripleo_gitops.runs.executors import SERVER
from tripleo_gitops.runs.record import RunRequest, RunState
from tripleo_gitops.runs.store import RunFilter
from tripleo_gitops.runs.workflows import WORKFLOWS
from tripleo_gitops.wiring.runs import actor_at, open_runs, place_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.plan.settings import PlanSettings
    from tripleo_gitops.repository.objects import PlanRepository
    from tripleo_gitops.runs.record import RunRecord
    from tripleo_gitops.runs.store import RunStore
    from tripleo_gitops.wiring.config import Config


def hand_to_servers(
    config: Config, repository: PlanRepository, revision: Revision, *, directory: Path, say: Callable[[str], None]
) -> RunRecord | None:
    """Queue the run that a plan's settings ask for at a revision; None where they ask for none, or it is there.

    `directory` is the repository's. What to do is read from the revision and the runs; a trigger that comes twice makes
    one run, and one that comes late makes one for what is there now.
    """
    plan = load_plan(repository.tree(revision))
    workflow = _workflow_for(plan.settings)
    if workflow is None:
        return None
    with open_runs(config, os.environ, say=say) as store:
        known = _same(store, plan.name, workflow, str(revision))
        if known is not None:
            say(f"run {known.number} brings {revision.short} already ({known.state})")
            return None
        request = RunRequest(
            workflow=workflow,
            plan=plan.name,
            revision=str(revision),
            trigger="hook",
            actor=actor_at(directory),
            place=place_of(config, os.environ, directory),
        )
        made = store.add(request, next(known for known in WORKFLOWS if known.name == workflow), lane=SERVER)
        say(f"run {made.number} is queued: {workflow} {plan.name} at {revision.short}; `tripleo-plan run logs -f`")
        return made


def _workflow_for(settings: PlanSettings) -> str | None:
    if settings.deploy.on_push:
        return "deploy"
    return "mirror" if settings.sync.on_push else None


def _same(store: RunStore, plan: str, workflow: str, revision: str) -> RunRecord | None:
    """Return the newest run of a workflow, if it is for this revision and has not ended, or ended well."""
    latest = next(iter(store.page(RunFilter(plan=plan, workflow=workflow), limit=1)), None)
    if latest is None or latest.revision != revision:
        return None
    return None if latest.state.is_end and latest.state is not RunState.SUCCEEDED else latest
