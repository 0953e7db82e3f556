"""A plan with roles, machines and images, and the real Ironic, Glance and Nova; every name is the test's own."""

from __future__ import annotations

import os
import struct
import uuid
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.baremetal.conftest import TEMPLATE, Site, remove
from tests.command_line import CommandLine
from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.wiring.config import Config
from tripleo_gitops.wiring.nodes import open_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.undercloud_fixture import RunningUndercloud

QCOW2 = struct.pack(">4sIQIIQIIQQIIQQQQII", b"QFI\xfb", 3, 0, 0, 16, 1 << 20, 0, 1, 196608, 65536, 1, *[0] * 5, 4, 104)
SUFFIXES = ("qcow2", "vmlinuz", "initrd")


class Place(Site):
    """A plan whose roles need flavors, images and machines."""

    @property
    def image(self) -> str:
        return f"full-{self.name}"

    def plan(self, count: int, **files: str) -> None:
        """Commit a plan with a role of as many machines, all registered and available."""
        profile = f"prof-{self.name}"
        values = {"ComputeCount": count, "OvercloudComputeFlavor": profile, "ComputeImage": self.image}
        document = {"version": 1.0, "name": self.name, "template": "t.yaml", "environments": []}
        (self.directory / "plan-environment.yaml").write_text(
            yaml.safe_dump({**document, "parameter_defaults": values})
        )
        (self.directory / "roles_data.yaml").write_text("- {name: Compute, CountDefault: 1}\n")
        settings = f'[nodes]\nkernel = "k-{self.name}"\nramdisk = "r-{self.name}"\n'
        (self.directory / "tripleo-plan.toml").write_text(settings)
        self.commit(*(self.machine(number) for number in range(count)), **files)

    def machine(self, number: int, **fields: Any) -> dict[str, Any]:
        return self.fake(number, capabilities=f"profile:prof-{self.name}", **fields)

    def build(self, content: bytes = b"") -> Path:
        """Write a directory of images as TripleO's builds leave it, of about 3 MiB each."""
        folder = self.directory.parent / "images"
        folder.mkdir(exist_ok=True)
        names = [f"{self.image}.{suffix}" for suffix in SUFFIXES]
        for name in (*names, "ironic-python-agent.kernel", "ironic-python-agent.initramfs"):
            body = content or os.urandom(3_000_000)
            (folder / name).write_bytes(QCOW2 + bytes(8) + body if name.endswith("qcow2") else body)
        return folder


@pytest.fixture(scope="session")
def metal_cloud(undercloud: RunningUndercloud) -> RunningUndercloud:
    return undercloud.with_services(Service.IRONIC, Service.GLANCE, Service.NOVA)


@pytest.fixture
def place(
    metal_cloud: RunningUndercloud,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    """Return a plan; its instances and nodes are gone from Ironic when the test ends."""
    for variable, value in metal_cloud.environment.items():
        monkeypatch.setenv(variable, value)
    name, directory = f"p{uuid.uuid4().hex[:8]}", tmp_path / "plan"
    directory.mkdir()
    (directory / "t.yaml").write_text(TEMPLATE)
    config = Config(
        directory=directory,
        cloud=metal_cloud.cloud,
        plans_directory=tmp_path / "plans",
        cache_directory=tmp_path / "cache",
        state_directory=tmp_path / "state",
        clouds_file=metal_cloud.clouds_file,
    )
    found = Place(name, directory, CommandLine(directory, capsys), open_nodes(config), metal_cloud)
    found.git("init", "--quiet", "--initial-branch=main")
    yield found
    found.run("unprovision", "--all", "--yes")
    for node in found.services.ironic.nodes():
        if node.mark is not None and node.mark.plan == name:
            remove(found, node.uuid)
