"""`tripleo-plan render`: write the rendered plan to a directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import local, revision_argument

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


@click.command()
@revision_argument()
@click.option(
    "--output",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    help="Directory to write to; it must be new or empty.",
)
@local
def render(config: Config, revision: str, target: Path) -> None:
    """Write the rendered plan to a directory.

    What is mirrored of REVISION, file by file.

    \b
    Example:
      tripleo-plan render main --output /tmp/rendered
    """
    from tripleo_gitops.operations.rendering import write_tree
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository:
        found = open_plan(repository, revision)
        count = write_tree(found.rendered, target)
    click.echo(f"{found.revision}: {count} files in {target}")
