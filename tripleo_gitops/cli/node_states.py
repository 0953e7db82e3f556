"""`tripleo-plan node manage | provide | clean | introspect | abort`: from state to state."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.node_inventory import findings_document, shown
from tripleo_gitops.cli.node_options import all_in, chosen_nodes, finish, fleet_options, nodes_argument, show_each
from tripleo_gitops.cli.node_runs import AsRun, as_run, chosen_inputs, fleet_inputs
from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import note, output_option

if TYPE_CHECKING:
    from tripleo_gitops.nodes.registered import NodeState
    from tripleo_gitops.operations.nodes.journeys import Errand
    from tripleo_gitops.operations.nodes.outcomes import FleetOptions
    from tripleo_gitops.wiring.config import Config
    from tripleo_gitops.wiring.nodes import NodeServices


@click.command()
@nodes_argument
@all_in("available")
@as_run
@fleet_options
@output_option
@configured
def manage(
    config: Config, names: tuple[str, ...], everyone: bool, as_run: AsRun, options: FleetOptions, form: str
) -> None:
    """Make nodes manageable: Ironic tries their logins, and nobody gets them meanwhile.

    \b
    Example:
      tripleo-plan node manage compute-0 compute-1
    """
    if as_run:
        inputs = {**chosen_inputs(names, everyone=everyone, state="available"), **fleet_inputs(options)}
        as_run.do(config, "node-manage", inputs=inputs, form=form)
    else:
        _lead(config, names=names, state="available", everyone=everyone, goal="manageable", options=options, form=form)


@click.command()
@nodes_argument
@all_in("manageable")
@as_run
@fleet_options
@output_option
@configured
def provide(
    config: Config, names: tuple[str, ...], everyone: bool, as_run: AsRun, options: FleetOptions, form: str
) -> None:
    """Make nodes available, through a cleaning where Ironic is set so.

    \b
    Examples:
      tripleo-plan node provide --all-manageable
      tripleo-plan node provide compute-0 --tries 1
      tripleo-plan node provide --all-manageable --detach
    """
    if as_run:
        inputs = {**chosen_inputs(names, everyone=everyone, state="manageable"), **fleet_inputs(options)}
        as_run.do(config, "node-provide", inputs=inputs, form=form)
    else:
        _lead(config, names=names, state="manageable", everyone=everyone, goal="available", options=options, form=form)


@click.command()
@nodes_argument
@all_in("manageable")
@click.option("--step", "steps", multiple=True, metavar="INTERFACE.STEP", help="What to do [default: wipe metadata].")
@click.option("-y", "--yes", is_flag=True, help="Do not ask: cleaning destroys what is on the disks.")
@fleet_options
@output_option
@configured
def clean(
    config: Config, names: tuple[str, ...], everyone: bool, steps: tuple[str, ...], yes: bool, **rest: Any
) -> None:
    """Clean manageable nodes by hand: their disks are wiped.

    \b
    Examples:
      tripleo-plan node clean compute-0
      tripleo-plan node clean compute-0 --step deploy.erase_devices --yes
    """
    from tripleo_gitops.operations.nodes.hardware import METADATA_ONLY, cleaning
    from tripleo_gitops.wiring.nodes import open_nodes

    errand, services = cleaning(steps or METADATA_ONLY), open_nodes(config)
    nodes = chosen_nodes(services.ironic.states(), names, everyone=everyone, state="manageable")
    if nodes and not yes:
        click.confirm(f"clean {len(nodes)} nodes, what is on their disks is lost?", abort=True, err=True)
    run_errand(services, nodes, errand, **rest)


@click.command()
@nodes_argument
@all_in("manageable")
@click.option("--new", "only_new", is_flag=True, help="Every free node that never was introspected.")
@click.option(
    "--with",
    "service",
    type=click.Choice(["ironic", "inspector"]),
    default="ironic",
    show_default=True,
    help="Ironic's own introspection, or ironic-inspector where the cloud still has it.",
)
@click.option("--unmanaged-boot", is_flag=True, help="With inspector: somebody else boots the machines.")
@click.option("--provide", "provides", is_flag=True, help="Then make the nodes available.")
@as_run
@fleet_options
@output_option
@configured
def introspect(
    config: Config,
    *,
    names: tuple[str, ...],
    everyone: bool,
    only_new: bool,
    service: str,
    unmanaged_boot: bool,
    provides: bool,
    as_run: AsRun,
    options: FleetOptions,
    form: str,
) -> None:
    """Find out what is in machines: processors, memory, disks, network cards.

    Those that fail are tried again, the others are not; each has its own time. What differs from the last time is
    said.

    \b
    Examples:
      tripleo-plan node introspect --all-manageable --concurrency 10
      tripleo-plan node introspect --new --provide
      tripleo-plan node introspect compute-0 --with inspector
    """
    from tripleo_gitops.nodes.states import Goal
    from tripleo_gitops.operations.nodes.introspection import introspect_nodes
    from tripleo_gitops.operations.nodes.journeys import Errand, lead_nodes
    from tripleo_gitops.wiring.nodes import inspection_of, open_nodes

    if as_run:
        if unmanaged_boot:
            raise click.UsageError("--unmanaged-boot is not for runs")
        chosen = chosen_inputs(names, everyone=everyone, state="manageable", only_new=only_new)
        inputs = {**chosen, "provides": provides, "service": service, **fleet_inputs(options)}
        as_run.do(config, "node-introspection", inputs=inputs, form=form)
        return
    services = open_nodes(config)
    nodes = _to_introspect(services, names, everyone=everyone, only_new=only_new)
    guide, results = inspection_of(services, service, manages_boot=not unmanaged_boot)
    done = introspect_nodes(guide, results, nodes, options=options, clock=time, show=show_each)
    outcome = done.fleet
    if provides:
        passed = {one.uuid for one in outcome.outcomes} - {one.uuid for one in outcome.failed}
        ready = [state for state in services.ironic.states() if state.uuid in passed]
        outcome += lead_nodes(
            services.ironic, ready, Errand(Goal.AVAILABLE), options=options, clock=time, show=show_each
        )
    for one in done.findings:
        for change in one.changes or ():
            note(f"{one.node}: {change.what}: {shown(change.old)} → {shown(change.new)}")
    finish(outcome, form=form, data={"findings": [findings_document(one) for one in done.findings]})


@click.command()
@nodes_argument
@click.option("--with", "service", type=click.Choice(["ironic", "inspector"]), default="ironic", show_default=True)
@fleet_options
@output_option
@configured
def abort(config: Config, names: tuple[str, ...], service: str, options: FleetOptions, form: str) -> None:
    """Break off introspections, and cleanings that wait for their ramdisk.

    \b
    Example:
      tripleo-plan node abort compute-0
    """
    from tripleo_gitops.operations.nodes.introspection import abort_introspections
    from tripleo_gitops.wiring.nodes import open_nodes, watching

    services = open_nodes(config)
    guide = watching(services, service)
    nodes = chosen_nodes(guide.states(), names)
    finish(abort_introspections(guide, nodes, options=options, clock=time, show=show_each), form=form)


def run_errand(
    services: NodeServices, nodes: tuple[NodeState, ...], errand: Errand, *, options: FleetOptions, form: str
) -> None:
    """Lead nodes through an errand and print what became of them."""
    from tripleo_gitops.operations.nodes.journeys import lead_nodes

    finish(lead_nodes(services.ironic, nodes, errand, options=options, clock=time, show=show_each), form=form)


def _lead(
    config: Config,
    *,
    names: tuple[str, ...],
    state: str,
    everyone: bool,
    goal: str,
    options: FleetOptions,
    form: str,
) -> None:
    from tripleo_gitops.nodes.states import Goal
    from tripleo_gitops.operations.nodes.journeys import Errand
    from tripleo_gitops.wiring.nodes import open_nodes

    services = open_nodes(config)
    nodes = chosen_nodes(services.ironic.states(), names, everyone=everyone, state=state)
    run_errand(services, nodes, Errand(Goal(goal)), options=options, form=form)


def _to_introspect(
    services: NodeServices, names: tuple[str, ...], *, everyone: bool, only_new: bool
) -> tuple[NodeState, ...]:
    from tripleo_gitops.operations.nodes.selection import never_inspected

    states = services.ironic.states()
    if only_new and not names and not everyone:
        return never_inspected(states)
    if only_new:
        raise click.UsageError("name nodes, or give --all-manageable or --new, but one of them")
    return chosen_nodes(states, names, everyone=everyone, state="manageable")
