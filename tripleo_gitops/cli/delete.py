"""`tripleo-plan delete`: remove a plan from the cloud, and put its repository away."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.node_runs import as_run
from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import note
from tripleo_gitops.cli.plan_runs import run_deletion

if TYPE_CHECKING:
    from pathlib import Path

    from tripleo_gitops.cli.node_runs import AsRun
    from tripleo_gitops.operations.deletion import DeletionPlan
    from tripleo_gitops.wiring.cloud import Cloud
    from tripleo_gitops.wiring.config import Config

STACK_TIMEOUT_SECONDS = 4 * 3600.0


@click.command()
@click.argument("name")
@click.option("--stack", "with_stack", is_flag=True, help="Delete the plan's stack first, and wait until it is gone.")
@click.option(
    "--purge",
    "repository",
    flag_value="purge",
    help="Remove the repository with its history, instead of moving it to .archive.",
)
@click.option("--keep-repository", "repository", flag_value="keep", help="Leave the repository where it is.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@as_run
@configured
def delete(config: Config, name: str, with_stack: bool, repository: str | None, yes: bool, as_run: AsRun) -> None:
    """Delete a plan: mirror, leftovers, repository.

    Its mirror goes, with what TripleO keeps beside it; its repository in the plans directory is archived.
    Refused while a stack of that name exists, unless --stack says to delete it.

    \b
    Examples:
      tripleo-plan delete site1
      tripleo-plan delete site1 --stack --yes
      tripleo-plan delete site1 --purge
    """
    from tripleo_gitops.operations.deletion import apply_deletion, plan_deletion
    from tripleo_gitops.plan.names import parse_plan_name
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.server_settings import read_server_settings

    cloud, plan_name = open_cloud(config), parse_plan_name(name)
    if with_stack:
        rules = read_server_settings(config, os.environ)
        rules.check_unheld("undeploy", plan_name, instead="call `tripleo-plan undeploy` first")
        _delete_stack(cloud, plan_name, yes=yes)
    planned = plan_deletion(
        plan_name,
        containers=cloud.containers,
        stacks=cloud.stacks,
        environments=cloud.environments,
        repository=None if repository == "keep" else config.plans_directory / f"{plan_name}.git",
    )
    if not yes:
        click.confirm(_question(planned, is_purged=repository == "purge"), abort=True, err=True)
    if as_run:
        run_deletion(config, plan_name, as_run, repository=repository or "archive")
        return
    apply_deletion(planned, containers=cloud.containers, environments=cloud.environments)
    what = ", ".join(removal.container for removal in planned.containers) or "no container"
    click.echo(f"plan {name} is gone from the cloud: {planned.object_count} objects removed ({what})")
    if planned.repository is not None:
        _put_away(planned.repository, is_purged=repository == "purge")


def _question(planned: DeletionPlan, *, is_purged: bool) -> str:
    parts = [f"container {removal.container} ({len(removal.paths)} objects)" for removal in planned.containers]
    if planned.has_environment:
        parts.append(f"Mistral environment {planned.name}")
    if planned.repository is not None:
        parts.append(f"{planned.repository} {'with its history' if is_purged else '(to .archive)'}")
    return f"remove {', '.join(parts)}?"


def _put_away(repository: Path, *, is_purged: bool) -> None:
    from tripleo_gitops.operations.deletion import archive_repository, purge_repository

    if is_purged:
        purge_repository(repository)
        click.echo(f"{repository} is gone")
    else:
        click.echo(f"its repository is in {archive_repository(repository, time=int(time.time()))}")


def _delete_stack(cloud: Cloud, name: str, *, yes: bool) -> None:
    from tripleo_gitops.operations.stacks.undeploy import delete_stack

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
