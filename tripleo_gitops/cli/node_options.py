"""What the commands of `tripleo-plan node` share: which nodes, how many at once, what became of each."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tripleo_gitops.cli.output import emit, note, print_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tripleo_gitops.nodes.registered import NodeState
    from tripleo_gitops.operations.nodes.outcomes import FleetOptions, FleetOutcome, NodeOutcome

R = TypeVar("R")

nodes_argument = click.argument("names", nargs=-1, metavar="[NODE]...")
"""The nodes, by name or id."""

_CONCURRENCY = click.option(
    "--concurrency", type=click.IntRange(1, 500), default=20, show_default=True, help="How many nodes at once."
)
_TRIES = click.option(
    "--tries", type=click.IntRange(1, 20), default=3, show_default=True, help="How often a step is tried for a node."
)
_TIMEOUT = click.option(
    "--node-timeout",
    type=click.IntRange(1),
    default=1200,
    show_default=True,
    metavar="SECONDS",
    help="How long one try may take for one node.",
)


def fleet_options(command: Callable[..., R]) -> Callable[..., R]:
    """Hand the command, as `options`, how many nodes at once, how often and for how long."""

    def translated(*args: Any, concurrency: int, tries: int, node_timeout: int, **rest: Any) -> R:
        from tripleo_gitops.operations.nodes.outcomes import FleetOptions

        options = FleetOptions(concurrency=concurrency, tries=tries, node_timeout=float(node_timeout))
        return command(*args, options=options, **rest)

    functools.update_wrapper(translated, command)
    for option in (_TIMEOUT, _TRIES, _CONCURRENCY):
        translated = option(translated)
    return translated


def all_in(state: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Return the option that stands for every free node in a state; the command gets it as `everyone`."""
    return click.option(f"--all-{state}", "everyone", is_flag=True, help=f"Every {state} node that is free.")


def chosen_nodes(
    states: Iterable[NodeState], names: Sequence[str], *, everyone: bool = False, state: str = ""
) -> tuple[NodeState, ...]:
    """Return the nodes that a command names, or all that are in a state."""
    from tripleo_gitops.operations.nodes.selection import named_nodes, nodes_in_state

    if bool(names) == everyone:
        raise click.UsageError(f"name nodes, or give --all-{state}" if state else "name one node or more")
    return nodes_in_state(states, state) if everyone else named_nodes(states, names)


def show_each(outcome: NodeOutcome) -> None:
    """Say on standard error what became of a node, when that is known."""
    moved = f" {outcome.before} → {outcome.after}" if outcome.before != outcome.after else ""
    said = f": {outcome.reason}" if outcome.reason else ""
    note(f"{outcome.node}: {outcome.verb} {outcome.ending.value}{moved}{said}")


def finish(outcome: FleetOutcome, *, form: str, data: dict[str, Any] | None = None) -> None:
    """Print what became of every node; end with an error where some failed."""
    from tripleo_gitops.operations.nodes.outcomes import Ending

    listed = [to_document(one) for one in outcome.outcomes]

    def table() -> None:
        rows = [
            (one.node, one.verb, one.before or "-", one.after or "-", one.ending.value, one.reason)
            for one in outcome.outcomes
        ]
        if rows:
            print_rows(rows, headings=("NODE", "VERB", "BEFORE", "AFTER", "ENDED", "REASON"))
        counts = ", ".join(f"{outcome.count(ending)} {ending.value}" for ending in Ending)
        note(counts if rows else "no node to do anything about")

    emit({"nodes": listed, **(data or {})}, form=form, table=table)
    outcome.check()


def to_document(one: NodeOutcome) -> dict[str, Any]:
    """Return an outcome as data."""
    return {
        "node": one.node,
        "uuid": one.uuid,
        "verb": one.verb,
        "ending": one.ending.value,
        "before": one.before,
        "after": one.after,
        "reason": one.reason,
        "tries": one.tries,
        "seconds": one.seconds,
    }


def options_of(settings: Any, *, concurrency: int | None) -> FleetOptions:
    """Return the plan's own options, with another number of nodes at once where one is given."""
    from dataclasses import replace

    from tripleo_gitops.operations.nodes.workflow import fleet_options as of_plan

    found = of_plan(settings)
    return replace(found, concurrency=concurrency) if concurrency else found
