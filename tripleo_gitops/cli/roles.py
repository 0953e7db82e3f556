"""`tripleo-plan roles`: which roles a plan has and offers, and which it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import local, selection_group
from tripleo_gitops.cli.output import emit, output_option, print_rows

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


roles = selection_group("roles", "List and select the plan's roles.")


@roles.command("list")
@output_option
@local
def list_command(config: Config, form: str) -> None:
    """List the roles that the plan has, and those that its folder `roles` offers.

    \b
    Example:
      tripleo-plan roles list -o json
    """
    from tripleo_gitops.operations.editing import roles_of
    from tripleo_gitops.wiring.local import work_tree

    found = roles_of(work_tree(config))
    data = [
        {
            "role": one.name,
            "selected": one.is_selected,
            "description": one.role.description,
            "count_default": one.role.count_default,
            "tags": list(one.role.tags),
            "networks": list(one.role.networks),
            "services": list(one.role.services),
        }
        for one in found
    ]
    rows = (
        ("[x]" if one.is_selected else "[ ]", one.name, str(one.role.count_default), ", ".join(one.role.networks))
        for one in found
    )
    emit(data, form=form, table=lambda: print_rows(rows, headings=("", "ROLE", "NODES", "NETWORKS")))


@roles.command()
@click.argument("names", nargs=-1, required=True, metavar="ROLE...")
@local
def select(config: Config, names: tuple[str, ...]) -> None:
    """Make the plan consist of exactly these roles.

    A role that it has keeps its text and place; others come from the folder `roles`. BASE:NAME is a copy of
    BASE under another name.

    \b
    Examples:
      tripleo-plan roles select Controller Compute CephStorage
      tripleo-plan roles select Controller Compute Compute:ComputeHCI
    """
    from tripleo_gitops.operations.editing import select_plan_roles
    from tripleo_gitops.plan.roles import ROLES_FILE
    from tripleo_gitops.wiring.local import open_work_copy, work_tree

    open_work_copy(config).write(ROLES_FILE, select_plan_roles(work_tree(config), names))
    click.echo(f"{ROLES_FILE}: {', '.join(names)}; not committed yet")
