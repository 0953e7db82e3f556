"""What the configuration of every service is written from, and how a service is described."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from socket import SOCK_DGRAM, SOCK_STREAM
from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tripleo_gitops.undercloud.config import Service
    from tripleo_gitops.undercloud.passwords import Passwords
    from tripleo_gitops.undercloud.state import State

REGION = "RegionOne"
CHATTY = (
    "heat.engine.environment",  # resource types of retired projects, a line each
    "keystone.common.password_hashing",  # that tokens are cut to 72 bytes, for each of them
    "keystone.common.rbac_enforcer",
)


@dataclass(frozen=True, slots=True)
class Site:
    """One undercloud as its configuration files see it: directories, ports, secrets."""

    state: State
    ports: Mapping[str, int]
    passwords: Passwords

    def directory(self, service: Service) -> Path:
        return self.state.directory(service.value)

    def url(self, name: str) -> str:
        return f"http://{HOST}:{self.ports[name]}"

    def endpoint_url(self, description: Description, endpoint: Endpoint) -> str:
        """Return what the catalog says of a service's endpoint."""
        url = self.url(endpoint.socket or description.sockets[0])
        return f"{url.replace('http', endpoint.scheme, 1)}{endpoint.path}"

    def address(self, description: Description) -> str:
        """Return where a service's API is."""
        url = self.url(description.sockets[0])
        return url if description.transport is Transport.HTTP else url.replace("http", "udp", 1)

    @property
    def keystone_url(self) -> str:
        return f"{self.url('keystone')}/v3"

    def credentials(self, service: Service) -> dict[str, object]:
        """Return the keystoneauth options of a service's own user."""
        return {
            "auth_type": "password",
            "auth_url": self.keystone_url,
            "username": service.value,
            "password": self.passwords[service.value],
            "user_domain_name": "Default",
            "project_name": "service",
            "project_domain_name": "Default",
            "region_name": REGION,
        }

    def authtoken(self, service: Service) -> dict[str, object]:
        """Return the options of keystonemiddleware's token check."""
        return {
            **self.credentials(service),
            "www_authenticate_uri": self.keystone_url,
            "interface": "public",
            "service_token_roles_required": "true",
            "token_cache_time": 10,
        }

    def write(self, service: Service, name: str, sections: Mapping[str, Mapping[str, object]]) -> None:
        """Write a configuration file of a service."""
        self.state.write_text(f"{service.value}/{name}", ini(sections))


def logging_options(program: str) -> dict[str, object]:
    """Return oslo.log's options: to standard error, warnings and worse, but nothing about what we chose.

    Deprecated options, SQLite and caches in memory are our choice; repeating it hides what matters.
    """
    quiet = (
        "keystonemiddleware",
        "oslo_config",
        "oslo_messaging",
        "oslo.messaging",
        "oslo_policy",
        "py.warnings",
        "waitress.queue",
    )
    levels = [f"{name}=ERROR" for name in (*quiet, *CHATTY)] + [f"{program}=WARNING", "alembic=WARNING"]
    return {"use_stderr": "true", "default_log_levels": ",".join(levels)}


def ini(sections: Mapping[str, Mapping[str, object]]) -> str:
    """Return sections of options as oslo.config and paste read them."""
    return "\n".join(
        f"[{name}]\n" + "".join(f"{option} = {value}\n" for option, value in options.items())
        for name, options in sections.items()
    )


def sqlite(database: Path) -> dict[str, object]:
    """Return oslo.db's options for a database file; one that cannot be read fails soon, not after minutes."""
    return {"connection": f"sqlite:///{database}", "max_retries": 1, "retry_interval": 1}


class Transport(Enum):
    """What a service is reached by."""

    HTTP = SOCK_STREAM
    UDP = SOCK_DGRAM


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service's entry in the catalog; `path` may hold Keystone's `%(project_id)s`.

    It leads to the service's first socket where it names no other.
    """

    name: str
    type: str
    path: str = ""
    scheme: str = "http"
    socket: str | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """How one service is configured, started, found in the catalog, and asked whether it answers.

    `sockets` are the names of the ports that it listens on, the first being its API; `probe` is a path that
    answers 2xx to an administrator's token only when the service works, with `{project}` for the project; over
    UDP it is not used.
    """

    service: Service
    packages: tuple[str, ...]
    sockets: tuple[str, ...]
    configure: Callable[[Site], None]
    probe: str
    endpoints: tuple[Endpoint, ...] = ()
    user_roles: tuple[str, ...] = ("service", "admin")
    secrets: tuple[str, ...] = ()
    needs: tuple[Service, ...] = ()
    transport: Transport = Transport.HTTP

    @property
    def is_openstack(self) -> bool:
        """Say whether the service is in Keystone's catalog, and so is asked with a token."""
        return bool(self.endpoints)

    @property
    def module(self) -> str:
        return f"tripleo_gitops.undercloud.launch.{self.service.value.replace('-', '_')}"
