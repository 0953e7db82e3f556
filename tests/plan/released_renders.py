"""How many files of a release are rendered as its own tools/process-templates.py renders them; and a table of it.

`RELEASED_TEMPLATES=… python -m tests.plan.released_renders` prints the table.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.plan.rendering import render

SAMPLES = "network-data-samples"
SELECTIONS: tuple[tuple[str, str, str], ...] = (
    ("10.6.2", "roles_data.yaml", "network_data.yaml"),
    ("10.6.2", "roles_data_undercloud.yaml", "network_data_undercloud.yaml"),
    ("10.6.2", "roles_data.yaml", "network_data_subnets_routed.yaml"),
    ("10.6.2", "roles_data.yaml", "network_data_ganesha.yaml"),
    ("11.6.0", "roles_data.yaml", "network_data.yaml"),
    ("11.6.0", "roles_data_undercloud.yaml", "network_data_undercloud.yaml"),
    ("11.6.0", "roles_data.yaml", "network_data_routed.yaml"),
    ("11.6.0", "roles_data.yaml", "network_data_dashboard.yaml"),
    ("18.0.0", "roles_data.yaml", f"{SAMPLES}/default-network-isolation.yaml"),
    ("18.0.0", "roles_data.yaml", f"{SAMPLES}/management-ipv6.yaml"),
    ("18.0.0", "roles_data.yaml", f"{SAMPLES}/no-networks.yaml"),
    ("18.0.0", "roles_data_standalone.yaml", f"{SAMPLES}/legacy-routed-networks.yaml"),
)


def read_tree(root: Path) -> dict[str, bytes]:
    """Return the regular files of a directory."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


@dataclass(frozen=True)
class Renders:
    """The whole plan as their tool leaves it, and as ours; which paths of it are made from templates."""

    theirs: dict[str, bytes]
    ours: dict[str, bytes]
    made: tuple[str, ...]

    @property
    def equal(self) -> int:
        """How many of the files that are made are the same, byte for byte."""
        return sum(self.theirs.get(path) == self.ours[path] for path in self.made)


def compare_renders(source: Path, roles: str, networks: str, scratch: Path) -> Renders:
    """Return what a release renders to with one selection of roles and networks, by their tool and by ours."""
    reference = scratch / "reference"
    shutil.copytree(source, reference, symlinks=True)
    command = [sys.executable, "tools/process-templates.py", "--roles-data", roles, "--network-data", networks]
    subprocess.run(command, cwd=reference, check=True, capture_output=True)
    files = read_tree(source)
    files["roles_data.yaml"], files["network_data.yaml"] = files[roles], files[networks]
    rendered = render(MemoryTree(files))
    theirs = {**read_tree(reference), "roles_data.yaml": files[roles], "network_data.yaml": files[networks]}
    ours = {path: rendered.read(path) for path in rendered.paths()}
    return Renders(theirs, ours, tuple(file.path for file in rendered.rendered))


def main() -> None:
    """Print the table."""
    root = Path(os.environ["RELEASED_TEMPLATES"])
    sys.stdout.write(
        "| release | roles | networks | files | rendered | equal | plans equal |\n|---|---|---|---|---|---|---|\n"
    )
    for version, roles, networks in SELECTIONS:
        with tempfile.TemporaryDirectory() as scratch:
            found = compare_renders(root / f"tripleo-heat-templates-{version}", roles, networks, Path(scratch))
        counts = f"{len(found.ours)} | {len(found.made)} | {found.equal}"
        same = "yes" if found.ours == found.theirs else "no"
        sys.stdout.write(f"| {version} | {roles} | {networks} | {counts} | {same} |\n")


if __name__ == "__main__":
    main()
