"""`tripleo-plan node inventory | rules`: what introspection found, and the rules that it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured, revision_argument
from tripleo_gitops.cli.output import emit, note, output_option, print_fields, print_rows

if TYPE_CHECKING:
    from tripleo_gitops.operations.nodes.introspection import NodeFindings
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.argument("name", metavar="NODE")
@click.option("--compare", is_flag=True, help="Only what differs from the time before.")
@click.option("--with", "service", type=click.Choice(["ironic", "inspector"]), default="ironic", show_default=True)
@output_option
@configured
def inventory(config: Config, name: str, compare: bool, service: str, form: str) -> int:
    """Show what the last introspection found in a machine; with --compare exits 1 when something differs.

    \b
    Examples:
      tripleo-plan node inventory compute-0
      tripleo-plan node inventory compute-0 --compare -o json
    """
    from tripleo_gitops.operations.nodes.introspection import findings_of
    from tripleo_gitops.wiring.nodes import inspection_of, open_nodes

    services = open_nodes(config)
    found = findings_of(inspection_of(services, service)[1], services.ironic.node(name).state)
    data = findings_document(found)
    if compare:
        emit({"node": found.node, "changes": data["changes"]}, form=form, table=lambda: _print_changes(found))
        return 1 if found.changes else 0
    emit(data, form=form, table=lambda: _print_inventory(found))
    return 0


@click.command()
@revision_argument()
@click.option("--with", "service", type=click.Choice(["ironic", "inspector"]), default="ironic", show_default=True)
@click.option("--dry-run", "only_shows", is_flag=True, help="Show what would change, and exit 1 if anything would.")
@configured
def rules(config: Config, revision: str, service: str, only_shows: bool) -> int:
    """Make the service's introspection rules those of `baremetal/inspection-rules.yaml`.

    A rule has a description of its own, and actions and conditions in the service's words. Rules of others stay.

    \b
    Examples:
      tripleo-plan node rules --dry-run
      tripleo-plan node rules --with inspector
    """
    from tripleo_gitops.nodes.rules import read_rules
    from tripleo_gitops.operations.nodes.rules import apply_rules, plan_rules
    from tripleo_gitops.operations.revisions import plan_name_of
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.nodes import open_nodes

    with open_repository(config) as repository:
        tree = repository.tree(repository.resolve(revision))
        wanted, plan = read_rules(tree), plan_name_of(tree)
    services = open_nodes(config)
    store = services.inspector if service == "inspector" else services.inspection
    changes = plan_rules(store, wanted, plan=plan)
    for rule in changes.create:
        click.echo(f"create {rule.name}")
    for _, description in changes.delete:
        click.echo(f"remove {description}")
    note(f"{changes.unchanged} rules are as the plan says")
    if only_shows:
        return 1 if changes.create or changes.delete else 0
    apply_rules(store, changes, plan=plan)
    return 0


def findings_document(found: NodeFindings) -> dict[str, Any]:
    """Return what was found out about a node as data."""
    from tripleo_gitops.nodes.inventory import to_document

    changes = None
    if found.changes is not None:
        changes = [{"what": one.what, "old": one.old, "new": one.new} for one in found.changes]
    return {"node": found.node, "inventory": to_document(found.inventory), "changes": changes}


def _print_inventory(found: NodeFindings) -> None:
    seen = found.inventory
    plain = ("product", "serial", "cpus", "architecture", "cpu_model", "memory_mb", "boot_mode", "bmc_address")
    print_fields({name: shown(getattr(seen, name)) for name in plain})
    disks = [
        (one.name, f"{one.size / 1024**3:.1f}", one.serial or "-", one.wwn or "-", one.model or "-")
        for one in seen.disks
    ]
    print_rows(disks, headings=("DISK", "GIB", "SERIAL", "WWN", "MODEL"))
    cards = [(one.name, one.mac, one.address or "-", shown(one.has_carrier)) for one in seen.cards]
    print_rows(cards, headings=("CARD", "MAC", "ADDRESS", "CARRIER"))
    _print_changes(found)


def _print_changes(found: NodeFindings) -> None:
    if found.changes is None:
        note("there is no time before to compare with")
        return
    for change in found.changes:
        click.echo(f"{change.what}: {shown(change.old)} → {shown(change.new)}")
    if not found.changes:
        note("nothing differs from the time before")


def shown(value: Any) -> str:
    """Return a value for people, a dash for what is not there."""
    return "-" if value is None else str(value)
