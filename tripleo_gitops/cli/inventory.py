"""`tripleo-plan inventory`: the hosts of a plan's stack, as its playbooks see them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured, revision_argument
from tripleo_gitops.cli.output import emit, note, output_option, print_rows

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


@click.command()
@revision_argument()
@click.option("--reveal", is_flag=True, help="Print secrets, too, so that Ansible can use what is printed.")
@output_option
@configured
def inventory(config: Config, revision: str, reveal: bool, form: str) -> None:
    """Print the inventory that playbooks of the plan get.

    It is made from the outputs of the plan's stack, in the groups that TripleO's own inventory has; or it is a file
    of the plan, where [ansible] of tripleo-plan.toml names one.

    \b
    Examples:
      tripleo-plan inventory
      tripleo-plan inventory -o yaml --reveal > inventory.yaml
    """
    from tripleo_gitops.operations.playbooks.inventory_file import shown_inventory
    from tripleo_gitops.wiring.ansible import find_ground
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository:
        found = repository.resolve(revision)
        ground = find_ground(config, repository.tree(found), revision=str(found), environment=os.environ)
        document, notes = shown_inventory(ground, is_revealed=reveal)
    emit(document, form=form, table=lambda: _print_groups(document))
    for text in notes:
        note(text)


def _print_groups(document: dict[str, Any]) -> None:
    rows = (
        (name, ", ".join(group.get("hosts") or ()) or "-", ", ".join(group.get("children") or ()) or "-")
        for name, group in sorted(document.items())
    )
    print_rows(rows, headings=("GROUP", "HOSTS", "CHILDREN"))
