"""The cache of a configuration: renders and outlines of blobs, below the person's own cache directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.repository.cache import DiskCache

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


def open_cache(config: Config) -> DiskCache:
    """Return the cache that all processes of this person share; it is made when something is put into it."""
    return DiskCache(config.cache_directory / "blobs.sqlite")
