"""Making and deleting plans as runs: the plan's bare repository is their place, whether it is there yet or not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tripleo_gitops.cli.output import emit, note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.cli.keeping import NamedSource
    from tripleo_gitops.cli.node_runs import AsRun
    from tripleo_gitops.operations.adoption import SecretKeeper
    from tripleo_gitops.runs.record import RunRecord, RunRequest
    from tripleo_gitops.wiring.config import Config


def run_creation(
    config: Config,
    name: str,
    as_run: AsRun,
    *,
    source: NamedSource,
    keeper: SecretKeeper,
    adopt: bool,
    form: str,
) -> None:
    """Let a run make a plan and its mirror; its inputs are kept, so that no source may hold a password."""
    from tripleo_gitops.cli.run_views import run_data
    from tripleo_gitops.errors import Refused

    if urlsplit(source.text).password:
        raise Refused("the source's address holds a password, and a run keeps its inputs; leave --run and --detach out")
    inputs = {
        "source": _absolute(config, source.text),
        "ref": source.ref,
        "recipients": list(keeper.recipients),
        "passwords": keeper.makes_passwords,
        "adopt": adopt,
    }
    run = _do(config, "plan-creation", name, as_run, inputs)
    emit(run_data(run), form=form, table=lambda: note(f"run {run.number}: plan {name} {run.state.value}"))


def run_deletion(config: Config, name: str, as_run: AsRun, *, repository: str) -> None:
    """Let a run take a plan out of the cloud, and archive, keep or purge its repository."""
    run = _do(config, "plan-deletion", name, as_run, {"repository": repository})
    note(f"run {run.number}: deletion of plan {name} {run.state.value}")


def _absolute(config: Config, text: str) -> str:
    """Return a source as any process finds it: a path of this machine from its root."""
    return str((config.directory / text).resolve()) if (config.directory / text).exists() else text


def _do(config: Config, workflow: str, name: str, as_run: AsRun, inputs: Mapping[str, Any]) -> RunRecord:
    from tripleo_gitops.cli.runs_here import drive_here
    from tripleo_gitops.runs.executors import SERVER
    from tripleo_gitops.wiring.runs import newest_workflow, open_runs

    request = _request(config, workflow, name, inputs)
    if not as_run.detach:
        return drive_here(config, request)
    with open_runs(config, os.environ, say=note) as store:
        return store.add(request, newest_workflow(workflow), lane=SERVER)


def _request(config: Config, workflow: str, name: str, inputs: Mapping[str, Any]) -> RunRequest:
    from tripleo_gitops.repository.bare import BRANCH
    from tripleo_gitops.runs.record import RunRequest
    from tripleo_gitops.wiring.runs import actor_at, place_of

    return RunRequest(
        workflow=workflow,
        plan=name,
        revision=BRANCH,  # a plan that is not made yet has no commit to name
        trigger="cli",
        actor=actor_at(config.directory),
        place=place_of(config, os.environ, config.plans_directory / f"{name}.git"),
        inputs=inputs,
    )
