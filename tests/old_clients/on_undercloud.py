"""Run TripleO's own clients, as released, against a real OpenStack on loopback that is there for them only.

`tox run -e oldclients` starts Keystone, Swift, Heat, Ironic, Mistral, Glance and Zaqar, registers the workbooks, runs
every command of each client in an environment of its own, prints what each said, and stops everything again.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import openstack

from tripleo_gitops.undercloud.clouds import client_environment

RELEASES = ("12.6.0", "10.7.1")
SERVICES = "default,ironic,mistral,glance,zaqar"
PROJECT = Path(__file__).parents[2]
TOOL = str(Path(sys.executable).parent / "tripleo-plan")
IMAGES = {"bm-deploy-kernel": "aki", "bm-deploy-ramdisk": "ari"}
"""What clients up to 10.x name to Mistral when a machine is registered, and how Glance calls such a thing."""


def main() -> int:
    """Return 0 if every command of every client did what the documentation says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workdir", type=Path, default=PROJECT / ".tox", help="where tox keeps environments")
    parser.add_argument("releases", nargs="*", default=RELEASES, help="releases of python-tripleoclient")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="old-clients-") as folder:
        state = ("--state-dir", folder)
        try:
            subprocess.run([TOOL, "undercloud", "up", *state, "--services", SERVICES], check=True)
            os.environ.update(client_environment(Path(folder, "clouds.yaml")))
            subprocess.run([TOOL, "mistral", "install"], check=True)
            upload_images()
            codes = [run_client(release, asked.workdir) for release in asked.releases]
        finally:
            subprocess.run([TOOL, "undercloud", "down", *state], check=False)
    return max(codes)


def upload_images() -> None:
    """Leave Glance with the images that machines are registered with."""
    with openstack.connect() as connection:
        for name, kind in IMAGES.items():
            connection.image.create_image(
                name=name, disk_format=kind, container_format=kind, visibility="public", data=b"nothing boots here"
            )


def run_client(release: str, workdir: Path) -> int:
    """Run the commands of one release, in an environment that tox makes; the exit code."""
    plan = PROJECT / "examples" / "plan-repo"
    tox = [sys.executable, "-m", "tox", "run", "-q", "--workdir", str(workdir), "-e", f"oldclients-{release}"]
    return subprocess.run([*tox, "--", str(plan)], cwd=PROJECT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
