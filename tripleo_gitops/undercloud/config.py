"""What an undercloud is asked to be, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Service(StrEnum):
    """A service that an undercloud can run; the value is its name everywhere: options, files, logs."""

    KEYSTONE = "keystone"
    SWIFT = "swift"
    HEAT = "heat"
    IRONIC = "ironic"
    INSPECTOR = "ironic-inspector"
    MISTRAL = "mistral"
    GLANCE = "glance"
    NOVA = "nova"
    REDFISH = "redfish"
    IPMI = "ipmi"
    ZAQAR = "zaqar"


DEFAULT_SERVICES = (Service.KEYSTONE, Service.SWIFT, Service.HEAT)


@dataclass(frozen=True, slots=True)
class Undercloud:
    """Which services to run, where they keep their data, and how long one may take to answer."""

    state_dir: Path
    cache_dir: Path
    services: tuple[Service, ...] = DEFAULT_SERVICES
    port_base: int | None = None
    ephemeral: bool = False
    timeout: float = 180.0


class Condition(StrEnum):
    """How a service is: it answers, its process is gone, it runs and does not answer, or it was not started."""

    UP = "up"
    DEAD = "dead"
    SILENT = "silent"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service as it is found: its condition, address, process and resident memory."""

    service: Service
    condition: Condition
    url: str
    pid: int | None
    rss_mb: float | None


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of what `up` is doing; `service` is None for a step that is not one service's."""

    service: Service | None
    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Running:
    """An undercloud that answers: its services, how long that took, and the file that clients read."""

    services: tuple[ServiceStatus, ...]
    started: tuple[Service, ...]
    clouds_file: Path
    seconds: float


if TYPE_CHECKING:
    Reporter = Callable[[Progress], None]
