"""`tripleo-plan delete`: remove a plan from the cloud."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import note

if TYPE_CHECKING:
    from tripleo_gitops.wiring.cloud import Cloud
    from tripleo_gitops.wiring.config import Config

STACK_TIMEOUT_SECONDS = 4 * 3600.0


@click.command()
@click.argument("name")
@click.option("--stack", "with_stack", is_flag=True, help="Delete the plan's stack first, and wait until it is gone.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@configured
def delete(config: Config, name: str, with_stack: bool, yes: bool) -> None:
    """Remove a plan from the cloud.

    Its mirror goes, and with --stack its stack; Git repositories stay.
    Refused while a stack of that name exists, unless --stack says to delete it.

    \b
    Examples:
      tripleo-plan delete site1
      tripleo-plan delete site1 --stack --yes
    """
    from tripleo_gitops.operations.deletion import apply_deletion, plan_deletion
    from tripleo_gitops.plan.names import parse_plan_name
    from tripleo_gitops.wiring.cloud import open_cloud

    cloud, plan_name = open_cloud(config), parse_plan_name(name)
    if with_stack:
        _delete_stack(cloud, plan_name, yes=yes)
    planned = plan_deletion(plan_name, containers=cloud.containers, stacks=cloud.stacks)
    if not yes:
        click.confirm(f"remove container {name} with its {len(planned.paths)} objects?", abort=True, err=True)
    apply_deletion(cloud.containers, planned)
    click.echo(f"plan {name} is gone from the cloud: {len(planned.paths)} objects removed; its Git repository stays")


def _delete_stack(cloud: Cloud, name: str, *, yes: bool) -> None:
    from tripleo_gitops.operations.undeploy import delete_stack

    stack = cloud.stacks.find(name)
    if stack is None:
        return
    if not yes:
        click.confirm(f"delete stack {name} ({stack.status}) and everything in it?", abort=True, err=True)
    left = None
    for count in delete_stack(cloud.stacks, stack, timeout=STACK_TIMEOUT_SECONDS, clock=time):
        if count != left:
            note(f"stack {name}: {count} resources left")
        left = count
    click.echo(f"stack {name} is deleted")
