"""Flavors that roles need, and how they differ from those that Nova has."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tripleo_gitops.nodes.desired import DEFAULT_RESOURCE_CLASS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tripleo_gitops.nodes.profiles import Want

ANY_NODE = "baremetal"
"""The flavor that asks for no profile, as the undercloud's installer names it."""
DEFAULT_BOOT_OPTION = "local"
SIZES: Mapping[str, int] = MappingProxyType({"vcpus": 1, "ram": 4096, "disk": 40})
"""What flavors of machines are said to be; nothing reads it, since the extra specs take it back."""
OWN_PREFIXES = ("resources:", "trait:")
OWN_SPECS = frozenset(("capabilities:profile", "capabilities:boot_option"))


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFlavor:
    """A flavor by its name, the roles that need it, and the extra specs by which Nova finds their machines."""

    name: str
    roles: tuple[str, ...]
    specs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFlavor:
    """A flavor of Nova with its extra specs."""

    id: str
    name: str
    vcpus: int
    ram: int
    disk: int
    specs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlavorChange:
    """A flavor to make, or one whose extra specs are to be set or taken away; `found` is None for a new one."""

    wanted: WantedFlavor
    found: FoundFlavor | None
    set: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Return what changes, a line for each extra spec."""
        old = self.found.specs if self.found else {}
        changed = [
            f"{name}: {f'{old[name]} → ' if name in old else ''}{value}" for name, value in sorted(self.set.items())
        ]
        return (*changed, *(f"{name}: {old[name]} → none" for name in self.unset))


@dataclass(frozen=True, slots=True, kw_only=True)
class FlavorDiff:
    """What makes Nova's flavors those that the roles need, and the names of those that are right."""

    changes: tuple[FlavorChange, ...]
    unchanged: tuple[str, ...]

    @property
    def new(self) -> tuple[FlavorChange, ...]:
        """The flavors to make."""
        return tuple(change for change in self.changes if change.found is None)

    @property
    def altered(self) -> tuple[FlavorChange, ...]:
        """The flavors that are there and differ."""
        return tuple(change for change in self.changes if change.found is not None)


def wanted_flavors(
    wants: Iterable[Want], resource_classes: Mapping[str, str], *, boot_option: str = ""
) -> tuple[WantedFlavor, ...]:
    """Return a flavor for each profile that roles need, `baremetal` where one needs any node.

    `resource_classes` are those of the plan's machines by profile. Profiles that are traits ask for the trait.
    """
    roles: dict[str, list[str]] = {}
    traits: set[str] = set()
    for want in wants:
        name = want.profile or ANY_NODE
        roles.setdefault(name, []).append(want.role)
        if want.is_trait:
            traits.add(name)
    return tuple(
        WantedFlavor(
            name=name,
            roles=tuple(named),
            specs=_specs(
                name,
                resource_classes.get("" if name == ANY_NODE else name, DEFAULT_RESOURCE_CLASS),
                boot_option or DEFAULT_BOOT_OPTION,
                is_trait=name in traits,
            ),
        )
        for name, named in roles.items()
    )


def _specs(name: str, resource_class: str, boot_option: str, *, is_trait: bool) -> dict[str, str]:
    specs = {f"resources:{custom_name(resource_class)}": "1"}
    specs |= {f"resources:{what}": "0" for what in ("VCPU", "MEMORY_MB", "DISK_GB")}
    specs["capabilities:boot_option"] = boot_option
    if is_trait:
        specs[f"trait:{name}"] = "required"
    elif name != ANY_NODE:
        specs["capabilities:profile"] = name
    return specs


def custom_name(resource_class: str) -> str:
    """Return what Placement calls a resource class of nodes: `baremetal` is `CUSTOM_BAREMETAL`."""
    return "CUSTOM_" + re.sub(r"[^A-Z0-9_]", "_", resource_class.upper())


def profile_classes(machines: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the resource class of each profile's machines, from pairs of both; profiles with several have none."""
    found: dict[str, set[str]] = {}
    for profile, resource_class in machines:
        found.setdefault(profile, set()).add(resource_class)
        found.setdefault("", set()).add(resource_class)
    return {profile: next(iter(classes)) for profile, classes in found.items() if len(classes) == 1}


def diff_flavors(wanted: Sequence[WantedFlavor], found: Iterable[FoundFlavor]) -> FlavorDiff:
    """Return what makes flavors what roles need; specs that speak of neither resources nor roles stay as they are.

    A flavor of the right name in another size stays too: Nova changes no size, and nothing reads it.
    """
    there = {one.name: one for one in found}
    changes = tuple(change for one in wanted if (change := _change(one, there.get(one.name))) is not None)
    changed = {change.wanted.name for change in changes}
    return FlavorDiff(changes=changes, unchanged=tuple(one.name for one in wanted if one.name not in changed))


def _change(wanted: WantedFlavor, found: FoundFlavor | None) -> FlavorChange | None:
    if found is None:
        return FlavorChange(wanted=wanted, found=None, set=dict(wanted.specs))
    missing = {name: value for name, value in wanted.specs.items() if found.specs.get(name) != value}
    extra = tuple(sorted(name for name in found.specs if _is_own(name) and name not in wanted.specs))
    return FlavorChange(wanted=wanted, found=found, set=missing, unset=extra) if missing or extra else None


def _is_own(name: str) -> bool:
    return name in OWN_SPECS or name.startswith(OWN_PREFIXES)


def to_document(change: FlavorChange) -> dict[str, Any]:
    """Return a change as data."""
    return {
        "flavor": change.wanted.name,
        "roles": list(change.wanted.roles),
        "is_new": change.found is None,
        "set": dict(change.set),
        "unset": list(change.unset),
    }
