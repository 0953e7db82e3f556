"""The engine of runs as this machine wants it, with the bodies of all steps; loading it costs half a second."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tripleo_gitops.runs.engine import Engine, EngineSettings
from tripleo_gitops.runs.executors import HERE
from tripleo_gitops.runs.workflows import WORKFLOWS
from tripleo_gitops.wiring.bodies import step_bodies
from tripleo_gitops.wiring.notifying import teller_for
from tripleo_gitops.wiring.runs import open_runs
from tripleo_gitops.wiring.runs_settings import read_runs_settings
from tripleo_gitops.wiring.server_settings import read_server_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tripleo_gitops.wiring.config import Config


@contextmanager
def open_engine(
    config: Config, environment: Mapping[str, str], *, say: Callable[[str], None], kind: str = HERE
) -> Iterator[Engine]:
    """Give an engine that works at runs in this process; of another `kind` than `here`, it is a server's."""
    settings, server = read_runs_settings(config, environment), read_server_settings(config, environment)
    asked = EngineSettings(
        kind=kind, workers=settings.workers, lease=settings.lease, grace=settings.grace, keep=settings.keep
    )
    with open_runs(config, environment, say=say) as store:
        bodies, teller = step_bodies(config, store), teller_for(server.targets, store)
        with Engine(store, workflows=WORKFLOWS, bodies=bodies, clock=time, settings=asked, teller=teller) as engine:
            yield engine
