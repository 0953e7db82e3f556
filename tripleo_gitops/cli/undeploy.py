"""`tripleo-plan undeploy` and `tripleo-plan cancel`: delete the plan's stack, stop what Heat does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import emit, output_option
from tripleo_gitops.cli.runs_here import engine_option

if TYPE_CHECKING:
    from tripleo_gitops.openstack.stack import Stack
    from tripleo_gitops.runs.record import RunRecord
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.option("-y", "--yes", is_flag=True, help="Do not ask; goes with --allow-delete.")
@click.option("--allow-delete", is_flag=True, help="Say that everything in the stack may go; --yes alone does not.")
@click.option("--detach", is_flag=True, help="Leave the work to a server, and return at once.")
@engine_option
@output_option
@configured
def undeploy(config: Config, yes: bool, allow_delete: bool, detach: bool, engine: str | None, form: str) -> None:
    """Delete the plan's Heat stack.

    The plan stays: its repository and its mirror; `tripleo-plan deploy` makes the stack again, but not what its
    machines held. What Heat failed to delete is tried again.

    \b
    Examples:
      tripleo-plan undeploy
      tripleo-plan undeploy --yes --allow-delete -o json
    """
    from tripleo_gitops.cli.runs_here import leave_run, run_here
    from tripleo_gitops.operations.stacks.actions import plan_undeploy
    from tripleo_gitops.wiring.cloud import open_cloud

    planned = plan_undeploy(open_cloud(config).stacks, _plan_name(config))
    if not yes:
        click.confirm(planned.question, abort=True, err=True)
    planned.check(allowed=allow_delete or not yes)
    begin = leave_run if detach else run_here
    inputs = {"stack_id": planned.stack.id}
    ended = begin(config, "undeploy", revision="HEAD", inputs=inputs, shown=None, engine=engine)
    emit(_data(ended), form=form, table=lambda: _print(ended))


@click.command()
@click.option("--rollback", is_flag=True, help="Go back to what the stack was before the update.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@output_option
@configured
def cancel(config: Config, rollback: bool, yes: bool, form: str) -> None:
    """Stop what Heat does with the plan's stack.

    An update stops where it is (UPDATE_FAILED), or is rolled back; a create can only be stopped. The run that follows
    the stack then ends by itself. `tripleo-plan run cancel` stops a run, and leaves Heat alone.

    \b
    Examples:
      tripleo-plan cancel
      tripleo-plan cancel --rollback --yes
    """
    from tripleo_gitops.operations.stacks.actions import apply_cancel, plan_cancel
    from tripleo_gitops.wiring.cloud import open_cloud

    stacks = open_cloud(config).stacks
    stack = plan_cancel(stacks, _plan_name(config), rollback=rollback)
    if not yes:
        click.confirm(f"stop {stack.status} of stack {stack.name}?", abort=True, err=True)
    apply_cancel(stacks, stack, rollback=rollback)
    data = {"plan": stack.name, "stack_id": stack.id, "stack_status": stack.status, "rollback": rollback}
    emit(data, form=form, table=lambda: _print_cancelled(stack, rollback=rollback))


def _plan_name(config: Config) -> str:
    from tripleo_gitops.operations.revisions import plan_name_of
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository:
        return plan_name_of(repository.tree(repository.resolve("HEAD")))


def _data(run: RunRecord) -> dict[str, Any]:
    return {
        "plan": run.plan,
        "run": run.number or run.id,
        "state": run.state.value,
        "deleted": run.result.get("deleted"),
    }


def _print(run: RunRecord) -> None:
    done = f"stack {run.plan} is deleted" if run.state.is_end else f"run {run.label} is {run.state}"
    click.echo(done)


def _print_cancelled(stack: Stack, *, rollback: bool) -> None:
    what = "goes back to what it was" if rollback else "stops where it is"
    click.echo(f"stack {stack.name} {what}; `tripleo-plan status` shows how it stands")
