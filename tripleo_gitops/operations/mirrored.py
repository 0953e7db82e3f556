"""Read what a mirror holds: its manifest, checked against the digest that the container names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.operations.manifest import MANIFEST_PATH, InvalidManifest, Manifest, parse_manifest, sha256_of

if TYPE_CHECKING:
    from tripleo_gitops.operations.mirror import ReadableMirror


def fetch_manifest(store: ReadableMirror, container: str, digest: str) -> Manifest | None:
    """Return the stored manifest; None where there is none of that digest."""
    content = store.get(container, MANIFEST_PATH)
    if content is None or sha256_of(content) != digest:
        return None
    try:
        return parse_manifest(content)
    except InvalidManifest:
        return None
