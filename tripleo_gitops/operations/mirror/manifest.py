"""The manifest of a mirror: every object of a rendered plan with its size and digests."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.errors import GitopsError
from tripleo_gitops.plan.revision import InvalidRevision, Revision, parse_revision

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tripleo_gitops.documents.tree import BlobId, PlanTree

MANIFEST_PATH = ".tripleo-gitops-manifest.json"
STOCK_PATH = ".tripleo-gitops-manifest-stock.json"
OWN_PATHS = frozenset({MANIFEST_PATH, STOCK_PATH})
"""What a mirror holds besides the plan: the manifest, and for large plans the stock that it speaks of."""
MANIFEST_MEDIA_TYPE = "application/json"
FORMAT_VERSION = 1
ENTRY_KEYS = ("path", "size", "md5", "sha256")


class InvalidManifest(GitopsError):
    """A manifest that is not what this tool writes."""

    reason = "InvalidManifest"


class SecretsForm(StrEnum):
    """How a mirror holds the plan's secrets: sealed as they are in Git, or opened, as TripleO's own tools have them."""

    SEALED = "sealed"
    OPENED = "opened"


@dataclass(frozen=True, slots=True)
class Digests:
    """What is known of some bytes: how many, and their MD5 (as Swift's listings show) and SHA-256 in hexadecimal."""

    size: int
    md5: str
    sha256: str


class DigestCache(Protocol):
    """Keeps the digests of blobs; may forget at any time."""

    def known(self, blobs: Collection[BlobId]) -> Mapping[BlobId, Digests]: ...
    def learn(self, digests: Mapping[BlobId, Digests]) -> None: ...


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
    secrets: SecretsForm = SecretsForm.SEALED

    def encode(self) -> bytes:
        """Return the manifest in full: JSON, UTF-8, one object a line, equal bytes for equal manifests."""
        head = {"version": FORMAT_VERSION, "revision": str(self.revision), **form_fields(self.secrets)}
        lines = ",\n".join(line_of(entry) for entry in self.entries)
        return f'{compact(head)[:-1]},"objects":[\n{lines}\n]}}\n'.encode()

    @property
    def digest(self) -> str:
        """The manifest's own SHA-256, in hexadecimal."""
        return sha256_of(self.encode())

    @property
    def by_path(self) -> dict[str, ManifestEntry]:
        """The entries by their paths."""
        return {entry.path: entry for entry in self.entries}


def describe_objects(
    rendered: PlanTree,
    revision: Revision,
    *,
    cache: DigestCache | None = None,
    secrets: SecretsForm = SecretsForm.SEALED,
) -> Manifest:
    """Return the manifest of a rendered plan.

    Names every file, since each is an object; reads those whose digests the cache does not know.
    """
    blobs = {path: rendered.blob_id(path) for path in sorted(rendered.paths())}
    known = dict(cache.known(set(blobs.values()))) if cache is not None else {}
    learnt: dict[BlobId, Digests] = {}
    for path, blob in blobs.items():
        if blob not in known:
            known[blob] = learnt[blob] = digests_of(rendered.read(path))
    if cache is not None and learnt:
        cache.learn(learnt)
    entries = (ManifestEntry(path, *_values(known[blob])) for path, blob in blobs.items())
    return Manifest(revision, tuple(entries), secrets)


def parse_manifest(content: bytes) -> Manifest:
    """Return the manifest that was stored as these bytes; raises InvalidManifest."""
    try:
        document = json.loads(content)
        if document["version"] != FORMAT_VERSION:
            raise InvalidManifest(f"the manifest has format {document['version']!r}, this tool reads {FORMAT_VERSION}")
        return Manifest(parse_revision(document["revision"]), entries_of(document), form_of(document))
    except (ValueError, KeyError, TypeError, InvalidRevision) as exc:
        raise InvalidManifest(f"{MANIFEST_PATH} is not a manifest of this tool ({type(exc).__name__})") from exc


def digests_of(content: bytes) -> Digests:
    """Return size and digests of bytes."""
    return Digests(len(content), md5_of(content), sha256_of(content))


def md5_of(content: bytes) -> str:
    """Return the MD5 of bytes in hexadecimal, as Swift computes an ETag."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _values(digests: Digests) -> tuple[int, str, str]:
    return digests.size, digests.md5, digests.sha256


def line_of(entry: ManifestEntry) -> str:
    """Return an entry as its line of the manifest, without the comma."""
    return (
        f'{{"path":{json.dumps(entry.path, ensure_ascii=False)},"size":{entry.size},'
        f'"md5":"{entry.md5}","sha256":"{entry.sha256}"}}'
    )


def entries_of(document: Mapping[str, Any]) -> tuple[ManifestEntry, ...]:
    """Return the entries of a manifest's document; raises KeyError, TypeError."""
    return tuple(ManifestEntry(*(row[key] for key in ENTRY_KEYS)) for row in document["objects"])


def form_fields(secrets: SecretsForm) -> dict[str, str]:
    """Return what a manifest says of its secrets: nothing where they are as in Git."""
    return {} if secrets is SecretsForm.SEALED else {"secrets": secrets.value}


def form_of(document: Mapping[str, Any]) -> SecretsForm:
    """Return what a manifest's document says of its secrets; raises ValueError for what is no form."""
    return SecretsForm(document.get("secrets", SecretsForm.SEALED))


def compact(document: object) -> str:
    """Return JSON without a blank."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
