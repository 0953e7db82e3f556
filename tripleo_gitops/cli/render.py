"""`tripleo-plan render`: write the rendered plan to a directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import revision_or_directory

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.option(
    "--output",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    help="Directory to write to; it must be new or empty.",
)
@revision_or_directory
def render(config: Config, revision: str | None, plan: Path | None, target: Path) -> None:
    """Write the rendered plan to a directory.

    What is mirrored of REVISION [default: HEAD], file by file; or what a directory would be, rendered.

    \b
    Examples:
      tripleo-plan render main --output /tmp/rendered
      tripleo-plan render --plan ./tripleo-heat-templates --output /tmp/rendered
    """
    from tripleo_gitops.operations.rendering import write_tree
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.repository.directory import DirectoryTree
    from tripleo_gitops.sandbox.rendering import render as render_tree
    from tripleo_gitops.wiring.cache import open_cache
    from tripleo_gitops.wiring.local import open_repository

    if plan is not None:
        tree = render_tree(DirectoryTree(config.directory / plan), cache=open_cache(config))
        click.echo(f"{plan}: {write_tree(tree, target)} files in {target}")
        return
    with open_repository(config) as repository:
        found = open_plan(repository, revision or "HEAD")
        count = write_tree(found.rendered, target)
    click.echo(f"{found.revision}: {count} files in {target}")
