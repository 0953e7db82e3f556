"""`tripleo-plan fetch`: read a plan from its mirror, one revision whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import emit, output_option

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.argument("name")
@click.argument("directory", type=click.Path(path_type=Path))
@output_option
@configured
def fetch(config: Config, name: str, directory: Path, form: str) -> None:
    """Write the files of a mirrored plan to a new directory.

    All of one revision, each checked, or none at all: never a mix of two.

    \b
    Examples:
      tripleo-plan fetch site1 /tmp/site1
    """
    from tripleo_gitops.operations.mirror.fetch import fetch_mirror
    from tripleo_gitops.plan.names import parse_plan_name
    from tripleo_gitops.wiring.cloud import open_cloud

    store = open_cloud(config).containers
    found = fetch_mirror(store, parse_plan_name(name), config.directory / directory)
    count = len(found.manifest.entries)
    data = {"plan": name, "revision": str(found.revision), "files": count, "directory": str(directory)}
    emit(data, form=form, table=lambda: click.echo(f"{count} files of {name} at {found.revision} in {directory}"))
