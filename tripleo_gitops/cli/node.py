"""`tripleo-plan node`: the machines, from the plan's files to Ironic's nodes."""

from __future__ import annotations

import click

from tripleo_gitops.cli.node_discovery import discover
from tripleo_gitops.cli.node_hardware import bios, boot_device, power, raid, root_device
from tripleo_gitops.cli.node_inventory import inventory, rules
from tripleo_gitops.cli.node_listing import delete, list_command, maintenance, show
from tripleo_gitops.cli.node_profiles import profiles, tag
from tripleo_gitops.cli.node_registration import diff, register, seal
from tripleo_gitops.cli.node_states import abort, clean, introspect, manage, provide


@click.group()
def node() -> None:
    """Register, introspect and lead the machines of the plan.

    The plan's `baremetal/` says which machines there are; Ironic is made to agree. Each command works on a few nodes
    at once, tries again only what failed, and exits 2 when a node is not where it should be, with its own reason.
    """


for _command in (
    diff,
    register,
    list_command,
    show,
    introspect,
    inventory,
    abort,
    rules,
    manage,
    provide,
    clean,
    tag,
    profiles,
    power,
    boot_device,
    bios,
    raid,
    root_device,
    maintenance,
    delete,
    discover,
    seal,
):
    node.add_command(_command)
