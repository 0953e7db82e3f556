"""A mirror of a small plan in a project of the test's own, on a real Swift behind a proxy that counts and breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from faults.mirror import QuickClock
from faults.mirrors import Access, MemoryHistory, differences, mirror_of, three_revisions
from faults.proxy import FaultProxy, Request
from tripleo_gitops.operations.mirror.sync import SyncResult, sync_mirror
from tripleo_gitops.operations.mirror.sync_plan import SyncOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.undercloud_fixture import TenantAccess
    from tripleo_gitops.openstack.swift import SwiftContainers
    from tripleo_gitops.operations.mirror.manifest import Manifest
    from tripleo_gitops.operations.mirror.mirror import Mirror

PLAN = "site1"


@dataclass
class Place:
    """One plan's container, machines that mirror into it, and the proxy that they do it through."""

    access: Access
    proxy: FaultProxy
    directory: Path
    history: MemoryHistory
    made: int = 0

    @property
    def store(self) -> SwiftContainers:
        """The containers, past the proxy."""
        return self.access.store(timeout=30)

    def mirror(self, machine: str = "one", *, clock: Any = None) -> Mirror:
        """Return the mirror as a machine has it."""
        self.made += 1
        store = self.access.through(self.proxy.url).store(timeout=20)
        return mirror_of(store, PLAN, self.directory / machine, clock=clock or QuickClock(), seed=self.made, parallel=4)

    def sync(self, number: int, machine: str = "one", **options: bool) -> SyncResult:
        """Mirror a revision by its number."""
        wanted = self.history.revisions[number]
        return sync_mirror(self.mirror(machine), self.history, wanted, options=SyncOptions(**options))

    def manifest(self, number: int) -> Manifest:
        """Return what a mirror of a revision holds."""
        found = self.history.manifest(self.history.revisions[number])
        assert found is not None
        return found

    def differences(self, number: int) -> list[str]:
        """Return how the container differs from a revision."""
        return differences(self.store, PLAN, self.manifest(number))

    def counted(self) -> list[Request]:
        """Return the requests since the last time."""
        seen = self.proxy.seen
        self.proxy.reset()
        return seen

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Do something to the container behind the tool's back."""
        return self.store._connection.object_store.request(f"/{PLAN}{path}", method, **options)


@pytest.fixture
def place(tenant: TenantAccess, tmp_path: Path) -> Iterator[Place]:
    """Return a container that is not there yet, with three revisions to put into it."""
    connection = tenant.connect()
    access = Access(connection.object_store.get_endpoint() or "", connection.auth_token)
    with FaultProxy(access.endpoint.partition("/v1/")[0]) as proxy:
        yield Place(access, proxy, tmp_path, three_revisions())
