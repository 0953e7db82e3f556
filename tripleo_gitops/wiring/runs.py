"""The runs of this machine: their records, for every process that asks for one or reads them."""

from __future__ import annotations

import getpass
import os
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.operations.steps import Place
from tripleo_gitops.repository.identity import committer
from tripleo_gitops.runs.database import open_database
from tripleo_gitops.runs.executors import SERVER, Watch
from tripleo_gitops.runs.store import RunStore
from tripleo_gitops.runs.why import explain
from tripleo_gitops.runs.workflows import WORKFLOWS
from tripleo_gitops.wiring.runs_settings import read_runs_settings
from tripleo_gitops.wiring.server_settings import read_server_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tripleo_gitops.runs.record import RunRecord
    from tripleo_gitops.runs.workflow import Workflow
    from tripleo_gitops.wiring.config import Config


@contextmanager
def open_runs(config: Config, environment: Mapping[str, str], *, say: Callable[[str], None]) -> Iterator[RunStore]:
    """Give the records of runs; raises DatabaseNotUsable, DatabaseUnavailable, InvalidDocument.

    `say` is told when the database has to be waited for.
    """
    database = open_database(read_runs_settings(config, environment).database, clock=time, say=say)
    is_told = bool(read_server_settings(config, environment).targets)
    try:
        yield RunStore(database, now=time.time, is_told=is_told)
    finally:
        database.close()


def place_of(config: Config, environment: Mapping[str, str], repository: Path) -> Place:
    """Return where a run for a repository works: the cloud is the configured one, by its name."""
    clouds_file = config.clouds_file or environment.get("OS_CLIENT_CONFIG_FILE")
    return Place(repository=str(repository), cloud=config.cloud, clouds_file=str(clouds_file) if clouds_file else None)


def config_at(config: Config, place: Place, *, trace_id: str) -> Config:
    """Return a configuration for where a run works, whose requests carry the run's trace id."""
    return replace(
        config,
        directory=Path(place.repository),
        cloud=place.cloud or config.cloud,
        clouds_file=Path(place.clouds_file) if place.clouds_file else config.clouds_file,
        trace_id=trace_id,
    )


def actor_at(directory: Path) -> str:
    """Return who asks on this machine: as Git knows them, or else the machine's user."""
    try:
        return committer(directory, time=0).who
    except InvalidInput:
        return f"{getpass.getuser()}@{os.uname().nodename}"


def newest_workflow(name: str) -> Workflow:
    """Return the newest version of a workflow that this tool knows."""
    return max((known for known in WORKFLOWS if known.name == name), key=lambda known: known.version)


def workflow_named(name: str, version: int) -> Workflow | None:
    """Return a workflow that this tool knows."""
    return next((known for known in WORKFLOWS if (known.name, known.version) == (name, version)), None)


def bury_dead(store: RunStore) -> None:
    """Take away the leases of processes of this machine that are gone."""
    Watch(store.database, clock=time).bury(but="")


def explained(store: RunStore, run: str) -> tuple[str, ...]:
    """Return sentences about a run; raises RunNotFound."""
    bury_dead(store)
    found, holder = store.get(run), None
    if (held := store.holder(found.plan)) is not None:
        holder = store.get(held)
    living = Watch(store.database, clock=time).living()
    return explain(found, holder=holder, executors=living, workflow=workflow_named(found.workflow, found.version))


def leave_to_server(store: RunStore, run: str, *, actor: str, step: str | None) -> RunRecord:
    """Queue a run again for servers to go on with; raises RunNotFound, RunUnderWay, InvalidInput."""
    found = store.get(run)
    if found.state.is_end or step is not None:
        position = found.position_to_resume(step)
        return store.begin_again(found.id, position=position, actor=actor, lane=SERVER)
    store.hand_over(found.id, lane=SERVER)
    return store.get(found.id)
