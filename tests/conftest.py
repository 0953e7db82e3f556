"""What every test gets: a home of its own, a known identity for git, nothing of the person's environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.openstack.open_connections import closing_connections

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from tests.undercloud_fixture import TenantAccess

pytest_plugins = ["tests.undercloud_fixture"]

EXAMPLE = Path(__file__).parents[1] / "examples" / "plan-repo"
RELEASES = "RELEASED_TEMPLATES"
"""The environment variable that says where released templates are unpacked."""
CLEARED = ("OS_", "GIT_", "TRIPLEO_")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put $HOME and the XDG directories out of reach, and let git know who commits."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith((*CLEARED, "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Test Operator")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "operator@example.org")


@pytest.fixture(autouse=True)
def _closed_connections() -> Iterator[None]:
    """Close the sockets that a test opened to the undercloud."""
    with closing_connections():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a skip fail in CI, where everything that a test needs has to be there."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped in CI: {item.nodeid}: {call.excinfo}"
    return report


@pytest.fixture
def example() -> Path:
    """Return the directory of the example plan."""
    return EXAMPLE


@pytest.fixture
def released() -> Callable[[str], Path]:
    """Return what gives the directory of a release of tripleo-heat-templates by its version, and skips without it."""

    def find(version: str) -> Path:
        found = Path(os.environ.get(RELEASES, "")) / f"tripleo-heat-templates-{version}"
        if not found.is_dir():
            pytest.skip(f"no {found.name}: `tox run -e releases` fetches it, {RELEASES} names the directory")
        return found

    return find


@pytest.fixture
def cloud(tenant: TenantAccess, monkeypatch: pytest.MonkeyPatch) -> TenantAccess:
    """Return a project of the undercloud that this test has for itself, named by the environment."""
    for name, value in tenant.environment.items():
        monkeypatch.setenv(name, value)
    return tenant
