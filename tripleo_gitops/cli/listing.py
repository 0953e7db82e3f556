"""`tripleo-plan list`: the plans here and in the cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import emit, note, output_option, print_rows

if TYPE_CHECKING:
    from tripleo_gitops.operations.listing import ListedPlan
    from tripleo_gitops.wiring.config import Config


@click.command("list")
@output_option
@configured
def list_command(config: Config, form: str) -> None:
    """List plans, here and in the cloud.

    Shows repositories in the plans directory, and mirrors and stacks in the cloud.

    Without a cloud (--cloud, OS_CLOUD) only the repositories are listed.

    \b
    Examples:
      tripleo-plan list
      tripleo-plan list --cloud undercloud -o json
    """
    from tripleo_gitops.operations.listing import list_local_plans, list_plans

    if config.cloud is None:
        plans = list_local_plans(config.plans_directory)
        note("no cloud named: mirrors and stacks are not shown (--cloud or OS_CLOUD)")
    else:
        from tripleo_gitops.wiring.cloud import open_cloud

        cloud = open_cloud(config)
        plans = list_plans(config.plans_directory, containers=cloud.containers, stacks=cloud.stacks)
    emit([_data(plan) for plan in plans], form=form, table=lambda: _table(plans))


def _data(plan: ListedPlan) -> dict[str, Any]:
    return {
        "plan": plan.name,
        "revision": str(plan.revision) if plan.revision else None,
        "mirrored": str(plan.mirrored) if plan.mirrored else None,
        "deployed": str(plan.deployed) if plan.deployed else None,
        "stack_status": plan.stack_status,
    }


def _table(plans: tuple[ListedPlan, ...]) -> None:
    rows = [
        (
            plan.name,
            plan.revision.short if plan.revision else "-",
            plan.mirrored.short if plan.mirrored else ("unknown" if plan.is_mirrored else "-"),
            plan.deployed.short if plan.deployed else "-",
            plan.stack_status or "-",
        )
        for plan in plans
    ]
    print_rows(rows, headings=("PLAN", "REVISION", "MIRRORED", "DEPLOYED", "STACK"))
