"""The driver families of instackenv: their names, their fields in Ironic's words, and what makes a machine unique."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

INTERFACES = (
    "bios",
    "boot",
    "console",
    "deploy",
    "firmware",
    "inspect",
    "management",
    "network",
    "power",
    "raid",
    "rescue",
    "storage",
    "vendor",
)
INTERFACE_FIELDS = tuple(f"{name}_interface" for name in INTERFACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverFamily:
    """One hardware type of Ironic as instackenv names it.

    `fields` leads from a field of instackenv to the keys of `driver_info` that get its value; keys that begin with
    one of `prefixes` are taken as they are. `identity` are the keys whose values no two machines share.
    """

    hardware_type: str
    names: re.Pattern[str]
    prefixes: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    mandatory: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    default_port: int | None = None
    defaults: Mapping[str, Any] | None = None

    def keys_for(self, field: str) -> tuple[str, ...]:
        """Return the keys of `driver_info` that a field sets; none where this family does not know it."""
        if field in self.fields:
            return self.fields[field]
        return (field,) if field.startswith(tuple(f"{prefix}_" for prefix in self.prefixes)) else ()

    def unique_id(self, driver_info: Mapping[str, Any]) -> str | None:
        """Return what tells a machine of this family from all others; None where its address is not known.

        A port that is not given is the family's own, a URL's scheme and the case of a host do not matter.
        """
        if not self.identity or not driver_info.get(self.identity[0]):
            return None
        parts = [_spelled(driver_info[self.identity[0]])]
        for key in self.identity[1:]:
            value = driver_info.get(key)
            if value in (None, "") and key.endswith("_port"):
                value = self.default_port
            parts.append("" if value in (None, "") else str(value).strip("/"))
        return f"{self.hardware_type} {' '.join(parts).rstrip()}"


def _spelled(address: object) -> str:
    return re.sub(r"^https?://", "", str(address).strip(), flags=re.IGNORECASE).rstrip("/").lower()


def _family(hardware_type: str, names: str, prefix: str, **options: Any) -> DriverFamily:
    """Return a family whose fields are `<prefix>_address`, `_username`, `_password` and, if asked for, `_port`."""
    fields = {name: (f"{prefix}_{word}",) for name, word in _LOGIN}
    has_port = options.pop("has_port", False)
    if has_port:
        fields["pm_port"] = (f"{prefix}_port",)
    fields |= options.pop("also", {})
    options.setdefault("mandatory", ("pm_addr", "pm_user", "pm_password"))
    options.setdefault("identity", (f"{prefix}_address", f"{prefix}_port") if has_port else (f"{prefix}_address",))
    return DriverFamily(
        hardware_type=hardware_type,
        names=re.compile(names),
        prefixes=options.pop("prefixes", (prefix,)),
        fields=fields,
        **options,
    )


def _plain(hardware_type: str, names: str) -> DriverFamily:
    prefixes = ("fake", "ipmi", "redfish")
    return DriverFamily(hardware_type=hardware_type, names=re.compile(names), prefixes=prefixes, fields={})


_LOGIN = (("pm_addr", "address"), ("pm_user", "username"), ("pm_password", "password"))
_DELL_SYSTEM = "/redfish/v1/Systems/System.Embedded.1"
_DELL = {
    **{name: (f"drac_{word}", f"redfish_{word}") for name, word in _LOGIN},
    "pm_system_id": ("redfish_system_id",),
}

FAMILIES: tuple[DriverFamily, ...] = (
    _family("ipmi", r"ipmi|.*_ipmitool", "ipmi", has_port=True, default_port=623, mandatory=("pm_addr",)),
    _family(
        "idrac",
        r"idrac|.*_drac",
        "drac",
        has_port=True,
        prefixes=("drac", "redfish"),
        also=_DELL,
        defaults={"redfish_system_id": _DELL_SYSTEM},
    ),
    _family("ilo", r"ilo|.*_ilo", "ilo", has_port=True),
    _family("irmc", r"irmc|.*_irmc", "irmc", has_port=True),
    _family(
        "redfish",
        r"redfish",
        "redfish",
        also={"pm_system_id": ("redfish_system_id",)},
        mandatory=("pm_addr", "pm_system_id"),
        identity=("redfish_address", "redfish_system_id"),
    ),
    _family("xclarity", r"xclarity", "xclarity", has_port=True),
    _family(
        "cisco-ucs-managed",
        r"cisco-ucs-managed|.*_ucs",
        "ucs",
        also={"pm_service_profile": ("ucs_service_profile",)},
        mandatory=("pm_addr", "pm_user", "pm_password", "pm_service_profile"),
        identity=("ucs_address", "ucs_service_profile"),
    ),
    _family(
        "staging-ovirt",
        r"staging-ovirt",
        "ovirt",
        also={"pm_vm_name": ("ovirt_vm_name",)},
        mandatory=("pm_addr", "pm_user", "pm_password", "pm_vm_name"),
        identity=("ovirt_address", "ovirt_vm_name"),
    ),
    _family(
        "staging-iboot",
        r"staging-iboot|.*_iboot",
        "iboot",
        has_port=True,
        also={"pm_relay_id": ("iboot_relay_id",)},
        identity=("iboot_address", "iboot_port", "iboot_relay_id"),
    ),
    DriverFamily(
        hardware_type="staging-wol",
        names=re.compile(r"staging-wol|.*wol"),
        prefixes=("wol",),
        fields={"pm_addr": ("wol_host",), "pm_port": ("wol_port",)},
    ),
    _family("staging-amt", r"staging-amt|.*_amt", "amt"),
    _plain("manual-management", r"manual-management|fake_pxe|fake_agent"),
    _plain("fake-hardware", r"fake|fake-hardware"),
)


def find_family(name: object) -> DriverFamily | None:
    """Return the family that a `pm_type` names as a whole, or None for one that TripleO never knew."""
    if not isinstance(name, str):
        return None
    return next((family for family in FAMILIES if family.names.fullmatch(name)), None)


def known_drivers() -> tuple[str, ...]:
    """Return the hardware types by their present names."""
    return tuple(family.hardware_type for family in FAMILIES)
