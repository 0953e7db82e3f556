"""A run that a command asks for and works at itself, with its log on standard error."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.output import note

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tripleo_gitops.runs.engine import Engine
    from tripleo_gitops.runs.mistral_engine import MistralEngine
    from tripleo_gitops.runs.record import LogLine, RunRecord, RunRequest, Shown
    from tripleo_gitops.wiring.config import Config


engine_option = click.option(
    "--engine",
    type=click.Choice(["embedded", "mistral"]),
    help="Who does the work: this process, or OpenStack's Mistral [default: the server's settings, or embedded].",
)


def run_here(
    config: Config,
    workflow: str,
    *,
    revision: str,
    inputs: Mapping[str, Any],
    shown: Shown | None = None,
    quiet_reasons: Collection[str] = (),
    engine: str | None = None,
) -> RunRecord:
    """Ask for a run of the plan at a revision, work at it to its end and return it; Mistral's is followed instead.

    Ctrl-C cancels it. Raises what a run that did not succeed says, but for `quiet_reasons`, which the caller shows.
    """
    request = _request(config, workflow, revision=revision, inputs=inputs, shown=shown)
    if (mistral := _mistral(config, engine)) is not None:
        ended = _followed(mistral, _begun(mistral, request).id)
    else:
        from tripleo_gitops.wiring.engine import open_engine

        with open_engine(config, os.environ, say=note) as embedded:
            ended = _driven(embedded, embedded.start(request).id, actor=request.actor)
    if ended.error is None or ended.error.reason not in quiet_reasons:
        ended.check_succeeded()
    return ended


def leave_run(
    config: Config,
    workflow: str,
    *,
    revision: str,
    inputs: Mapping[str, Any],
    shown: Shown | None = None,
    engine: str | None = None,
) -> RunRecord:
    """Ask for a run of the plan at a revision, and leave the work to a server, or to Mistral."""
    from tripleo_gitops.runs.executors import SERVER
    from tripleo_gitops.wiring.runs import newest_workflow, open_runs

    request = _request(config, workflow, revision=revision, inputs=inputs, shown=shown)
    if (mistral := _mistral(config, engine)) is not None:
        return _begun(mistral, request)
    with open_runs(config, os.environ, say=note) as store:
        return store.add(request, newest_workflow(workflow), lane=SERVER)


def _mistral(config: Config, engine: str | None) -> MistralEngine | None:
    """Return Mistral where the run is to go there."""
    from tripleo_gitops.runs.record import EngineName
    from tripleo_gitops.wiring.mistral_runs import chosen_engine, open_mistral_runs

    if chosen_engine(config, os.environ, engine) is not EngineName.MISTRAL:
        return None
    return open_mistral_runs(config, os.environ, say=note)


def _begun(mistral: MistralEngine, request: RunRequest) -> RunRecord:
    run = mistral.start(request)
    note(f"Mistral has the run: {run.id}")
    return run


def _followed(mistral: MistralEngine, run: str) -> RunRecord:
    from tripleo_gitops.cli.run_views import print_line

    seen = 0

    def tell(line: LogLine) -> None:
        nonlocal seen
        print_line(line, err=True)
        seen = line.seq

    try:
        return mistral.follow(run, on_line=tell)
    except KeyboardInterrupt:
        note(f"stopping run {run}; Ctrl-C again leaves it to stop by itself")
        mistral.cancel(run)
        return mistral.follow(run, on_line=tell, after=seen)


def drive_here(config: Config, request: RunRequest) -> RunRecord:
    """Work at what is asked for to its end and return it; Ctrl-C cancels it. Raises what a bad end says."""
    from tripleo_gitops.wiring.engine import open_engine

    with open_engine(config, os.environ, say=note) as engine:
        ended = _driven(engine, engine.start(request).id, actor=request.actor)
    ended.check_succeeded()
    return ended


def _request(
    config: Config, workflow: str, *, revision: str, inputs: Mapping[str, Any], shown: Shown | None
) -> RunRequest:
    from tripleo_gitops.operations.revisions import plan_name_of
    from tripleo_gitops.runs.record import RunRequest
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.runs import actor_at, place_of

    with open_repository(config) as repository:
        found = repository.resolve(revision)
        return RunRequest(
            workflow=workflow,
            plan=plan_name_of(repository.tree(found)),
            revision=str(found),
            trigger="cli",
            actor=actor_at(config.directory),
            place=place_of(config, os.environ, config.directory),
            inputs=inputs,
            shown=shown,
        )


def _driven(engine: Engine, run: str, *, actor: str) -> RunRecord:
    from tripleo_gitops.cli.run_views import print_line

    try:
        return engine.drive(run, on_line=lambda line: print_line(line, err=True))
    except KeyboardInterrupt:
        note("stopping what is under way; Ctrl-C again leaves it to `tripleo-plan run resume`")
        engine.store.ask_cancel(run, actor=actor)
        after = engine.store.get(run).lines
        return engine.drive(run, on_line=lambda line: print_line(line, err=True), after=after)
