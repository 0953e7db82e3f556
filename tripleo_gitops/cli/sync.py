"""`tripleo-plan sync`: mirror a revision into Swift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import configured, revision_argument
from tripleo_gitops.cli.output import emit, output_option

if TYPE_CHECKING:
    from tripleo_gitops.operations.sync import SyncPlan
    from tripleo_gitops.wiring.config import Config


@click.command()
@revision_argument()
@click.option("--plan-only", is_flag=True, help="Only show what would be put and deleted.")
@click.option("--force", is_flag=True, help="Delete more than 30 % of the mirrored objects.")
@output_option
@configured
def sync(config: Config, revision: str, plan_only: bool, force: bool, form: str) -> None:
    """Mirror a revision into Swift.

    The plan's container then holds the rendered plan of REVISION, and nothing else but the manifest.
    Only what is committed is mirrored. Only objects that differ are sent.

    \b
    Examples:
      tripleo-plan sync --plan-only
      tripleo-plan sync main -o json
    """
    from tripleo_gitops.cli.progress import counted
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.operations.sync import apply_sync, check_sync, plan_sync
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.local import open_repository

    store = open_cloud(config).containers
    with open_repository(config) as repository:
        found = open_plan(repository, revision)
        plan = plan_sync(store, container=found.name, rendered=found.rendered, revision=found.revision)
        if not force:
            check_sync(plan)
        if plan_only:
            emit(_planned(plan), form=form, table=lambda: _print_plan(plan))
            return
        with counted("mirroring", total=len(plan.puts) + len(plan.deletes)) as advance:
            done = apply_sync(store, plan, found.rendered, advance=advance)
    data = {
        "plan": done.container,
        "revision": str(done.revision),
        "digest": done.digest,
        "put": done.put,
        "deleted": done.deleted,
        "unchanged": done.unchanged,
    }
    emit(
        data,
        form=form,
        table=lambda: click.echo(
            f"container {done.container} mirrors {done.revision}: {done.put} put, {done.deleted} deleted, "
            f"{done.unchanged} unchanged"
        ),
    )


def _planned(plan: SyncPlan) -> dict[str, object]:
    return {
        "plan": plan.container,
        "revision": str(plan.manifest.revision),
        "digest": plan.manifest.digest,
        "put": list(plan.puts),
        "delete": list(plan.deletes),
        "unchanged": plan.unchanged,
    }


def _print_plan(plan: SyncPlan) -> None:
    for path in plan.puts:
        click.secho(f"put     {path}", fg="green")
    for path in plan.deletes:
        click.secho(f"delete  {path}", fg="red")
    click.echo(f"{len(plan.puts)} to put, {len(plan.deletes)} to delete, {plan.unchanged} unchanged; nothing was done")
