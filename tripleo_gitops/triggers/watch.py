"""`tripleo-plan watch`: follow repositories that have no hook."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config

SETTLE_SECONDS = 0.3


@click.command()
@click.argument("repositories", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--poll",
    type=click.FloatRange(1),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Look at least this often, whatever the file system says.",
)
@click.option("--once", is_flag=True, help="Look once, then leave.")
@click.option("--cloud", metavar="NAME", help="Cloud for repositories that keep none of their own [default: OS_CLOUD].")
@click.pass_obj
def watch(config: Config, repositories: tuple[Path, ...], *, poll: float, once: bool, cloud: str | None) -> int:
    """Mirror and deploy whenever a branch moves; look after the mirrors.

    The plan's settings (tripleo-plan.toml) say which of the two, and whether a mirror that somebody else changed is
    reported or put back.
    Watches REPOSITORIES, or the one here. A failure is told, and tried again at the next change or poll.

    \b
    Examples:
      tripleo-plan watch
      tripleo-plan watch --cloud undercloud /srv/plans/site1.git /srv/plans/site2.git
    """
    from tripleo_gitops.triggers.watching import RefChanges

    config = config.with_cloud(cloud)
    configs = [replace(config, directory=path.absolute()) for path in repositories] or [config]
    failed = [one for one in configs if not _look(one)]
    if once:
        return 2 if failed else 0
    with RefChanges(configs) as changes:
        while True:
            for one in changes.next_settled(poll=poll, settle=SETTLE_SECONDS):
                _look(one)


def _look(config: Config) -> bool:
    """Reconcile one repository and say how it went; a failure ends neither the watch nor the other plans."""
    from tripleo_gitops.errors import GitopsError
    from tripleo_gitops.triggers.reconciling import reconcile_repository

    try:
        reconcile_repository(
            config, say=lambda line: click.echo(f"{config.directory.name}: {line}"), clock=time, looks_after=True
        )
    except GitopsError as exc:
        click.echo(f"{config.directory.name}: {exc}; tried again at the next change or poll", err=True)
        return False
    return True
