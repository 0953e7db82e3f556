"""`tripleo-plan scale-down`: remove chosen nodes from the plan's stack."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import note, output_option

if TYPE_CHECKING:
    from tripleo_gitops.operations.stacks.scale_down import ScaleDown
    from tripleo_gitops.wiring.config import Config


@click.command("scale-down")
@click.argument("nodes", nargs=-1, required=True, metavar="NODE...")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--timeout", type=click.IntRange(1), metavar="MINUTES", help="How long Heat may take [default: the plan's]."
)
@click.option("--allow-delete", is_flag=True, help="Delete more than 30 % of the stack's resources.")
@click.option("--allow-replace", is_flag=True, help="Make nodes anew where the update does.")
@click.option("--detach", is_flag=True, help="Leave the work to a server, and return at once.")
@output_option
@configured
def scale_down(config: Config, nodes: tuple[str, ...], yes: bool, detach: bool, form: str, **asked: Any) -> None:
    """Remove nodes from the plan's stack.

    NODE is a member of a role's group (Controller/1) or a host name. The role's count is lowered in the plan and
    committed; which nodes go is given by the deploy alone, and recorded on its run.

    \b
    Examples:
      tripleo-plan scale-down Compute/3
      tripleo-plan scale-down overcloud-compute-3 overcloud-compute-5 --yes
    """
    from tripleo_gitops.cli.deploy import deploy_shown

    planned = _plan(config, nodes)
    if not yes:
        counts = ", ".join(f"{name}={count}" for name, count in planned.counts.items())
        click.confirm(f"{planned.message.lower()} and commit {counts}?", abort=True, err=True)
    _commit(config, planned)
    deploy_shown(config, "HEAD", yes=yes, detach=detach, form=form, values=dict(planned.values), **asked)


def _plan(config: Config, nodes: tuple[str, ...]) -> ScaleDown:
    from tripleo_gitops.operations.resolution import resolve_opened
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.operations.stacks.scale_down import find_removed
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.vault import open_vault

    stacks = open_cloud(config).stacks
    with open_repository(config) as repository:
        found = open_plan(repository, "HEAD")
        resolved = resolve_opened(found.tree, open_vault(os.environ))
        return find_removed(stacks, found.name, nodes, resolved=resolved)


def _commit(config: Config, planned: ScaleDown) -> None:
    """Set the counts and commit them, and nothing else: what else is not committed has to be, or be put away, first."""
    from tripleo_gitops.errors import Refused
    from tripleo_gitops.operations.editing import set_parameters
    from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
    from tripleo_gitops.wiring.local import open_work_copy, work_tree

    work_copy = open_work_copy(config)
    changed = work_copy.changed_paths()
    if changed:
        raise Refused(f"{len(changed)} changed files are not committed ({', '.join(changed[:3])}); commit them first")
    work_copy.write(PLAN_ENVIRONMENT_FILE, set_parameters(work_tree(config), planned.counts))
    if not work_copy.changed_paths():
        note("the plan asks for that many nodes already")
        return
    work_copy.stage_all()
    work_copy.commit(planned.message)
    note(f"committed: {planned.message}")
