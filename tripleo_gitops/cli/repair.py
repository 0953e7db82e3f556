"""`tripleo-plan repair`: put the mirror back to the revision that it says it is at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import emit, output_option

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.option("--force", is_flag=True, help="Also where more than 30 % of the objects have to be removed.")
@output_option
@configured
def repair(config: Config, force: bool, form: str) -> None:
    """Put the mirror back to the revision that it says it is at.

    Looks at every object; puts back what was changed or removed, removes what was added.

    \b
    Examples:
      tripleo-plan drift; tripleo-plan repair
    """
    from tripleo_gitops.cli.sync import show_counted
    from tripleo_gitops.operations.mirror.repair import repair_mirror
    from tripleo_gitops.operations.mirror.secrets import plan_history
    from tripleo_gitops.operations.revisions import plan_name_of
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.vault import open_vault

    with open_repository(config) as repository:
        mirror = open_cloud(config).mirror(plan_name_of(repository.tree(repository.resolve())))
        done = repair_mirror(
            mirror, plan_history(repository, mirror.memory, open_vault(os.environ)), force=force, show=show_counted
        )
    data = {
        "plan": done.container,
        "revision": str(done.revision),
        "put": done.put,
        "deleted": done.deleted,
        "unchanged": done.unchanged,
    }
    emit(
        data,
        form=form,
        table=lambda: click.echo(
            f"container {done.container} is {done.revision} again: {done.put} put, {done.deleted} deleted"
        ),
    )
