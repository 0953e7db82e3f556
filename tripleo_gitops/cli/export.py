"""`tripleo-plan export`: a revision as a tar archive."""

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
    "-f",
    "--output-file",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write, `-` for standard output [default: PLAN.tar.gz here].",
)
@click.option("--rendered", is_flag=True, help="The rendered plan instead of the plan as committed.")
@click.option("--force-overwrite", is_flag=True, help="Replace a file that is there.")
@local
def export(config: Config, revision: str, target: Path | None, rendered: bool, force_overwrite: bool) -> None:
    """Write a revision as a gzipped tar.

    As `openstack overcloud plan export` does; equal bytes for equal plans.

    \b
    Examples:
      tripleo-plan export
      tripleo-plan export HEAD~1 -f - | tar tz
    """
    from tripleo_gitops.operations.export import write_archive
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository:
        found = open_plan(repository, revision)
        path = target or Path(f"{found.name}.tar.gz")
        if not force_overwrite and path.exists():
            raise click.UsageError(f"{path} exists; name another file, or pass --force-overwrite")
        with click.open_file(str(path), "wb", atomic=str(path) != "-") as out:
            tree = found.rendered if rendered else found.tree
            count = write_archive(tree, out, time=repository.describe(found.revision).time)
    click.echo(f"{found.revision}: {count} files in {path}", err=True)
