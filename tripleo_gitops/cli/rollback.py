"""`tripleo-plan rollback`: back to an older revision, by a new commit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import local
from tripleo_gitops.cli.output import note

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.argument("revision", required=False)
@click.option("--undo", metavar="COMMIT", help="Undo this one commit and keep all later ones.")
@click.option("--with-secrets", is_flag=True, help="The secrets, too; without this they stay as they are now.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@local
def rollback(config: Config, revision: str | None, undo: str | None, with_secrets: bool, yes: bool) -> None:
    """Go back to REVISION [default: the commit before], by a new commit.

    Shows what changes for the files and for Heat, asks, then commits, in a clone or a bare repository.
    Nothing is mirrored or deployed.

    \b
    Examples:
      tripleo-plan rollback
      tripleo-plan rollback main~3 && tripleo-plan deploy
      tripleo-plan rollback --undo 1a2b3c4d
    """
    from tripleo_gitops.cli.diff import print_diff
    from tripleo_gitops.operations.rollback import apply_rollback, plan_rollback, plan_undo
    from tripleo_gitops.wiring.local import open_branch_changes, open_repository

    if undo and (revision or with_secrets):
        raise click.UsageError("--undo names the one commit; leave REVISION and --with-secrets out")
    with open_repository(config) as repository:
        branch = open_branch_changes(config, repository, now=int(time.time()))
        if undo:
            planned = plan_undo(repository, branch, repository.resolve(undo))
        else:
            to = repository.resolve(revision or "HEAD~1")
            planned = plan_rollback(repository, branch, to, with_secrets=with_secrets)
        print_diff(planned.changes, err=True)
        for info in planned.undone:
            note(f"undone: {info.commit[:12]} {info.subject}")
        if not yes:
            click.confirm("commit this?", abort=True, err=True)
        made = apply_rollback(repository, branch, planned)
    click.echo(f"{made}: {planned.message.splitlines()[0]}; `tripleo-plan deploy` makes the stack follow")
