"""`tripleo-plan node list | show | maintenance | delete`: the nodes that Ironic has."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.node_options import chosen_nodes, finish, fleet_options, nodes_argument, show_each
from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import emit, output_option, print_fields, print_rows

if TYPE_CHECKING:
    from tripleo_gitops.nodes.registered import RegisteredNode
    from tripleo_gitops.operations.nodes.outcomes import FleetOptions
    from tripleo_gitops.wiring.config import Config


@click.command("list")
@click.option("--state", metavar="STATE", help="Only nodes in this provision state.")
@click.option("--profile", metavar="PROFILE", help="Only nodes of this profile.")
@output_option
@configured
def list_command(config: Config, state: str | None, profile: str | None, form: str) -> None:
    """List Ironic's nodes.

    \b
    Examples:
      tripleo-plan node list
      tripleo-plan node list --state manageable -o json
    """
    from tripleo_gitops.wiring.nodes import open_nodes

    found = [
        node
        for node in open_nodes(config).ironic.nodes()
        if state in (None, node.state.provision_state) and profile in (None, node.capabilities.get("profile"))
    ]
    rows = [
        (
            node.label,
            node.driver,
            node.state.provision_state,
            node.state.power_state or "-",
            node.capabilities.get("profile", "-"),
            "yes" if node.state.maintenance else "no",
            node.mark.plan if node.mark else "-",
        )
        for node in found
    ]
    headings = ("NODE", "DRIVER", "STATE", "POWER", "PROFILE", "MAINTENANCE", "PLAN")
    emit([_document(node) for node in found], form=form, table=lambda: print_rows(rows, headings=headings))


@click.command()
@click.argument("name", metavar="NODE")
@click.option("--validate", "validates", is_flag=True, help="Ask Ironic whether it could work with each interface.")
@output_option
@configured
def show(config: Config, name: str, validates: bool, form: str) -> None:
    """Show one node; passwords are masked.

    \b
    Examples:
      tripleo-plan node show compute-0
      tripleo-plan node show compute-0 --validate
    """
    from tripleo_gitops.wiring.nodes import open_nodes

    ironic = open_nodes(config).ironic
    node = ironic.node(name)
    data = _document(node)
    if validates:
        data["validation"] = {
            interface: {"result": result, "reason": reason}
            for interface, (result, reason) in ironic.validate(node.uuid).items()
        }
    emit(data, form=form, table=lambda: _print(data))


@click.group()
def maintenance() -> None:
    """Take nodes out, and back in."""


@maintenance.command("set")
@nodes_argument
@click.option("--reason", default="", help="Why; everyone sees it.")
@fleet_options
@output_option
@configured
def set_command(config: Config, names: tuple[str, ...], reason: str, options: FleetOptions, form: str) -> None:
    """Take nodes out: Ironic leaves them alone.

    \b
    Example:
      tripleo-plan node maintenance set compute-0 --reason "disk is changed"
    """
    _maintain(config, names, reason, options=options, form=form)


@maintenance.command()
@nodes_argument
@fleet_options
@output_option
@configured
def unset(config: Config, names: tuple[str, ...], options: FleetOptions, form: str) -> None:
    """Take nodes back in.

    \b
    Example:
      tripleo-plan node maintenance unset compute-0
    """
    _maintain(config, names, None, options=options, form=form)


@click.command()
@nodes_argument
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@fleet_options
@output_option
@configured
def delete(config: Config, names: tuple[str, ...], yes: bool, options: FleetOptions, form: str) -> None:
    """Remove nodes from Ironic; those with an instance stay.

    The plan is not changed: its next registration brings back what it has.

    \b
    Example:
      tripleo-plan node delete compute-0
    """
    from tripleo_gitops.operations.nodes.switching import delete_nodes
    from tripleo_gitops.wiring.nodes import open_nodes

    ironic = open_nodes(config).ironic
    found = {node.uuid: node for node in ironic.nodes()}
    chosen = [found[state.uuid] for state in chosen_nodes([node.state for node in found.values()], names)]
    if not yes:
        click.confirm(f"remove {', '.join(node.label for node in chosen)}?", abort=True, err=True)
    finish(delete_nodes(ironic, chosen, options=options, clock=time, show=show_each), form=form)


def _maintain(config: Config, names: tuple[str, ...], reason: str | None, *, options: FleetOptions, form: str) -> None:
    from tripleo_gitops.operations.nodes.switching import set_maintenance
    from tripleo_gitops.wiring.nodes import open_nodes

    services = open_nodes(config)
    nodes = chosen_nodes(services.ironic.states(), names)
    finish(set_maintenance(services.switches, nodes, reason, options=options, clock=time, show=show_each), form=form)


def _document(node: RegisteredNode) -> dict[str, Any]:
    state = node.state
    return {
        "node": node.label,
        "uuid": node.uuid,
        "plan": node.mark.plan if node.mark else None,
        "driver": node.driver,
        "provision_state": state.provision_state,
        "power_state": state.power_state,
        "maintenance": state.maintenance,
        "maintenance_reason": state.maintenance_reason,
        "last_error": state.last_error,
        "instance": state.instance_uuid,
        "introspected": state.inspection_finished_at,
        "resource_class": node.resource_class,
        "capabilities": node.capabilities,
        "traits": list(node.traits),
        "properties": {name: value for name, value in node.properties.items() if name != "capabilities"},
        "driver_info": dict(node.driver_info),
        "interfaces": dict(node.interfaces),
        "ports": [{"address": port.address, "physical_network": port.physical_network} for port in node.ports],
    }


def _print(data: dict[str, Any]) -> None:
    fields: dict[str, str] = {}
    for name, value in data.items():
        if isinstance(value, dict):
            fields |= {f"{name}.{key}": _text(inner) for key, inner in value.items()}
        else:
            fields[name] = ", ".join(map(_text, value)) or "-" if isinstance(value, list) else _text(value)
    print_fields(fields)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}={_text(inner)}" for key, inner in value.items() if inner is not None)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value in (None, "") else " ".join(str(value).split())
