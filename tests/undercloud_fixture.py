"""The session's undercloud: one for all workers, started by the first test that needs it, gone with the session.

Load it with `pytest_plugins = ["tests.undercloud_fixture"]`. Fixtures: `undercloud` (the session's) and `tenant`
(a fresh project and user of it for one test). Tests that use them run in parallel without seeing each other.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openstack.config
import openstack.connection
import pytest
from platformdirs import user_cache_path

from tripleo_gitops.openstack.open_connections import note_opened
from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.clouds import CLOUD
from tripleo_gitops.undercloud.config import DEFAULT_SERVICES, Service, Undercloud
from tripleo_gitops.undercloud.processes import Process, identify
from tripleo_gitops.undercloud.tenants import add_tenant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.undercloud.tenants import Tenant

STATE, OWNER, CACHE = "undercloud_state", "undercloud_owner", "undercloud_cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudAccess:
    """A cloud of a clouds.yaml, as code (`connect`) and as commands (`environment`) use it."""

    cloud: str
    clouds_file: Path

    @property
    def environment(self) -> Mapping[str, str]:
        return {"OS_CLIENT_CONFIG_FILE": str(self.clouds_file), "OS_CLOUD": self.cloud}

    def connect(self, **options: Any) -> openstack.connection.Connection:
        """Return a new connection; it reads no environment."""
        loader = openstack.config.OpenStackConfig(
            config_files=[str(self.clouds_file)], load_envvars=False, secure_files=[], vendor_files=[]
        )
        region = loader.get_one(cloud=self.cloud)
        connection = openstack.connection.Connection(config=region, **options)
        note_opened(connection)
        return connection


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningUndercloud(CloudAccess):
    """The session's undercloud as its administrator, with what it takes to add services and tenants."""

    config: Undercloud
    owner: Process

    @property
    def services(self) -> Mapping[str, str]:
        """Return the address of each service that runs."""
        return {one.service.value: one.url for one in supervisor.status(self.config) if one.pid is not None}

    def with_services(self, *services: Service) -> RunningUndercloud:
        """Start services that do not run yet; return when they answer."""
        wanted = tuple(dict.fromkeys((*self.config.services, *services)))
        supervisor.up(replace(self.config, services=wanted), progress=lambda _line: None, owner=self.owner)
        return self

    def as_cloud(self, cloud: str) -> CloudAccess:
        """Return another cloud of the undercloud's clouds.yaml."""
        return CloudAccess(cloud=cloud, clouds_file=self.clouds_file)

    def new_tenant(self, directory: Path, *, roles: tuple[str, ...] = ("member",), beside: str = "") -> TenantAccess:
        """Make a tenant with a clouds.yaml of its own in a directory; its cloud is named `undercloud` too."""
        tenant = add_tenant(self.config, roles=roles, beside=beside)
        file = directory / f"{tenant.user}-clouds.yaml"
        file.write_text(tenant.clouds_yaml())
        return TenantAccess(cloud=CLOUD, clouds_file=file, project_id=tenant.project_id, tenant=tenant)


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantAccess(CloudAccess):
    """A tenant of the undercloud, alone in its project."""

    tenant: Tenant
    project_id: str


def pytest_configure(config: pytest.Config) -> None:
    """Choose where the session's undercloud is, once, before any worker starts."""
    if not hasattr(config, "workerinput"):
        config.stash[_PLACE] = {
            STATE: tempfile.mkdtemp(prefix="tripleo-undercloud-"),
            OWNER: os.getpid(),
            CACHE: str(user_cache_path("tripleo-gitops")),
        }
    else:
        config.stash[_PLACE] = {name: config.workerinput[name] for name in (STATE, OWNER, CACHE)}


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the undercloud is."""
    node.workerinput.update(node.config.stash[_PLACE])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the undercloud when the session that chose its place ends."""
    if not hasattr(config, "workerinput") and _PLACE in config.stash:
        configured = _configured(config)
        supervisor.down(configured)
        shutil.rmtree(configured.state_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def undercloud(pytestconfig: pytest.Config) -> RunningUndercloud:
    """Return the session's undercloud: Keystone, Swift and Heat, and by `with_services` the others."""
    config = _configured(pytestconfig)
    owner = identify(pytestconfig.stash[_PLACE][OWNER])
    running = supervisor.up(config, progress=lambda _line: None, owner=owner)
    return RunningUndercloud(cloud=CLOUD, clouds_file=running.clouds_file, config=config, owner=owner)


@pytest.fixture
def tenant(undercloud: RunningUndercloud, tmp_path: Path) -> TenantAccess:
    """Return a fresh project of the session's undercloud, and its user."""
    return undercloud.new_tenant(tmp_path)


def _configured(config: pytest.Config) -> Undercloud:
    place = config.stash[_PLACE]
    return Undercloud(
        state_dir=Path(place[STATE]),
        cache_dir=Path(place[CACHE]),
        services=DEFAULT_SERVICES,
        ephemeral=True,
    )


_PLACE: pytest.StashKey[dict[str, Any]] = pytest.StashKey()
