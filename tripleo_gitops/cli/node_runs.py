"""Work on machines as a run: kept, followed and resumed by any process, in this process or left to a server."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tripleo_gitops.cli.output import emit, note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tripleo_gitops.operations.nodes.outcomes import FleetOptions
    from tripleo_gitops.wiring.config import Config

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class AsRun:
    """Whether a command was asked to work as a run, and whether to leave that to a server."""

    here: bool
    detach: bool

    def __bool__(self) -> bool:
        return self.here or self.detach

    def do(
        self, config: Config, workflow: str, *, inputs: Mapping[str, Any], form: str, revision: str = "HEAD"
    ) -> None:
        """Ask for the run, work at it unless it is left to a server, and print it; raises how it ended."""
        from tripleo_gitops.cli.run_views import run_data
        from tripleo_gitops.cli.runs_here import leave_run, run_here

        begin = leave_run if self.detach else run_here
        done = begin(config, workflow, revision=revision, inputs=inputs)
        emit(run_data(done), form=form, table=lambda: note(f"run {done.number}: {workflow} {done.state.value}"))


def as_run(command: Callable[..., R]) -> Callable[..., R]:
    """Hand the command, as `as_run`, whether it is to work as a run."""

    def translated(*args: Any, here: bool, detach: bool, **rest: Any) -> R:
        return command(*args, as_run=AsRun(here, detach), **rest)

    functools.update_wrapper(translated, command)
    left = click.option("--detach", is_flag=True, help="Leave the run to a server, and return at once.")
    kept = click.option("--run", "here", is_flag=True, help="Work as a run, which can be resumed after a kill.")
    return kept(left(translated))


def fleet_inputs(options: FleetOptions) -> dict[str, Any]:
    """Return how many nodes at once, how often and for how long, as inputs of a run."""
    return {
        "concurrency": options.concurrency,
        "tries": options.tries,
        "node_timeout": options.node_timeout,
    }


def chosen_inputs(names: Sequence[str], *, everyone: bool, state: str, only_new: bool = False) -> dict[str, Any]:
    """Return which nodes, as inputs of a run: those named, those never introspected, or all in the state."""
    if sum((bool(names), everyone, only_new)) != 1:
        raise click.UsageError(f"name nodes, or give --all-{state}, but one of them")
    return {"nodes": list(names)} if names else {"only_new": True} if only_new else {}
