"""Nodes as Ironic has them, and the mark that a plan leaves on its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tripleo_gitops.nodes.capabilities import read_capabilities

MARK = "tripleo_gitops"
"""The key of a node's `extra` where a plan keeps what it gave."""


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """What moves about a node: where it is, where it is led, and what Ironic said last."""

    uuid: str
    name: str | None
    provision_state: str
    target_provision_state: str | None = None
    power_state: str | None = None
    maintenance: bool = False
    maintenance_reason: str | None = None
    reservation: str | None = None
    last_error: str | None = None
    instance_uuid: str | None = None
    inspection_finished_at: str | None = None
    inspect_interface: str | None = None

    @property
    def label(self) -> str:
        """The name, or the id of a node without one."""
        return self.name or self.uuid


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredPort:
    """A port of a node; its address is spelled as Ironic does."""

    uuid: str
    node: str
    address: str
    physical_network: str | None = None
    local_link_connection: Mapping[str, Any] = field(default_factory=_nothing)
    pxe_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a plan gave a node: names of what it may take back, and the facts that it named, as it named them."""

    plan: str
    capabilities: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    driver_info: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=_nothing)
    secrets: str | None = None

    def to_document(self) -> dict[str, Any]:
        """Return what is kept in the node's `extra`."""
        lists = {name: list(getattr(self, name)) for name in ("capabilities", "traits", "ports", "driver_info")}
        found: dict[str, Any] = {"plan": self.plan, **lists, "facts": dict(self.facts)}
        return found | ({"secrets": self.secrets} if self.secrets is not None else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredNode:
    """A node of Ironic with its ports; secrets in `driver_info` are masked by Ironic."""

    state: NodeState
    driver: str
    driver_info: Mapping[str, Any] = field(default_factory=_nothing)
    properties: Mapping[str, Any] = field(default_factory=_nothing)
    extra: Mapping[str, Any] = field(default_factory=_nothing)
    resource_class: str | None = None
    traits: tuple[str, ...] = ()
    interfaces: Mapping[str, str] = field(default_factory=_nothing)
    fields: Mapping[str, Any] = field(default_factory=_nothing)
    ports: tuple[RegisteredPort, ...] = ()

    @property
    def uuid(self) -> str:
        return self.state.uuid

    @property
    def label(self) -> str:
        return self.state.label

    @property
    def capabilities(self) -> dict[str, str]:
        """The node's capabilities, as far as they are such."""
        return read_capabilities(self.properties.get("capabilities"))

    @property
    def mark(self) -> Mark | None:
        """What a plan left here; None on a node that no plan registered, or whose mark was spoiled."""
        return read_mark(self.extra.get(MARK))


def read_mark(value: Any) -> Mark | None:
    """Return the mark in a value of `extra`; None for anything else."""
    if not isinstance(value, Mapping) or not isinstance(value.get("plan"), str):
        return None
    secrets = value.get("secrets")
    facts = value.get("facts")
    return Mark(
        plan=value["plan"],
        **{name: _texts(value.get(name)) for name in ("capabilities", "traits", "ports", "driver_info")},
        facts=dict(facts) if isinstance(facts, Mapping) else {},
        secrets=secrets if isinstance(secrets, str) else None,
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
