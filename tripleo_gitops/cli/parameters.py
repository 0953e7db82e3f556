"""`tripleo-plan parameters`: look at the plan's parameters, set and unset them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import local
from tripleo_gitops.cli.parameter_views import get, list_command, show, tree

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


@click.group()
def parameters() -> None:
    """Look at the plan's parameters, set and unset them.

    They change in the work tree; look with `tripleo-plan diff`, then commit.
    """


for view in (tree, list_command, show, get):
    parameters.add_command(view)


@parameters.command("set")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE...")
@local
def set_command(config: Config, assignments: tuple[str, ...]) -> None:
    """Set parameters in plan-environment.yaml; VALUE is YAML. Every other byte of the file stays.

    \b
    Examples:
      tripleo-plan parameters set ControllerCount=3
      tripleo-plan parameters set 'NtpServer=[a.example.org, b.example.org]'
    """
    from tripleo_gitops.operations.editing import set_parameters
    from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
    from tripleo_gitops.wiring.local import open_work_copy, work_tree

    values = dict(_assignment(text) for text in assignments)
    open_work_copy(config).write(PLAN_ENVIRONMENT_FILE, set_parameters(work_tree(config), values))
    click.echo(f"{PLAN_ENVIRONMENT_FILE}: set {', '.join(values)}; not committed yet")


@parameters.command()
@click.argument("names", nargs=-1, required=True)
@local
def unset(config: Config, names: tuple[str, ...]) -> None:
    """Remove parameters from plan-environment.yaml, so that environments and defaults speak again.

    \b
    Example:
      tripleo-plan parameters unset ControllerCount
    """
    from tripleo_gitops.operations.editing import unset_parameters
    from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
    from tripleo_gitops.wiring.local import open_work_copy, work_tree

    open_work_copy(config).write(PLAN_ENVIRONMENT_FILE, unset_parameters(work_tree(config), names))
    click.echo(f"{PLAN_ENVIRONMENT_FILE}: removed {', '.join(names)}; not committed yet")


def _assignment(text: str) -> tuple[str, Any]:
    from tripleo_gitops.documents.yaml import parse_yaml

    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.UsageError(f"{text!r} is not NAME=VALUE")
    return name, parse_yaml(value.encode(), source=f"value of {name}")
