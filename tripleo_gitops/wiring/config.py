"""What an entry point found out about where it runs and what it was asked; handed down, never looked up again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

SITE_DIRECTORY = Path("/etc/tripleo-gitops")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Where to work: a directory in a plan's repository, a cloud by name, a directory of shared bare repositories.

    `clouds_file` is the clouds.yaml to use instead of the one that the environment leads to; what is below
    `cache_directory` may be deleted at any time; below `state_directory` are the records of runs. `site_directory`
    holds what this machine's operator demands; no environment variable leads elsewhere, since that would be the word of
    whoever pushes. `trace_id`, 32 hexadecimal digits, goes with every request to the cloud.
    """

    directory: Path
    cloud: str | None
    plans_directory: Path
    cache_directory: Path
    state_directory: Path
    clouds_file: Path | None = None
    site_directory: Path = SITE_DIRECTORY
    trace_id: str | None = None

    @property
    def provisioned_directory(self) -> Path:
        """Where what is known of plans' servers is kept."""
        return self.state_directory / "provisioned"

    def with_cloud(self, cloud: str | None) -> Self:
        """Return this configuration for another cloud, or itself where none is named."""
        return replace(self, cloud=cloud) if cloud else self
