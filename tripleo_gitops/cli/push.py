"""`tripleo-plan push`: a Git push."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import local

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.argument("remote", default="origin")
@local
def push(config: Config, remote: str) -> None:
    """Push the branch, as `git push` does.

    The checked-out branch goes to REMOTE; the server's own words are shown.

    \b
    Example:
      tripleo-plan push
    """
    from tripleo_gitops.operations.commit import push_plan
    from tripleo_gitops.wiring.local import open_work_copy

    for pushed in push_plan(open_work_copy(config), remote=remote, say=lambda line: click.echo(f"{remote}: {line}")):
        click.echo(f"{pushed.ref} {pushed.summary}")
