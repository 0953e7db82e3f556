"""The steps of one run share a token; nobody shares another run's, and a changed clouds.yaml is heard."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tripleo_gitops.openstack.open_connections import closing_connections
from tripleo_gitops.operations.steps import Place, StepContext
from tripleo_gitops.wiring.config import Config
from tripleo_gitops.wiring.run_clouds import LONGEST_SECONDS, MOST, RunClouds

CONFIG = Config(
    directory=Path(), cloud="one", plans_directory=Path(), cache_directory=Path("/nowhere"), state_directory=Path()
)
CONTEXT = StepContext(
    run_id="r1", step="s", attempt=1, plan="p", revision="main", actor="op", trace_id="1" * 32,
    place=Place(repository=".", cloud="one"), inputs={}, clock=time, time_limit=60, deadline=60,
    write=lambda _text, _level: None, check_wanted=lambda: None,
)  # fmt: skip


@dataclass
class Opened:
    """Connections that were opened: with which trace id each, and which were closed."""

    traces: list[str | None] = field(default_factory=list)
    closed: list[str | None] = field(default_factory=list)
    now: float = 0.0

    def __call__(self, config: Config) -> Any:
        self.traces.append(config.trace_id)
        return _Connection(self, config.trace_id)


@dataclass
class _Connection:
    opened: Opened
    trace: str | None

    @property
    def session(self) -> _Connection:
        return self

    def close(self) -> None:
        self.opened.closed.append(self.trace)


def test_steps_of_one_run_share_a_connection_whose_sockets_each_of_them_closes() -> None:
    opened = Opened()
    clouds = RunClouds(CONFIG, open=opened, seconds=lambda: opened.now)
    for _ in range(3):
        with closing_connections():
            clouds.of(CONTEXT)
    assert (opened.traces, opened.closed) == (["1" * 32], ["1" * 32] * 3)


def test_other_runs_and_other_clouds_have_their_own() -> None:
    opened = Opened()
    clouds = RunClouds(CONFIG, open=opened, seconds=lambda: opened.now)
    clouds.of(CONTEXT)
    clouds.of(replace(CONTEXT, trace_id="2" * 32))
    clouds.of(replace(CONTEXT, place=Place(repository=".", cloud="two")))
    clouds.of(replace(CONTEXT, place=Place(repository=".", cloud="one", clouds_file="/etc/clouds.yaml")))
    assert len(opened.traces) == 4


def test_after_a_while_the_clouds_file_is_read_again() -> None:
    opened = Opened()
    clouds = RunClouds(CONFIG, open=opened, seconds=lambda: opened.now)
    clouds.of(CONTEXT)
    opened.now = LONGEST_SECONDS
    clouds.of(CONTEXT)
    assert len(opened.traces) == 2


def test_a_server_does_not_keep_the_connections_of_all_its_runs() -> None:
    opened = Opened()
    clouds = RunClouds(CONFIG, open=opened, seconds=lambda: opened.now)
    for number in range(3 * MOST):
        clouds.of(replace(CONTEXT, trace_id=f"{number:032x}"))
    assert len(clouds._known) <= MOST + 1
