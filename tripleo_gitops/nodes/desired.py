"""What a plan wants of each machine, in Ironic's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tripleo_gitops.nodes.capabilities import parse_capabilities
from tripleo_gitops.nodes.drivers import INTERFACE_FIELDS, find_family
from tripleo_gitops.nodes.registered import Mark
from tripleo_gitops.nodes.secret import Secret, fingerprint
from tripleo_gitops.nodes.validation import driver_info_of, spelled_mac

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.nodes.documents import NodeEntry

DEFAULT_NETWORK = "ctlplane"
DEFAULT_RESOURCE_CLASS = "baremetal"
FACTS = {"cpu": "cpus", "memory": "memory_mb", "disk": "local_gb", "arch": "cpu_arch"}
"""Fields that introspection finds better than people: the plan's word counts when it is new."""
IMAGE_KEYS = ("deploy_kernel", "rescue_kernel", "deploy_ramdisk", "rescue_ramdisk")
NODE_FIELDS = ("conductor_group", "description", "owner")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeDefaults:
    """What holds for nodes whose file does not say it: the plan, boot images by id, and the boot option."""

    plan: str
    kernel: str | None = None
    ramdisk: str | None = None
    boot_option: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredPort:
    """A port that a plan names; what is None is left as it is."""

    address: str
    physical_network: str | None = None
    local_link_connection: Mapping[str, Any] | None = None
    pxe_enabled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredNode:
    """A machine as a plan wants it; `driver_info` holds its secrets as Secret."""

    label: str
    source: str
    driver: str
    plan: str
    uuid: str | None = None
    name: str | None = None
    driver_info: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    root_device: Mapping[str, Any] | None = None
    capabilities: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    traits: tuple[str, ...] = ()
    resource_class: str = DEFAULT_RESOURCE_CLASS
    platform: str | None = None
    interfaces: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    fields: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    ports: tuple[DesiredPort, ...] = ()

    @property
    def unique_id(self) -> str | None:
        """What tells the machine from others of its driver."""
        family = find_family(self.driver)
        return family.unique_id(self.driver_info) if family else None

    @property
    def secrets(self) -> dict[str, Secret]:
        """The secret keys of `driver_info`."""
        return {key: value for key, value in self.driver_info.items() if isinstance(value, Secret)}

    @property
    def mark(self) -> Mark:
        """What is to be remembered on the node."""
        return Mark(
            plan=self.plan,
            capabilities=tuple(sorted(self.capabilities)),
            traits=tuple(sorted(self.traits)),
            ports=tuple(sorted(port.address for port in self.ports)),
            driver_info=tuple(sorted(set(self.driver_info) - set(IMAGE_KEYS))),
            facts=dict(self.facts),
            secrets=fingerprint(self.secrets),
        )


def desired_node(entry: NodeEntry, defaults: NodeDefaults) -> DesiredNode:
    """Return what an entry that `validate_nodes` found nothing wrong with asks for."""
    fields = entry.fields
    family = find_family(fields["pm_type"])
    assert family is not None, "the driver was checked"
    capabilities = parse_capabilities(fields.get("capabilities"))
    if defaults.boot_option:
        capabilities.setdefault("boot_option", defaults.boot_option)
    if fields.get("profile"):
        capabilities["profile"] = fields["profile"]
    return DesiredNode(
        label=entry.label,
        source=entry.source,
        driver=family.hardware_type,
        plan=defaults.plan,
        uuid=fields["uuid"].lower() if fields.get("uuid") else None,
        name=fields.get("name"),
        driver_info=driver_info_of(fields, family) | _images(fields, defaults),
        facts={key: _fact(fields[name]) for name, key in FACTS.items() if fields.get(name) is not None},
        root_device=fields.get("root_device"),
        capabilities=capabilities,
        traits=tuple(dict.fromkeys(fields.get("traits") or ())),
        resource_class=fields.get("resource_class") or DEFAULT_RESOURCE_CLASS,
        platform=fields.get("platform"),
        interfaces={name: fields[name] for name in INTERFACE_FIELDS if fields.get(name)},
        fields={name: fields[name] for name in NODE_FIELDS if fields.get(name) is not None},
        ports=_ports(fields),
    )


def _fact(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _images(fields: Mapping[str, Any], defaults: NodeDefaults) -> dict[str, str]:
    kernel, ramdisk = fields.get("kernel_id") or defaults.kernel, fields.get("ramdisk_id") or defaults.ramdisk
    values = (kernel, kernel, ramdisk, ramdisk)
    return {key: value for key, value in zip(IMAGE_KEYS, values, strict=True) if value}


def _ports(fields: Mapping[str, Any]) -> tuple[DesiredPort, ...]:
    macs = fields.get("mac") or []
    listed = [{"address": address} for address in ([macs] if isinstance(macs, str) else macs)]
    return tuple(
        DesiredPort(
            address=spelled_mac(port["address"]),
            physical_network=port.get("physical_network"),
            local_link_connection=port.get("local_link_connection"),
            pxe_enabled=port.get("pxe_enabled"),
        )
        for port in (*(fields.get("ports") or ()), *listed)
    )
