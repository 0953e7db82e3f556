"""`tripleo-plan create`: make the bare repository of a plan that people clone and push to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import emit, output_option

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.argument("name")
@click.option(
    "--from",
    "source",
    metavar="DIR",
    default="example",
    show_default=True,
    help="Directory with the plan's files, or the shipped example.",
)
@output_option
@configured
def create(config: Config, name: str, source: str, form: str) -> None:
    """Make a plan's bare repository, to clone and push to.

    NAME.git has one clean first commit.
    It is made in the plans directory (--plans-dir) and checked first; when it fails, nothing is left behind.

    \b
    Examples:
      tripleo-plan create site1 --from ~/tripleo-heat-templates
      git clone ~/.local/share/tripleo-gitops/plans/site1.git
    """
    from tripleo_gitops.operations.creation import create_plan
    from tripleo_gitops.plan.names import parse_plan_name
    from tripleo_gitops.repository.bare import Signature
    from tripleo_gitops.repository.directory import DirectoryTree
    from tripleo_gitops.repository.identity import committer
    from tripleo_gitops.wiring.local import source_directory

    path = config.plans_directory / f"{parse_plan_name(name)}.git"
    files = DirectoryTree(source_directory(config, source))
    signature = Signature(committer(), int(time.time()))
    revision = create_plan(path, files, name=parse_plan_name(name), origin=source, signature=signature)
    data = {"plan": name, "repository": str(path), "revision": str(revision)}
    emit(data, form=form, table=lambda: click.echo(f"plan {name} at {revision.short}: git clone {path}"))
