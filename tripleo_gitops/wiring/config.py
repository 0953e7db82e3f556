"""What an entry point found out about where it runs and what it was asked; handed down, never looked up again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Where to work: a directory in a plan's repository, a cloud by name, a directory of shared bare repositories.

    `clouds_file` is the clouds.yaml to use instead of the one that the environment leads to; what is below
    `cache_directory` may be deleted at any time.
    """

    directory: Path
    cloud: str | None
    plans_directory: Path
    cache_directory: Path
    clouds_file: Path | None = None

    def with_cloud(self, cloud: str | None) -> Self:
        """Return this configuration for another cloud, or itself where none is named."""
        return replace(self, cloud=cloud) if cloud else self
