"""`tripleo-plan deploy`: show, ask, mirror, create or update the stack, and follow it."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured, revision_argument
from tripleo_gitops.cli.output import emit, note, output_option, print_fields

if TYPE_CHECKING:
    from tripleo_gitops.openstack.stack import Stack
    from tripleo_gitops.operations.deploy import DeployPlan
    from tripleo_gitops.operations.diff import PlanDiff
    from tripleo_gitops.operations.revisions import PlanAtRevision
    from tripleo_gitops.repository.objects import PlanRepository
    from tripleo_gitops.wiring.cloud import Cloud
    from tripleo_gitops.wiring.config import Config


@click.command()
@revision_argument()
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--timeout",
    type=click.IntRange(1),
    metavar="MINUTES",
    help="How long Heat may take [default: the plan's].",
)
@click.option(
    "--method",
    type=click.Choice(["put", "patch"]),
    help="PUT replaces, so what is gone from the plan leaves the stack; PATCH merges [default: the plan's].",
)
@output_option
@configured
def deploy(config: Config, revision: str, yes: bool, timeout: int | None, method: str | None, form: str) -> None:
    """Create or update the plan's Heat stack.

    Shows what changes, asks, mirrors, then makes the stack what REVISION says.
    Only what is committed is deployed. Ctrl-C stops the watching, not Heat.

    \b
    Examples:
      tripleo-plan deploy
      tripleo-plan deploy HEAD~1 --yes          back to the commit before
      tripleo-plan deploy --timeout 30 -o json
    """
    from tripleo_gitops.operations.deploy import DeployOptions
    from tripleo_gitops.operations.deploy_preparation import choose_values, prepare_deploy
    from tripleo_gitops.operations.resolution import Reader, resolve_opened
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.signatures import check_deployable
    from tripleo_gitops.wiring.vault import open_vault

    cloud = open_cloud(config)
    with open_repository(config) as repository:
        if not repository.is_bare:
            _warn_of_uncommitted(config)
        found = open_plan(repository, revision)
        check_deployable(config, repository, found.revision, name=found.name, stacks=cloud.stacks)
        settings = found.plan.settings.deploy
        vault = open_vault(os.environ)
        resolved = resolve_opened(found.tree, vault, reader=Reader(repository.cache))
        options = DeployOptions(
            timeout=timeout or settings.timeout_minutes, merge=(method or settings.method.value) == "patch"
        )
        options = choose_values(cloud.stacks, found, resolved, options, seconds=int(time.time()))
        prepared = prepare_deploy(repository, cloud.stacks, found, resolved, options, vault=vault)
        planned = prepared.planned
        _show_and_ask(prepared.diff, planned, yes=yes)
        _mirror(cloud, repository, found)
    from tripleo_gitops.operations.deploy import shown_outputs

    stack = _run(cloud, planned)
    data = {
        "plan": planned.name,
        "revision": str(planned.revision),
        "stack_status": stack.status,
        "stack_id": stack.id,
        "outputs": shown_outputs(stack, hidden=planned.hidden_outputs),
    }
    emit(data, form=form, table=lambda: _print_outcome(planned, stack))


def _warn_of_uncommitted(config: Config) -> None:
    from tripleo_gitops.wiring.local import open_work_copy

    changed = open_work_copy(config).changed_paths()
    if changed:
        note(
            f"{len(changed)} changed files are not committed and so not deployed: {', '.join(changed[:5])}"
            + (", …" if len(changed) > 5 else "")
        )


def _show_and_ask(changes: PlanDiff, planned: DeployPlan, *, yes: bool) -> None:
    """Print what changes, on standard error where standard output is for data; ask unless told not to."""
    from tripleo_gitops.cli.diff import print_diff

    print_diff(changes, err=True)
    question = f"{planned.method} stack {planned.name} to {planned.revision.short}?"
    if not yes:
        click.confirm(question, abort=True, err=True)


def _mirror(cloud: Cloud, repository: PlanRepository, found: PlanAtRevision) -> None:
    from tripleo_gitops.cli.sync import show_counted
    from tripleo_gitops.operations.mirror_secrets import plan_history
    from tripleo_gitops.operations.sync import sync_mirror
    from tripleo_gitops.operations.sync_plan import SyncOptions
    from tripleo_gitops.wiring.vault import open_vault

    mirror = cloud.mirror(found.name)
    history = plan_history(repository, mirror.memory, open_vault(os.environ))
    asked = SyncOptions(allow_older=True)  # the revision was shown and confirmed
    done = sync_mirror(mirror, history, found.revision, options=asked, show=show_counted)
    note(f"container {done.container} mirrors {done.revision.short}: {done.put} put, {done.deleted} deleted")


def _run(cloud: Cloud, planned: DeployPlan) -> Stack:
    """Ask Heat, then show the stack's resources as they change until the stack is done."""
    from tripleo_gitops.cli.progress import followed
    from tripleo_gitops.operations.deploy import apply_deploy, follow_stack

    apply_deploy(cloud.stacks, planned)
    seconds = planned.request.timeout * 60.0
    moments = follow_stack(cloud.stacks, planned.name, timeout=seconds, clock=time, since=planned.seen)
    return followed(f"{planned.method} {planned.name}", moments)


def _print_outcome(planned: DeployPlan, stack: Stack) -> None:
    from tripleo_gitops.operations.deploy import shown_outputs

    click.echo(f"stack {stack.name} is {click.style(stack.status, fg='green')} at {planned.revision}")
    print_fields(
        {
            f"  {name}": _words(value)
            for name, value in sorted(shown_outputs(stack, hidden=planned.hidden_outputs).items())
        }
    )
    if planned.hidden_outputs & stack.outputs.keys():
        note(f"outputs that say a secret are masked; `openstack stack output show {stack.name} NAME` shows one")


def _words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
