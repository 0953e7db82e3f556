"""The disk that a machine's system goes to, chosen from what introspection found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Refused
from tripleo_gitops.nodes.inventory import GIB

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.nodes.inventory import Disk, Inventory

SMALLEST, LARGEST = "smallest", "largest"
LEAST_GIB = 4


@dataclass(frozen=True, slots=True)
class RootDevice:
    """A hint that only this disk meets, and the GiB that are left of it after the partition table."""

    hint: Mapping[str, str]
    local_gb: int


class NoRootDevice(Refused):
    """No disk of a machine is as asked, or none can be told from the others."""

    reason = "NoRootDevice"


def choose_root_device(inventory: Inventory, strategy: str, *, least_gib: int = LEAST_GIB) -> RootDevice:
    """Return the smallest or the largest disk of at least so many GiB, or the first of a list of names.

    The hint is the first of wwn_with_extension, wwn and serial that the disk has. Raises NoRootDevice.
    """
    enough = [disk for disk in inventory.disks if disk.size >= least_gib * GIB]
    if not enough:
        raise NoRootDevice(f"none of {len(inventory.disks)} disks has {least_gib} GiB")
    disk = _chosen(enough, strategy)
    for name in ("wwn_with_extension", "wwn", "serial"):
        value = getattr(disk, name)
        if value:
            return RootDevice({name: value}, disk.size // GIB - 1)
    raise NoRootDevice(f"the disk {disk.name} has neither WWN nor serial number: nothing tells it from another")


def _chosen(disks: list[Disk], strategy: str) -> Disk:
    if strategy in (SMALLEST, LARGEST):
        ordered = sorted(disks, key=lambda disk: disk.size)
        return ordered[0] if strategy == SMALLEST else ordered[-1]
    names = [name.strip().removeprefix("/dev/") for name in strategy.split(",") if name.strip()]
    by_name = {disk.name.removeprefix("/dev/"): disk for disk in disks}
    found = next((by_name[name] for name in names if name in by_name), None)
    if found is None:
        raise NoRootDevice(f"none of the disks {', '.join(by_name)} is one of {', '.join(names)}")
    return found
