"""Fetch released tripleo-heat-templates from PyPI, as sources: their wheels are empty.

Run by `tox run -e releases`, whose environment has the setuptools that the old ones build with.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

RELEASES = ("10.6.2", "11.6.0", "18.0.0")


def main() -> None:
    """Put each release that is not there yet into the directory that the command line names."""
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for version in RELEASES:
        if not (directory / f"tripleo-heat-templates-{version}").is_dir():
            fetch(version, directory)


def fetch(version: str, directory: Path) -> None:
    """Download and unpack one release; it appears whole or not at all."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        name = f"tripleo-heat-templates=={version}"
        subprocess.run([*command, "--no-build-isolation", "--dest", scratch, name], check=True)
        (archive,) = Path(scratch).glob("*.tar.gz")
        with tarfile.open(archive) as packed:
            packed.extractall(scratch, filter="data")
        (unpacked,) = (path for path in Path(scratch).iterdir() if path.is_dir())
        unpacked.rename(directory / f"tripleo-heat-templates-{version}")


if __name__ == "__main__":
    main()
