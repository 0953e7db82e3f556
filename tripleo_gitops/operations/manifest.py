"""The manifest of a mirror: every object of a rendered plan with its size and digests."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.plan.revision import Revision

MANIFEST_PATH = ".tripleo-gitops-manifest.json"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One object: size in bytes, MD5 (what Swift's listing shows) and SHA-256 in hexadecimal."""

    path: str
    size: int
    md5: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All objects that a rendered plan consists of, sorted by path, and the revision that they are."""

    revision: Revision
    entries: tuple[ManifestEntry, ...]

    def encode(self) -> bytes:
        """Return the manifest as it is stored: JSON, UTF-8, equal bytes for equal manifests."""
        document = {
            "version": FORMAT_VERSION,
            "revision": str(self.revision),
            "objects": [
                {"path": entry.path, "size": entry.size, "md5": entry.md5, "sha256": entry.sha256}
                for entry in self.entries
            ],
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def digest(self) -> str:
        """The manifest's own SHA-256, in hexadecimal."""
        return hashlib.sha256(self.encode()).hexdigest()


def describe_objects(rendered: PlanTree, revision: Revision) -> Manifest:
    """Return the manifest of a rendered plan.

    Reads every file: digests of renders are known only from their bytes.
    """
    return Manifest(revision, tuple(_entry(rendered, path) for path in sorted(rendered.paths())))


def md5_of(content: bytes) -> str:
    """Return the MD5 of bytes in hexadecimal, as Swift computes an ETag."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _entry(rendered: PlanTree, path: str) -> ManifestEntry:
    content = rendered.read(path)
    return ManifestEntry(path, len(content), md5_of(content), hashlib.sha256(content).hexdigest())
