"""`tripleo-plan init`: begin a plan in a directory of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import local

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--name", help="The plan's name, also of its stack and container [default: the directory's name].")
@click.option(
    "--from",
    "source",
    metavar="DIR",
    default="example",
    show_default=True,
    help="Directory with the plan's first files: templates of your own, or the shipped example.",
)
@local
def init(config: Config, directory: Path, name: str | None, source: str) -> None:
    """Begin a plan in a directory of your own.

    It becomes a Git repository with files that you read, change and then commit.

    \b
    Examples:
      tripleo-plan init mycloud
      tripleo-plan init mycloud --from ~/tripleo-heat-templates --name site1
    """
    from tripleo_gitops.operations.creation import init_plan
    from tripleo_gitops.plan.names import parse_plan_name
    from tripleo_gitops.repository.directory import DirectoryTree
    from tripleo_gitops.wiring.local import source_directory

    path = config.directory / directory
    plan_name = parse_plan_name(name or path.resolve().name)
    files = init_plan(path, DirectoryTree(source_directory(config, source)), name=plan_name)
    click.echo(f"plan {plan_name}: {len(files)} files in {directory}, not committed yet")
    click.echo(f'next: cd {directory}; look around; tripleo-plan commit --all -m "Begin plan {plan_name}"')
