"""Hand what a trigger asks for to the servers of runs, where this machine's operator wants that."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.operations.nodes.reconcile import say_what_nodes_ask
from tripleo_gitops.operations.nodes.request import NodeRequest, ask_for_nodes
from tripleo_gitops.plan.plan import load_plan
from tripleo_gitops.repository.objects import UnknownRevision
from tripleo_gitops.runs.executors import SERVER
from tripleo_gitops.runs.record import RunRequest, RunState
from tripleo_gitops.runs.store import RunFilter
from tripleo_gitops.wiring.runs import actor_at, newest_workflow, open_runs, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tripleo_gitops.plan.plan import Plan
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.plan.settings import PlanSettings
    from tripleo_gitops.repository.objects import PlanRepository
    from tripleo_gitops.runs.record import RunRecord
    from tripleo_gitops.runs.store import RunStore
    from tripleo_gitops.wiring.config import Config

REGISTRATION = "node-registration"
TRIGGER = "hook"


def hand_to_servers(
    config: Config, repository: PlanRepository, revision: Revision, *, directory: Path, say: Callable[[str], None]
) -> tuple[RunRecord, ...]:
    """Queue the runs that a plan's settings ask for at a revision; none where they ask for none, or they are there.

    `directory` is the repository's. What to do is read from the revision and the runs; a trigger that comes twice makes
    one run, and one that comes late makes one for what is there now. Machines come first: their run is short, and a
    deploy may need them.
    """
    plan = load_plan(repository.tree(revision))
    workflow, registers = _workflow_for(plan.settings), plan.settings.nodes.register_on_push
    made: list[RunRecord] = []
    if workflow is not None or registers:
        with open_runs(config, os.environ, say=say) as store:
            queue = _Queue(config, store, plan, revision, directory, say)
            made += queue.register(repository) if registers else ()
            made += queue.add(workflow) if workflow is not None else ()
    if made or workflow is None:
        say_what_nodes_ask(repository, revision, say=say)  # once for each revision, where a run tells what is new
    return tuple(made)


@dataclass(frozen=True, slots=True)
class _Queue:
    """The runs of a plan, and the revision that more are asked for."""

    config: Config
    store: RunStore
    plan: Plan
    revision: Revision
    directory: Path
    say: Callable[[str], None]

    def add(self, workflow: str, *, inputs: Mapping[str, Any] | None = None, why: str = "") -> tuple[RunRecord, ...]:
        """Queue a run, unless the newest of its workflow brings this revision already."""
        latest = self.latest(workflow)
        if latest is not None and latest.revision == str(self.revision) and _counts(latest):
            self.say(f"run {latest.number} brings {self.revision.short} already ({latest.state})")
            return ()
        request = RunRequest(
            workflow=workflow,
            plan=self.plan.name,
            revision=str(self.revision),
            trigger=TRIGGER,
            actor=actor_at(self.directory),
            place=place_of(self.config, os.environ, self.directory),
            inputs=inputs or {},
        )
        made = self.store.add(request, newest_workflow(workflow), lane=SERVER)
        said = f"{workflow} {self.plan.name} at {self.revision.short}{why}"
        self.say(f"run {made.number} is queued: {said}; `tripleo-plan run logs -f`")
        return (made,)

    def register(self, repository: PlanRepository) -> tuple[RunRecord, ...]:
        """Queue a registration of the machines that changed since the last one, and introspection of those new."""
        asked, settings = self._asked(repository), self.plan.settings.nodes
        if not asked.registers:
            if asked.gone:
                self.say(f"nodes: {asked}; a push removes none: `tripleo-plan node register --remove` does")
            return ()
        inputs = {"introspects": settings.introspect_on_push, "provides": settings.provide_on_push}
        return self.add(REGISTRATION, inputs=inputs, why=f" (machines: {asked})")

    def latest(self, workflow: str) -> RunRecord | None:
        """Return the newest run of a workflow."""
        return next(iter(self.store.page(RunFilter(plan=self.plan.name, workflow=workflow), limit=1)), None)

    def _asked(self, repository: PlanRepository) -> NodeRequest:
        """Return what differs from the last registration that a trigger asked for; all, where that did not end well."""
        latest, before = self.latest(REGISTRATION), None
        if latest is not None and latest.trigger == TRIGGER and _counts(latest):
            with suppress(UnknownRevision):  # history was rewritten
                before = repository.tree(repository.resolve(latest.revision))
        if before is not None and load_plan(before).settings.nodes != self.plan.settings.nodes:
            before = None  # other rules: what they ask for now was not asked for then
        return ask_for_nodes(before, repository.tree(self.revision), self.plan.settings.nodes)


def _workflow_for(settings: PlanSettings) -> str | None:
    if settings.deploy.on_push:
        return "deploy"
    return "mirror" if settings.sync.on_push else None


def _counts(run: RunRecord) -> bool:
    """Return whether a run did what it is for, or still may."""
    return not run.state.is_end or run.state is RunState.SUCCEEDED
