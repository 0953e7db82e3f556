"""Read what a mirror holds: its manifest, checked against the digest that the container names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.operations.mirror.manifest import MANIFEST_PATH, STOCK_PATH, InvalidManifest, Manifest, sha256_of
from tripleo_gitops.operations.mirror.stocked_manifest import read_stored

if TYPE_CHECKING:
    from tripleo_gitops.operations.mirror.mirror import ReadableMirror


def fetch_manifest(store: ReadableMirror, container: str, digest: str) -> Manifest | None:
    """Return the stored manifest, with its stock where it has one; None where there is none of that digest."""
    content = store.get(container, MANIFEST_PATH)
    if content is None or sha256_of(content) != digest:
        return None
    try:
        return read_stored(content, lambda _digest: store.get(container, STOCK_PATH))
    except InvalidManifest:
        return None
