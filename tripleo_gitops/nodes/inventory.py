"""What introspection found out about a machine: processors, memory, disks, network cards; and what changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

GIB = 1024**3
MIB = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """One disk; `size` in bytes."""

    name: str
    size: int
    serial: str | None = None
    wwn: str | None = None
    wwn_with_extension: str | None = None
    model: str | None = None
    rotational: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCard:
    """One network interface, and the switch port that it saw by LLDP."""

    name: str
    mac: str
    address: str | None = None
    has_carrier: bool | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """A machine as introspection saw it; None where the ramdisk does not say."""

    cpus: int | None = None
    architecture: str | None = None
    cpu_model: str | None = None
    memory_mb: int | None = None
    product: str | None = None
    serial: str | None = None
    boot_mode: str | None = None
    bmc_address: str | None = None
    disks: tuple[Disk, ...] = ()
    cards: tuple[NetworkCard, ...] = ()


@dataclass(frozen=True, slots=True)
class InventoryChange:
    """One thing that is not as it was the last time; None where it was, or is, not there."""

    what: str
    old: Any
    new: Any


def read_inventory(document: Mapping[str, Any]) -> Inventory:
    """Return the inventory in what a ramdisk posted (`inventory` of ironic-python-agent); odd parts are left out."""
    cpu, memory = _mapping(document.get("cpu")), _mapping(document.get("memory"))
    system, boot = _mapping(document.get("system_vendor")), _mapping(document.get("boot"))
    total = memory.get("physical_mb") or (_number(memory.get("total")) or 0) // MIB or None
    return Inventory(
        cpus=_number(cpu.get("count")),
        architecture=_text(cpu.get("architecture")),
        cpu_model=_text(cpu.get("model_name")),
        memory_mb=_number(total),
        product=_text(" ".join(filter(None, (_text(system.get("manufacturer")), _text(system.get("product_name")))))),
        serial=_text(system.get("serial_number")),
        boot_mode=_text(boot.get("current_boot_mode")),
        bmc_address=_text(document.get("bmc_address")),
        disks=tuple(_disk(one) for one in _mappings(document.get("disks"))),
        cards=tuple(_card(one) for one in _mappings(document.get("interfaces"))),
    )


def compare_inventories(old: Inventory, new: Inventory) -> tuple[InventoryChange, ...]:
    """Return what changed between two introspections; disks are told apart by serial, cards by MAC address."""
    changes: list[InventoryChange] = []
    for name in ("cpus", "architecture", "cpu_model", "memory_mb", "product", "serial", "boot_mode", "bmc_address"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            changes.append(InventoryChange(name, before, after))
    changes += _changes("disk", {_disk_id(one): one for one in old.disks}, {_disk_id(one): one for one in new.disks})
    changes += _changes("card", {one.mac: one for one in old.cards}, {one.mac: one for one in new.cards})
    return tuple(changes)


def to_document(inventory: Inventory) -> dict[str, Any]:
    """Return an inventory as JSON takes it."""
    plain = {name: getattr(inventory, name) for name in Inventory.__slots__ if name not in ("disks", "cards")}
    disks = [{name: getattr(disk, name) for name in Disk.__slots__} for disk in inventory.disks]
    cards = [{name: getattr(card, name) for name in NetworkCard.__slots__} for card in inventory.cards]
    return {**plain, "disks": disks, "cards": cards}


def from_document(document: Mapping[str, Any]) -> Inventory:
    """Return the inventory that `to_document` made a document of."""
    values = {name: document.get(name) for name in Inventory.__slots__ if name not in ("disks", "cards")}
    disks = tuple(Disk(**disk) for disk in document.get("disks", ()))
    cards = tuple(NetworkCard(**card) for card in document.get("cards", ()))
    return Inventory(**values, disks=disks, cards=cards)


def _changes(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[InventoryChange]:
    found: list[InventoryChange] = []
    for key in sorted(old.keys() | new.keys()):
        if key not in old or key not in new:
            found.append(InventoryChange(f"{what} {key}", _brief(old.get(key)), _brief(new.get(key))))
            continue
        for name in type(new[key]).__slots__:
            before, after = getattr(old[key], name), getattr(new[key], name)
            if before != after:
                found.append(InventoryChange(f"{what} {key} {name}", before, after))
    return found


def _brief(one: Disk | NetworkCard | None) -> str | None:
    if one is None:
        return None
    return f"{one.name}, {one.size / GIB:.0f} GiB" if isinstance(one, Disk) else one.name


def _disk_id(disk: Disk) -> str:
    return disk.wwn_with_extension or disk.wwn or disk.serial or disk.name


def _disk(one: Mapping[str, Any]) -> Disk:
    rotational = one.get("rotational")
    return Disk(
        name=_text(one.get("name")) or "?",
        size=_number(one.get("size")) or 0,
        serial=_text(one.get("serial")),
        wwn=_text(one.get("wwn")),
        wwn_with_extension=_text(one.get("wwn_with_extension")),
        model=_text(one.get("model")),
        rotational=rotational if isinstance(rotational, bool) else None,
    )


def _card(one: Mapping[str, Any]) -> NetworkCard:
    carrier = one.get("has_carrier")
    return NetworkCard(
        name=_text(one.get("name")) or "?",
        mac=(_text(one.get("mac_address")) or "?").lower(),
        address=_text(one.get("ipv4_address")) or _text(one.get("ipv6_address")),
        has_carrier=carrier if isinstance(carrier, bool) else None,
        product=_text(one.get("product")),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip() else None


def _number(value: Any) -> int | None:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
