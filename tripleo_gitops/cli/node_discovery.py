"""`tripleo-plan node discover`: machines that answer where the operator looks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import emit, note, output_option, print_rows

if TYPE_CHECKING:
    from tripleo_gitops.nodes.candidates import Candidate, Credential
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.option(
    "--range", "ranges", multiple=True, required=True, metavar="RANGE", help="ADDRESS, FIRST-LAST or NETWORK/BITS."
)
@click.option(
    "--credentials",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="A YAML list of `{user, password}` to try.",
)
@click.option(
    "--ipmi-port", "ipmi", multiple=True, type=click.IntRange(1, 65535), help="Look for IPMI here; repeatable."
)
@click.option("--redfish-port", "redfish", multiple=True, type=click.IntRange(1, 65535), help="The same for Redfish.")
@click.option("--save", "target", metavar="FILE", help="Write what is new to this file of the plan, sealed.")
@click.option("--concurrency", type=click.IntRange(1, 100), default=20, show_default=True, help="How many at once.")
@output_option
@configured
def discover(
    config: Config,
    *,
    ranges: tuple[str, ...],
    file: Path,
    ipmi: tuple[int, ...],
    redfish: tuple[int, ...],
    target: str | None,
    concurrency: int,
    form: str,
) -> None:
    """Look for management controllers at the addresses that you name, and at no others.

    Ports are IPMI 623 and Redfish 443, unless some are given. Machines that are registered are counted, not shown.

    \b
    Examples:
      tripleo-plan node discover --range 192.0.2.0/28 --credentials logins.yaml
      tripleo-plan node discover --range 192.0.2.5-192.0.2.9 --credentials logins.yaml --save baremetal/rack2.yaml
    """
    from tripleo_gitops.nodes.candidates import expand_ranges, plan_probes
    from tripleo_gitops.openstack.bmc_probe import ControllerProbe
    from tripleo_gitops.operations.nodes.discovery import discover_nodes
    from tripleo_gitops.wiring.nodes import open_nodes

    ports = [*(("ipmi", port) for port in ipmi), *(("redfish", port) for port in redfish)]
    logins = _credentials(config.directory / file)
    probes = plan_probes(expand_ranges(ranges), ports or [("ipmi", 623), ("redfish", 443)], logins)
    registered = open_nodes(config).ironic.nodes()
    found = discover_nodes(ControllerProbe(), probes, registered, concurrency=concurrency, show=lambda _: None)
    listed = [{name: str(value) for name, value in one.fields().items()} for one in found.new]
    rows = [(one["pm_type"], one["pm_addr"], one.get("pm_port", "-"), one.get("pm_system_id", "-")) for one in listed]
    emit(
        {"new": listed, "known": found.known, "tried": len(probes)},
        form=form,
        table=lambda: print_rows(rows, headings=("DRIVER", "ADDRESS", "PORT", "SYSTEM")),
    )
    note(f"{len(listed)} new machines, {found.known} registered already; {len(probes)} logins tried")
    if target and found.new:
        _save(config, target, found.new)


def _save(config: Config, target: str, found: tuple[Candidate, ...]) -> None:
    from tripleo_gitops.cli.secrets import chosen_recipients
    from tripleo_gitops.operations.nodes.sealing import seal_candidates
    from tripleo_gitops.plan.secrets_file import read_sealed
    from tripleo_gitops.wiring.local import open_work_copy, work_tree
    from tripleo_gitops.wiring.nodes import open_node_vault

    tree = work_tree(config)
    if target in tree.paths():
        raise click.UsageError(f"{target} is there already; name another file")
    kept = read_sealed(tree)
    recipients = kept.recipients if kept else chosen_recipients(())
    sealed = seal_candidates(found, target, open_node_vault(os.environ), recipients=recipients)
    open_work_copy(config).write(target, sealed)
    note(f"{target}: {len(found)} machines, passwords sealed; not committed yet")


def _credentials(path: Path) -> tuple[Credential, ...]:
    from tripleo_gitops.documents.yaml import parse_yaml
    from tripleo_gitops.nodes.candidates import Credential
    from tripleo_gitops.nodes.secret import Secret

    try:
        found = parse_yaml(path.read_bytes(), source=path.name)
    except OSError as exc:
        raise click.UsageError(f"{path}: {exc.strerror}") from exc
    if not isinstance(found, list) or not all(
        isinstance(one, dict) and set(one) == {"user", "password"} for one in found
    ):
        raise click.UsageError(f"{path.name}: a list of mappings with user and password is needed")
    return tuple(Credential(str(one["user"]), Secret(str(one["password"]))) for one in found)
