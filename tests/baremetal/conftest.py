"""A plan of machines and the real Ironic: each test has a plan of its own, and names that no other test uses."""

from __future__ import annotations

import json
import subprocess
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.command_line import CommandLine
from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.wiring.config import Config
from tripleo_gitops.wiring.nodes import open_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.undercloud_fixture import RunningUndercloud
    from tripleo_gitops.wiring.nodes import NodeServices

SERVICES = (Service.IRONIC, Service.INSPECTOR, Service.REDFISH, Service.IPMI, Service.GLANCE)
ENVIRONMENT = "version: 1.0\nname: {name}\ntemplate: t.yaml\nenvironments: []\n"
TEMPLATE = "heat_template_version: rocky\nresources: {}\n"


@dataclass(frozen=True)
class Site:
    """A plan in a directory, the services that it is for, and names that are this test's own."""

    name: str
    directory: Path
    run: CommandLine
    services: NodeServices
    undercloud: RunningUndercloud

    def mac(self, number: int) -> str:
        """Return a MAC address that no other test has."""
        digits = f"{uuid.UUID(hex=uuid.uuid5(uuid.NAMESPACE_OID, self.name).hex).int % 2**24:06x}{number:04x}"
        return ":".join(("52", *(digits[place : place + 2] for place in range(0, 10, 2))))

    def fake(self, number: int, **fields: Any) -> dict[str, Any]:
        """Return a machine of the driver that touches nothing."""
        ports = [{"address": self.mac(number)}]
        return {"name": f"{self.name}-{number}", "pm_type": "fake-hardware", "ports": ports, **fields}

    def commit(self, *nodes: dict[str, Any], **files: str) -> None:
        """Commit a plan with these machines, and other files by their names with `__` for `/`."""
        folder = self.directory / "baremetal"
        folder.mkdir(exist_ok=True)
        (folder / "nodes.yaml").write_text(yaml.safe_dump({"nodes": list(nodes)}))
        for name, text in files.items():
            (self.directory / name.replace("__", "/").replace("_DOT_", ".")).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "machines")

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.directory, check=True, capture_output=True)

    def node(self, name: str) -> Any:
        """Return a node as Ironic has it."""
        return self.services.ironic.node(name)

    def machines(self, kind: str) -> list[dict[str, Any]]:
        """Return the machines behind the real controllers of a kind."""
        found: list[dict[str, Any]] = json.loads(
            (self.undercloud.config.state_dir / kind / "machines.json").read_text()
        )["machines"]
        return found


@pytest.fixture(scope="session")
def metal(undercloud: RunningUndercloud) -> RunningUndercloud:
    return undercloud.with_services(*SERVICES)


@pytest.fixture
def site(
    metal: RunningUndercloud,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Site]:
    """Return a plan without machines; its nodes are gone from Ironic when the test ends."""
    for variable, value in metal.environment.items():
        monkeypatch.setenv(variable, value)
    name, directory = f"plan-{uuid.uuid4().hex[:8]}", tmp_path / "plan"
    directory.mkdir()
    (directory / "plan-environment.yaml").write_text(ENVIRONMENT.format(name=name))
    (directory / "t.yaml").write_text(TEMPLATE)
    config = Config(
        directory=directory,
        cloud=metal.cloud,
        plans_directory=tmp_path / "plans",
        cache_directory=tmp_path / "cache",
        state_directory=tmp_path / "state",
        clouds_file=metal.clouds_file,
    )
    found = Site(name, directory, CommandLine(directory, capsys), open_nodes(config), metal)
    found.git("init", "--quiet", "--initial-branch=main")
    yield found
    for node in found.services.ironic.nodes():
        if node.mark is not None and node.mark.plan == name:
            remove(found, node.uuid)


def remove(site: Site, ident: str) -> None:
    """Take a node out of Ironic, whatever it is in the midst of."""
    site.services.switches.set_maintenance(ident, "the test is over")
    site.services.ironic.delete(ident)
