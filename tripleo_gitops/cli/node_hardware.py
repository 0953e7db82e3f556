"""`tripleo-plan node power | boot-device | bios | raid | root-device`: the switches and settings of machines."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.node_options import all_in, chosen_nodes, finish, fleet_options, nodes_argument, show_each
from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import emit, output_option, print_fields, print_rows

if TYPE_CHECKING:
    from tripleo_gitops.operations.nodes.outcomes import FleetOptions
    from tripleo_gitops.wiring.config import Config

POWER = {
    "on": "power on",
    "off": "power off",
    "reboot": "rebooting",
    "soft-off": "soft power off",
    "soft-reboot": "soft rebooting",
}
DEVICES = ("pxe", "disk", "cdrom", "bios", "safe", "wanboot", "iscsiboot", "floppy", "uefihttp")
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


@click.command()
@click.argument("action", type=click.Choice([*POWER, "status"]))
@nodes_argument
@fleet_options
@output_option
@configured
def power(config: Config, action: str, names: tuple[str, ...], options: FleetOptions, form: str) -> None:
    """Switch machines on, off or through a reboot, and wait until they are; or show how they are.

    \b
    Examples:
      tripleo-plan node power off compute-0 compute-1
      tripleo-plan node power status compute-0
    """
    from tripleo_gitops.operations.nodes.switching import PowerTarget, switch_power
    from tripleo_gitops.wiring.nodes import open_nodes

    services = open_nodes(config)
    nodes = chosen_nodes(services.ironic.states(), names)
    if action == "status":
        found = {node.label: node.power_state for node in nodes}
        emit(found, form=form, table=lambda: print_fields({name: state or "-" for name, state in found.items()}))
        return
    target = PowerTarget(POWER[action])
    finish(switch_power(services.switches, nodes, target, options=options, clock=time, show=show_each), form=form)


@click.group("boot-device")
def boot_device() -> None:
    """What machines boot from."""


@boot_device.command("show")
@click.argument("name", metavar="NODE")
@output_option
@configured
def show_device(config: Config, name: str, form: str) -> None:
    """Ask a machine's controller what it boots from.

    \b
    Example:
      tripleo-plan node boot-device show compute-0
    """
    from tripleo_gitops.wiring.nodes import open_nodes

    services = open_nodes(config)
    device, is_persistent = services.switches.boot_device(services.ironic.node(name).uuid)
    data = {"boot_device": device, "persistent": is_persistent}
    emit(data, form=form, table=lambda: print_fields({key: str(value) for key, value in data.items()}))


@boot_device.command("set")
@click.argument("device", type=click.Choice(DEVICES))
@nodes_argument
@click.option("--persistent", is_flag=True, help="For good, not for the next boot only.")
@fleet_options
@output_option
@configured
def set_device(
    config: Config, device: str, names: tuple[str, ...], persistent: bool, options: FleetOptions, form: str
) -> None:
    """Let machines boot from a device.

    \b
    Example:
      tripleo-plan node boot-device set pxe compute-0
    """
    from tripleo_gitops.operations.nodes.switching import set_boot_device
    from tripleo_gitops.wiring.nodes import open_nodes

    services = open_nodes(config)
    nodes, asked = chosen_nodes(services.ironic.states(), names), (device, persistent)
    finish(set_boot_device(services.switches, nodes, asked, options=options, clock=time, show=show_each), form=form)


@click.group()
def bios() -> None:
    """BIOS settings of machines."""


@bios.command("show")
@click.argument("name", metavar="NODE")
@output_option
@configured
def show_bios(config: Config, name: str, form: str) -> None:
    """Show the BIOS settings that Ironic knows of a machine.

    \b
    Example:
      tripleo-plan node bios show compute-0
    """
    from tripleo_gitops.wiring.nodes import open_nodes

    services = open_nodes(config)
    found = dict(services.switches.bios(services.ironic.node(name).uuid))
    emit(
        found,
        form=form,
        table=lambda: print_rows(((k, v or "-") for k, v in found.items()), headings=("NAME", "VALUE")),
    )


@bios.command("configure")
@nodes_argument
@all_in("manageable")
@click.option("--from", "file", type=click.Path(path_type=Path), required=True, help="A YAML mapping of settings.")
@yes_option
@fleet_options
@output_option
@configured
def configure_bios(config: Config, names: tuple[str, ...], everyone: bool, file: Path, yes: bool, **rest: Any) -> None:
    """Give manageable machines BIOS settings; they go through a cleaning for it.

    \b
    Example:
      tripleo-plan node bios configure compute-0 --from bios.yaml
    """
    from tripleo_gitops.operations.nodes.hardware import bios_change

    _clean(config, names, everyone, bios_change(_read(config.directory / file)), yes=yes, **rest)


@bios.command("reset")
@nodes_argument
@all_in("manageable")
@yes_option
@fleet_options
@output_option
@configured
def reset_bios(config: Config, names: tuple[str, ...], everyone: bool, yes: bool, **rest: Any) -> None:
    """Bring the BIOS of manageable machines back to what its maker had.

    \b
    Example:
      tripleo-plan node bios reset compute-0
    """
    from tripleo_gitops.operations.nodes.hardware import bios_reset

    _clean(config, names, everyone, bios_reset(), yes=yes, **rest)


@click.group()
def raid() -> None:
    """RAID of machines."""


@raid.command("show")
@click.argument("name", metavar="NODE")
@output_option
@configured
def show_raid(config: Config, name: str, form: str) -> None:
    """Show a machine's RAID, as it is and as it is to become.

    \b
    Example:
      tripleo-plan node raid show compute-0
    """
    from tripleo_gitops.wiring.nodes import open_nodes

    services = open_nodes(config)
    now, target = services.switches.raid(services.ironic.node(name).uuid)
    data = {"raid": dict(now), "target": dict(target)}
    emit(data, form=form, table=lambda: print_fields({key: str(value or "-") for key, value in data.items()}))


@raid.command("create")
@nodes_argument
@all_in("manageable")
@click.option("--from", "file", type=click.Path(path_type=Path), required=True, help="YAML with `logical_disks`.")
@yes_option
@fleet_options
@output_option
@configured
def create_raid(
    config: Config, *, names: tuple[str, ...], everyone: bool, file: Path, yes: bool, options: FleetOptions, form: str
) -> None:
    """Give manageable machines a RAID in place of the one that they have; what is on the disks is lost.

    \b
    Example:
      tripleo-plan node raid create compute-0 --from raid.yaml
    """
    from tripleo_gitops.operations.nodes.hardware import ask_for_raid, raid_creation
    from tripleo_gitops.operations.nodes.journeys import lead_nodes
    from tripleo_gitops.operations.nodes.outcomes import FleetOutcome
    from tripleo_gitops.wiring.nodes import open_nodes

    services, wanted = open_nodes(config), _read(config.directory / file)
    nodes = chosen_nodes(services.ironic.states(), names, everyone=everyone, state="manageable")
    _ask(f"make a RAID of the disks of {len(nodes)} nodes, what is on them is lost?", yes=yes)
    asked = ask_for_raid(services.switches, nodes, wanted, options=options, clock=time, show=show_each)
    failed = {one.uuid for one in asked.failed}
    rest = [node for node in nodes if node.uuid not in failed]
    done = lead_nodes(services.ironic, rest, raid_creation(), options=options, clock=time, show=show_each)
    finish(FleetOutcome(asked.failed) + done, form=form)


@click.command("root-device")
@nodes_argument
@click.option("--strategy", default="smallest", show_default=True, help="`smallest`, `largest`, or names: sda,vda.")
@click.option("--minimum-size", "least", type=click.IntRange(1), default=4, show_default=True, help="GiB at least.")
@click.option("--overwrite", "overwrites", is_flag=True, help="Also where a hint is there.")
@fleet_options
@output_option
@configured
def root_device(
    config: Config,
    *,
    names: tuple[str, ...],
    strategy: str,
    least: int,
    overwrites: bool,
    options: FleetOptions,
    form: str,
) -> None:
    """Choose the disk for the system from what introspection found, by a hint that only this disk meets.

    \b
    Examples:
      tripleo-plan node root-device compute-0 --strategy largest
      tripleo-plan node root-device compute-0 --strategy nvme0n1,sda --overwrite
    """
    from tripleo_gitops.operations.nodes.introspection import findings_of
    from tripleo_gitops.operations.nodes.tagging import RootDeviceChoice, set_root_devices
    from tripleo_gitops.wiring.nodes import inspection_of, open_nodes

    services = open_nodes(config)
    results = inspection_of(services, "ironic")[1]
    by_id = {node.uuid: node for node in services.ironic.nodes()}
    chosen = [by_id[state.uuid] for state in chosen_nodes([node.state for node in by_id.values()], names)]
    found = [(node, findings_of(results, node.state).inventory) for node in chosen]
    choice = RootDeviceChoice(strategy, least, overwrites)
    finish(
        set_root_devices(services.ironic, found, choice, options=options, clock=time, show=show_each),
        form=form,
    )


def _clean(
    config: Config, names: tuple[str, ...], everyone: bool, errand: Any, *, yes: bool, options: FleetOptions, form: str
) -> None:
    from tripleo_gitops.cli.node_states import run_errand
    from tripleo_gitops.wiring.nodes import open_nodes

    services = open_nodes(config)
    nodes = chosen_nodes(services.ironic.states(), names, everyone=everyone, state="manageable")
    _ask(f"change {len(nodes)} nodes through a cleaning?", yes=yes)
    run_errand(services, nodes, errand, options=options, form=form)


def _ask(question: str, *, yes: bool) -> None:
    if not yes:
        click.confirm(question, abort=True, err=True)


def _read(path: Path) -> dict[str, Any]:
    from tripleo_gitops.documents.yaml import parse_yaml

    try:
        found = parse_yaml(path.read_bytes(), source=path.name)
    except OSError as exc:
        raise click.UsageError(f"{path}: {exc.strerror}") from exc
    if not isinstance(found, dict):
        raise click.UsageError(f"{path.name}: a mapping is needed")
    return found
