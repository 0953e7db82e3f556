"""`tripleo-plan rename`: another name for a plan of the plans directory."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import note

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.argument("old")
@click.argument("new")
@configured
def rename(config: Config, old: str, new: str) -> None:
    """Rename a plan of the plans directory.

    Refused while the cloud has a stack or a mirror of either name. Clones follow with `git remote set-url`.

    \b
    Example:
      tripleo-plan rename site1 berlin
    """
    from tripleo_gitops.operations.renaming import apply_rename, check_rename, plan_rename
    from tripleo_gitops.plan.names import parse_plan_name
    from tripleo_gitops.repository.identity import committer

    planned = plan_rename(config.plans_directory, parse_plan_name(old), parse_plan_name(new))
    if config.cloud:
        from tripleo_gitops.wiring.cloud import open_cloud

        cloud = open_cloud(config)
        check_rename(planned, containers=cloud.containers, stacks=cloud.stacks, environments=cloud.environments)
    else:
        note("no cloud named: nobody was asked whether a stack or a mirror has one of the names")
    revision = apply_rename(planned, signature=committer(config.plans_directory, time=int(time.time())))
    click.echo(f"plan {new} at {revision.short}: git remote set-url origin {planned.target}")
