"""`tripleo-plan sync`: mirror a revision into Swift."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import configured, revision_argument
from tripleo_gitops.cli.output import emit, output_option

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tripleo_gitops.operations.mirror.sync import SyncResult
    from tripleo_gitops.operations.mirror.sync_plan import SyncOptions, SyncPlan
    from tripleo_gitops.wiring.config import Config


@click.command()
@revision_argument()
@click.option("--plan-only", is_flag=True, help="Only show what would be put and deleted.")
@click.option("--force-full", "full", is_flag=True, help="Look at every object, not only at what changed.")
@click.option("--force", is_flag=True, help="Delete more than 30 % of the mirrored objects, and foreign ones.")
@click.option("--allow-older", is_flag=True, help="Go back to a revision that the mirrored one has left behind.")
@click.option("--take-over", is_flag=True, help="Count a sync that broke off on another machine as over.")
@output_option
@configured
def sync(config: Config, revision: str, plan_only: bool, form: str, **asked: bool) -> None:
    """Mirror a revision into Swift.

    The plan's container then holds the rendered plan of REVISION, and nothing else but the manifest.
    Only what is committed is mirrored. Only objects that changed are sent.

    \b
    Examples:
      tripleo-plan sync --plan-only
      tripleo-plan sync main -o json
    """
    from tripleo_gitops.operations.mirror.sync_plan import SyncOptions

    if plan_only:
        _show_plan(config, revision, full=asked["full"], form=form)
        return
    begun = time.monotonic()
    done = sync_named(config, revision, SyncOptions(**asked))
    emit(_document(done, seconds=time.monotonic() - begun), form=form, table=lambda: _print_result(done))


def show_counted(plan: SyncPlan) -> AbstractContextManager[Callable[[str], None]]:
    """Show a bar on a terminal that grows with each object of a plan that is done."""
    from tripleo_gitops.cli.progress import counted

    return counted("mirroring", total=len(plan.puts) + len(plan.deletes))


def sync_named(config: Config, name: str, asked: SyncOptions) -> SyncResult:
    """Mirror the revision that a name stands for, checked, from the repository that the configuration names."""
    from tripleo_gitops.operations.mirror.mirroring import mirror_revision
    from tripleo_gitops.operations.mirror.secrets import plan_history
    from tripleo_gitops.operations.revisions import plan_name_of
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.signatures import check_deployable
    from tripleo_gitops.wiring.vault import open_vault

    with open_repository(config) as repository:
        revision = repository.resolve(name)
        cloud, plan_name = open_cloud(config), plan_name_of(repository.tree(revision))
        check_deployable(config, repository, revision, name=plan_name, stacks=cloud.stacks)
        mirror = cloud.mirror(plan_name)
        history = plan_history(repository, mirror.memory, open_vault(os.environ))
        return mirror_revision(mirror, history, repository, revision, options=asked, show=show_counted)


def _show_plan(config: Config, name: str, *, full: bool, form: str) -> None:
    from tripleo_gitops.operations.mirror.secrets import plan_history
    from tripleo_gitops.operations.mirror.sync_plan import plan_sync
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.vault import open_vault

    with open_repository(config) as repository:
        found = open_plan(repository, name)
        mirror = open_cloud(config).mirror(found.name)
        plan = plan_sync(
            mirror, plan_history(repository, mirror.memory, open_vault(os.environ)), found.revision, full=full
        )
    emit(_planned(plan), form=form, table=lambda: _print_plan(plan))


def _document(done: SyncResult, *, seconds: float) -> dict[str, object]:
    return {
        "plan": done.container,
        "revision": str(done.revision),
        "digest": done.digest,
        "put": done.put,
        "deleted": done.deleted,
        "unchanged": done.unchanged,
        "requests": done.requests,
        "seconds": round(seconds, 3),
    }


def _print_result(done: SyncResult) -> None:
    stays = f", {done.unchanged} unchanged" if done.unchanged is not None else ""
    click.echo(
        f"container {done.container} mirrors {done.revision}: {done.put} put, {done.deleted} deleted{stays} "
        f"({done.requests} requests)"
    )


def _planned(plan: SyncPlan) -> dict[str, object]:
    return {
        "plan": plan.container,
        "revision": str(plan.manifest.revision),
        "digest": plan.digest,
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
