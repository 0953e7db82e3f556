"""`tripleo-plan adopt`: a plan that lives only in Swift becomes a repository, its container that one's mirror."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.keeping import keeping_live_passwords, keeping_secrets, tell_adopted
from tripleo_gitops.cli.options import configured

if TYPE_CHECKING:
    from tripleo_gitops.operations.adoption import SecretKeeper
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.argument("container")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--no-sync", is_flag=True, help="Leave the container as it is for now.")
@keeping_secrets
@configured
def adopt(config: Config, container: str, directory: Path, no_sync: bool, keeper: SecretKeeper) -> None:
    """Make a repository of a plan that lives only in Swift.

    Its files are committed; what its templates render to is not, since it is rendered again. Then the container
    becomes the mirror of that commit: objects that are equal are not written again.

    \b
    Examples:
      tripleo-plan adopt overcloud ./overcloud
    """
    from tripleo_gitops.operations.creation import init_plan
    from tripleo_gitops.plan.names import parse_plan_name
    from tripleo_gitops.repository.work_copy import WorkCopy
    from tripleo_gitops.wiring.sources import open_source

    path, name = config.directory / directory, parse_plan_name(container)
    files, origin = open_source(config, f"container:{name}")
    keeper = keeping_live_passwords(config, name, keeper)
    adopted = init_plan(path, files, name=name, origin=origin, keeper=keeper)
    tell_adopted(adopted, keeper)
    work_copy = WorkCopy.open(path)
    work_copy.stage_all(ignored=True)
    commit = work_copy.commit(f"Adopt plan {name} from its container")
    click.echo(f"plan {name}: {len(adopted.files)} files in {directory}, commit {commit[:12]}")
    if not no_sync:
        _sync(replace(config, directory=path))


def _sync(config: Config) -> None:
    from tripleo_gitops.cli.sync import sync_named
    from tripleo_gitops.operations.mirror.sync_plan import SyncOptions

    done = sync_named(config, "HEAD", SyncOptions())
    click.echo(
        f"container {done.container} mirrors {done.revision.short}: {done.put} put, {done.deleted} deleted, "
        f"{done.unchanged} unchanged"
    )
