"""Which packages the services need: whether they are here, and their versions as the key of schema copies."""

from __future__ import annotations

import hashlib
from importlib import metadata
from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.errors import PackagesMissing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tripleo_gitops.undercloud.services.site import Description


def check_packages(descriptions: Iterable[Description]) -> None:
    """Raise PackagesMissing when a service's package is not installed."""
    names = sorted({name for description in descriptions for name in description.packages})
    missing = [name for name in names if _version(name) is None]
    if missing:
        raise PackagesMissing(missing=missing)


def schemas_directory(cache: Path, description: Description) -> Path:
    """Return where the schema copies of a service's installed version are kept."""
    versions = ",".join(f"{name}={_version(name)}" for name in (*description.packages, "SQLAlchemy", "alembic"))
    return cache / "schemas" / f"{description.service}-{hashlib.sha256(versions.encode()).hexdigest()[:16]}"


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
