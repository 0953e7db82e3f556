"""Fetch released packages of TripleO from PyPI, as sources: the wheels of its templates are empty.

Run by `tox run -e releases`, whose environment has the setuptools that the old ones build with.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

RELEASES = {
    "tripleo-heat-templates": ("10.6.2", "11.6.0", "18.0.0"),
    "tripleo-validations": ("10.5.2", "11.6.0", "16.0.0"),
    "validations-common": ("1.9.0",),
}


def main() -> None:
    """Put each release that is not there yet into the directory that the command line names."""
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for package, versions in RELEASES.items():
        for version in versions:
            if not (directory / f"{package}-{version}").is_dir():
                fetch(package, version, directory)


def fetch(package: str, version: str, directory: Path) -> None:
    """Download and unpack one release; it appears whole or not at all."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        name = f"{package}=={version}"
        subprocess.run([*command, "--no-build-isolation", "--dest", scratch, name], check=True)
        (archive,) = Path(scratch).glob("*.tar.gz")
        with tarfile.open(archive) as packed:
            packed.extractall(scratch, filter="data")
        (unpacked,) = (path for path in Path(scratch).iterdir() if path.is_dir())
        unpacked.rename(directory / f"{package}-{version}")


if __name__ == "__main__":
    main()
