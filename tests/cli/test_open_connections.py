"""No command leaves a socket to the cloud open: a server runs thousands in one process."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.openstack.open_connections import closing_connections

if TYPE_CHECKING:
    from tests.command_line import CommandLine
    from tests.undercloud_fixture import TenantAccess

pytestmark = pytest.mark.undercloud


def sockets() -> set[str]:
    """Return the sockets that this process has open."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # that of the listing itself
            found.add(str(entry.readlink()))
    return {link for link in found if link.startswith("socket:")}


@pytest.fixture
def cloud_plan(plan: CommandLine, cloud: TenantAccess) -> CommandLine:
    """Return the command line with a plan, and a project of its own for it."""
    assert cloud.cloud
    return plan


def test_a_command_closes_what_it_opened(cloud_plan: CommandLine) -> None:
    before = sockets()
    cloud_plan("sync")
    assert sockets() <= before


def test_a_connection_that_was_let_go_can_be_used_again(cloud: TenantAccess) -> None:
    before = sockets()
    with closing_connections():
        swift = cloud.connect().object_store
        assert list(swift.containers()) == []
        assert sockets() - before
    assert sockets() <= before
    assert list(swift.containers()) == []
