"""Everything that is wrong with the nodes of a plan, all at once, each with its node, its field and its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.nodes.capabilities import NoCapabilities, parse_capabilities
from tripleo_gitops.nodes.drivers import INTERFACE_FIELDS, find_family, known_drivers
from tripleo_gitops.nodes.secret import Secret, is_sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tripleo_gitops.nodes.documents import NodeEntry
    from tripleo_gitops.nodes.drivers import DriverFamily

MAC = re.compile(r"[0-9a-f]{2}([:-][0-9a-f]{2}){5}", re.IGNORECASE)
UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
NAME = re.compile(r"[A-Za-z0-9._~-]{1,255}")
TRAIT = re.compile(r"[A-Z][A-Z0-9_]{0,254}")
MOST_TRAITS = 50
PORT_FIELDS = ("address", "physical_network", "local_link_connection", "pxe_enabled")
ROOT_DEVICE_HINTS = (
    "model",
    "vendor",
    "serial",
    "wwn",
    "wwn_with_extension",
    "wwn_vendor_extension",
    "size",
    "rotational",
    "hctl",
    "name",
    "by_path",
)
NUMBERS = ("cpu", "memory", "disk")
TEXTS = (
    "arch",
    "conductor_group",
    "description",
    "kernel_id",
    "owner",
    "platform",
    "profile",
    "ramdisk_id",
    "resource_class",
    *INTERFACE_FIELDS,
)
OTHERS = ("capabilities", "mac", "name", "pm_type", "ports", "root_device", "traits", "uuid")
KNOWN = frozenset((*NUMBERS, *TEXTS, *OTHERS))


@dataclass(frozen=True, slots=True)
class NodeProblem:
    """One thing that is wrong: the file, the line where known, the node, the field ("" for the whole), and what."""

    source: str
    line: int | None
    node: str
    field: str
    message: str
    is_secret_in_clear: bool = False

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}" if self.line is not None else self.source
        field = f" {self.field}:" if self.field else ""
        return f"{place}: {self.node}:{field} {self.message}"


Told = tuple[tuple[str | int, ...], str]
"""A place below a node, and what is wrong there."""


def validate_nodes(entries: Iterable[NodeEntry | InvalidDocument]) -> tuple[NodeProblem, ...]:
    """Return every problem of the nodes, each by itself and all together, in the order of the files."""
    problems: list[NodeProblem] = []
    seen = _Seen()
    for entry in entries:
        if isinstance(entry, InvalidDocument):
            problems.append(NodeProblem(entry.source, entry.line, "", "", entry.problem))
            continue
        told = (*_check_fields(entry.fields), *seen.check(entry))
        problems += [_problem(entry, steps, message) for steps, message in told]
        problems += _clear_secrets(entry)
    return tuple(problems)


def _problem(entry: NodeEntry, steps: tuple[str | int, ...], message: str) -> NodeProblem:
    field = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    return NodeProblem(entry.source, entry.line_of(*steps), entry.label, field, message)


def _clear_secrets(entry: NodeEntry) -> Iterator[NodeProblem]:
    for name, value in entry.fields.items():
        if isinstance(value, Secret) and value.is_in_clear:
            line, message = entry.line_of(name), f"the {name} of {entry.label} is in clear"
            yield NodeProblem(entry.source, line, entry.label, name, message, is_secret_in_clear=True)


def _check_fields(fields: Mapping[str, Any]) -> Iterator[Told]:
    family = find_family(fields.get("pm_type"))
    yield from _check_driver(fields, family)
    for name, value in fields.items():
        if name not in KNOWN and family is not None and not family.keys_for(name):
            yield (name,), f"unknown field for the driver {family.hardware_type}"
        elif is_sealed(value) and name in KNOWN:
            yield (name,), "it is sealed, and is no secret: `tripleo-plan node seal` seals passwords only"
        elif name in _CHECKS and value is not None:
            yield from (((name, *steps), message) for steps, message in _CHECKS[name](value))
    if fields.get("platform") and not fields.get("arch"):
        yield ("platform",), "a platform needs an arch, too"


def _check_driver(fields: Mapping[str, Any], family: DriverFamily | None) -> Iterator[Told]:
    name = fields.get("pm_type")
    if name is None:
        yield ("pm_type",), "missing; it names the driver"
    elif family is None:
        yield ("pm_type",), f"unknown driver {name!r}; known are {', '.join(known_drivers())}"
    for missing in (field for field in (family.mandatory if family else ()) if not _is_given(fields, field, family)):
        yield (missing,), f"missing; the driver {family.hardware_type if family else ''} needs it"
    port = fields.get("pm_port")
    if port is not None and (not str(port).isdecimal() or not 0 < int(str(port)) < 65536):
        yield ("pm_port",), f"{port!r} is no port between 1 and 65535"
    for field, value in fields.items():
        is_text = isinstance(value, str | int | bool | Secret) or value is None
        if field.startswith("pm_") and not is_text:
            yield (field,), "one value is needed"


def _is_given(fields: Mapping[str, Any], field: str, family: DriverFamily | None) -> bool:
    value = fields.get(field)
    if isinstance(value, Secret):
        return value.value is None or bool(value.value)
    keys = family.keys_for(field) if family else ()
    return value not in (None, "") or any(fields.get(key) not in (None, "") for key in keys)


def _number(value: Any) -> Iterator[Told]:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not (is_number or (isinstance(value, str) and value.isdecimal())) or int(value) <= 0:
        yield (), f"{value!r} is no whole number above 0"


def _text(value: Any) -> Iterator[Told]:
    if not isinstance(value, str):
        yield (), f"text is needed, not {value!r}; quote it"


def _name(value: Any) -> Iterator[Told]:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        yield (), f"{value!r} is no name that Ironic takes: letters, digits and . _ ~ -"


def _uuid(value: Any) -> Iterator[Told]:
    if not isinstance(value, str) or not UUID.fullmatch(value):
        yield (), f"{value!r} is no UUID"


def _capabilities(value: Any) -> Iterator[Told]:
    try:
        parse_capabilities(value)
    except NoCapabilities as exc:
        yield (), str(exc)


def _root_device(value: Any) -> Iterator[Told]:
    if not isinstance(value, Mapping) or not value:
        yield (), f"a mapping of hints is needed, such as {{serial: …}}, not {value!r}"
        return
    for hint in value:
        if hint not in ROOT_DEVICE_HINTS:
            yield (str(hint),), f"unknown hint; known are {', '.join(ROOT_DEVICE_HINTS)}"


def _traits(value: Any) -> Iterator[Told]:
    if not isinstance(value, list):
        yield (), "a list of traits is needed"
        return
    if len(value) > MOST_TRAITS:
        yield (), f"{len(value)} traits are over Ironic's limit of {MOST_TRAITS}"
    for index, trait in enumerate(value):
        if not isinstance(trait, str) or not TRAIT.fullmatch(trait):
            yield (index,), f"{trait!r} is no trait: capitals, digits and _, such as CUSTOM_GPU"


def _macs(value: Any) -> Iterator[Told]:
    for index, address in enumerate(value if isinstance(value, list) else [value]):
        if not is_mac(address):
            yield (index,), f"{address!r} is no MAC address; quote it"


def _ports(value: Any) -> Iterator[Told]:
    if not isinstance(value, list):
        yield (), "a list of ports is needed"
        return
    for index, port in enumerate(value):
        if not isinstance(port, Mapping):
            yield (index,), "a mapping with an address is needed"
            continue
        address = port.get("address")
        if not is_mac(address):
            yield (index, "address"), "missing" if address is None else f"{address!r} is no MAC address; quote it"
        for name, content in port.items():
            yield from _port_field(index, name, content)


def _port_field(index: int, name: Any, value: Any) -> Iterator[Told]:
    if name not in PORT_FIELDS:
        yield (index, str(name)), f"unknown field of a port; known are {', '.join(PORT_FIELDS)}"
    elif name == "local_link_connection" and not isinstance(value, Mapping):
        yield (index, name), "a mapping is needed"
    elif name == "physical_network" and not isinstance(value, str):
        yield (index, name), "text is needed"
    elif name == "pxe_enabled" and not isinstance(value, bool):
        yield (index, name), "true or false is needed"


def is_mac(value: Any) -> bool:
    """Return whether a value is a MAC address, in any case, with colons or dashes."""
    return isinstance(value, str) and MAC.fullmatch(value) is not None


def spelled_mac(value: str) -> str:
    """Return a MAC address as Ironic spells it."""
    return value.lower().replace("-", ":")


_CHECKS: dict[str, Callable[[Any], Iterator[Told]]] = {
    **dict.fromkeys(NUMBERS, _number),
    **dict.fromkeys(TEXTS, _text),
    "name": _name,
    "uuid": _uuid,
    "capabilities": _capabilities,
    "root_device": _root_device,
    "traits": _traits,
    "mac": _macs,
    "ports": _ports,
}


class _Seen:
    """What no two nodes may share, and which node had it first."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], NodeEntry] = {}

    def check(self, entry: NodeEntry) -> Iterator[Told]:
        own: set[tuple[str, str]] = set()
        for what, spelled, steps in _identities(entry.fields):
            other = self._first.setdefault((what, spelled), entry)
            if (what, spelled) in own:
                yield steps, f"{what} {spelled} is named twice"
            elif other is not entry:
                line = other.line_of()
                place = f"{other.source}:{line}" if line is not None else other.source
                yield steps, f"{what} {spelled} is that of {other.label} ({place}), too"
            own.add((what, spelled))


def _identities(fields: Mapping[str, Any]) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    for name in ("name", "uuid"):
        if isinstance(fields.get(name), str) and fields[name]:
            yield name, fields[name].lower() if name == "uuid" else fields[name], (name,)
    macs = fields.get("mac")
    for index, address in enumerate(macs if isinstance(macs, list) else [macs]):
        if is_mac(address):
            yield "the MAC address", spelled_mac(address), ("mac", index)
    ports = fields.get("ports")
    for index, port in enumerate(ports if isinstance(ports, list) else ()):
        if isinstance(port, Mapping) and is_mac(port.get("address")):
            yield "the MAC address", spelled_mac(port["address"]), ("ports", index, "address")
    family = find_family(fields.get("pm_type"))
    unique = family.unique_id(driver_info_of(fields, family)) if family else None
    if unique:
        yield "the management address", unique, ("pm_addr",)


def driver_info_of(fields: Mapping[str, Any], family: DriverFamily) -> dict[str, Any]:
    """Return the connection of a node in Ironic's words."""
    found: dict[str, Any] = dict(family.defaults or {})
    for field, value in fields.items():
        if value is not None and field not in KNOWN:
            found |= dict.fromkeys(family.keys_for(field), value)
    return found
