"""Files that the services' packages ship."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from tripleo_gitops.undercloud.errors import PackagesMissing


def data_file(package: str, suffix: str) -> Path:
    """Return where a file of an installed package is, wherever its data files were put; raise PackagesMissing."""
    for file in metadata.files(package) or ():
        if str(file).endswith(suffix):
            return Path(str(file.locate())).resolve()
    raise PackagesMissing(missing=[f"{package} with its {suffix}"])
