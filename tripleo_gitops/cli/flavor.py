"""`tripleo-plan flavor`: the flavors of Nova that the plan's roles need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured, revision_argument
from tripleo_gitops.cli.output import emit, note, output_option, print_rows

if TYPE_CHECKING:
    from tripleo_gitops.nodes.flavors import FlavorDiff, WantedFlavor
    from tripleo_gitops.openstack.nova import NovaFlavors
    from tripleo_gitops.wiring.config import Config


@click.group()
def flavor() -> None:
    """Make Nova's flavors those that the plan's roles need, from `Overcloud<Role>Flavor` and the machines."""


@flavor.command("list")
@revision_argument()
@output_option
@configured
def list_command(config: Config, revision: str, form: str) -> int:
    """List the flavors that roles need and whether Nova has them so; exits 1 where it has not.

    \b
    Example:
      tripleo-plan flavor list
    """
    from tripleo_gitops.operations.nodes.flavors import plan_flavors

    store, wanted = _opened(config, revision)
    diff = plan_flavors(store, wanted)
    states = dict.fromkeys(diff.unchanged, "as needed")
    states |= {change.wanted.name: "differs" if change.found else "missing" for change in diff.changes}
    rows = [(one.name, ", ".join(one.roles), states[one.name]) for one in wanted]
    data = [
        {"flavor": one.name, "roles": list(one.roles), "specs": dict(one.specs), "state": states[one.name]}
        for one in wanted
    ]
    emit(data, form=form, table=lambda: print_rows(rows, headings=("FLAVOR", "ROLES", "IN NOVA")))
    return 1 if diff.changes else 0


@flavor.command()
@revision_argument()
@click.option("--dry-run", "only_shows", is_flag=True, help="Show what would change, and exit 1 if anything would.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before a flavor that is there is changed.")
@output_option
@configured
def ensure(config: Config, revision: str, only_shows: bool, yes: bool, form: str) -> int:
    """Make the flavors that roles need, and mend those that differ; the second time changes nothing.

    Extra specs about other things than resources, traits, profile and boot option stay as they are.

    \b
    Examples:
      tripleo-plan flavor ensure --dry-run
      tripleo-plan flavor ensure --yes
    """
    from tripleo_gitops.operations.nodes.flavors import apply_flavors, plan_flavors

    store, wanted = _opened(config, revision)
    diff = plan_flavors(store, wanted)
    emit(_document(diff, is_done=not only_shows), form=form, table=lambda: _print(diff))
    if only_shows or not diff.changes:
        return 1 if diff.changes else 0
    if diff.altered and not yes:
        click.confirm(f"change {len(diff.altered)} flavors that are there?", abort=True, err=True)
    apply_flavors(store, diff, say=lambda change: note(f"{change.wanted.name}: done"))
    return 0


def _opened(config: Config, revision: str) -> tuple[NovaFlavors, tuple[WantedFlavor, ...]]:
    from tripleo_gitops.operations.nodes.flavors import flavors_of_plan
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.provisioning import open_flavors

    with open_repository(config) as repository:
        wanted = flavors_of_plan(repository.tree(repository.resolve(revision)))
    return open_flavors(config), wanted


def _document(diff: FlavorDiff, *, is_done: bool) -> dict[str, Any]:
    from tripleo_gitops.nodes.flavors import to_document

    changes = [to_document(change) for change in diff.changes]
    return {"changes": changes, "unchanged": list(diff.unchanged), "dry_run": not is_done}


def _print(diff: FlavorDiff) -> None:
    for change in diff.changes:
        verb, colour = ("change", "yellow") if change.found else ("create", "green")
        click.secho(f"{verb} {change.wanted.name} for {', '.join(change.wanted.roles)}", fg=colour)
        for line in change.lines():
            click.echo(f"    {line}")
    note(f"{len(diff.unchanged)} flavors are as the roles need them")
