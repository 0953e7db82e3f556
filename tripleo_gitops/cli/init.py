"""`tripleo-plan init`: begin a plan in a directory of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.keeping import from_source, keeping_secrets, tell_adopted
from tripleo_gitops.cli.options import local

if TYPE_CHECKING:
    from tripleo_gitops.cli.keeping import NamedSource
    from tripleo_gitops.operations.adoption import SecretKeeper
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--name", help="The plan's name, also of its stack and container [default: the directory's name].")
@from_source()
@keeping_secrets
@local
def init(config: Config, directory: Path, name: str | None, source: NamedSource, keeper: SecretKeeper) -> None:
    """Begin a plan in a directory of your own.

    It becomes a Git repository with files that you read, change and then commit. With an age key at hand
    (`tripleo-plan secrets key`) its passwords are made and sealed.

    \b
    Examples:
      tripleo-plan init mycloud
      tripleo-plan init mycloud --from ~/tripleo-heat-templates --name site1
    """
    from tripleo_gitops.operations.creation import init_plan
    from tripleo_gitops.plan.names import parse_plan_name
    from tripleo_gitops.wiring.sources import open_source

    path = config.directory / directory
    plan_name = parse_plan_name(name or path.resolve().name)
    files, origin = open_source(config, source.text, ref=source.ref)
    adopted = init_plan(path, files, name=plan_name, origin=origin, keeper=keeper)
    tell_adopted(adopted, keeper)
    click.echo(f"plan {plan_name}: {len(adopted.files)} files in {directory}, not committed yet")
    click.echo(f'next: cd {directory}; look around; tripleo-plan commit --all -m "Begin plan {plan_name}"')
