"""What need not be computed or fetched twice: digests of blobs, renders, manifests. Bounded, and safe to delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.operations.mirror.manifest import DigestCache, Digests, InvalidManifest, sha256_of
from tripleo_gitops.operations.mirror.stocked_manifest import read_stocked, read_stored
from tripleo_gitops.plan.rendering import RenderCache
from tripleo_gitops.repository.cache import SIZE_LIMIT, DiskCache, checksum_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from tripleo_gitops.documents.tree import BlobId
    from tripleo_gitops.operations.mirror.manifest import Manifest
    from tripleo_gitops.operations.mirror.stocked_manifest import StoredManifest

DIGESTS = (
    "create table if not exists blob"
    " (id text primary key, size integer, md5 text, sha256 text, checksum integer) without rowid;"
)
NAMES_A_QUERY = 30_000


class MirrorMemory(DigestCache, RenderCache, Protocol):
    """A memory of digests and of bytes by key; may forget at any time."""


class DiskMemory(DiskCache):
    """A memory in a file."""

    def __init__(self, path: Path, *, size_limit: int = SIZE_LIMIT) -> None:
        """`size_limit` is in bytes."""
        super().__init__(path, size_limit=size_limit, tables=DIGESTS)

    def known(self, blobs: Collection[BlobId]) -> Mapping[BlobId, Digests]:
        """Return the digests of those blobs that are remembered."""
        found: dict[BlobId, Digests] = {}
        for names in _slices(blobs):
            marks = ",".join("?" * len(names))
            query = f"select id, size, md5, sha256, checksum from blob where id in ({marks})"  # noqa: S608  # marks only
            for *said, checksum in self._file.rows(query, names):
                if checksum == _checksum(*said):
                    found[said[0]] = Digests(*said[1:])
        return found

    def learn(self, digests: Mapping[BlobId, Digests]) -> None:
        """Remember digests of blobs."""
        rows = [(blob, found.size, found.md5, found.sha256) for blob, found in digests.items()]
        self._file.write(
            "insert or replace into blob values (?, ?, ?, ?, ?)", [(*row, _checksum(*row)) for row in rows]
        )


def remember_manifest(memory: RenderCache, content: bytes) -> str:
    """Keep the bytes of a manifest under their digest, and return that."""
    digest = sha256_of(content)
    memory.put(f"manifest {digest}", content)
    return digest


def remember_stored(memory: RenderCache, kept: StoredManifest) -> str:
    """Keep the bytes of a manifest, and of its stock if that is new, and return the manifest's digest."""
    if kept.stock is not None:
        remember_manifest(memory, kept.stock)
    return remember_manifest(memory, kept.content)


def recall_content(memory: RenderCache, digest: str) -> bytes | None:
    """Return the bytes of the manifest of a digest, where they are remembered."""
    content = memory.get(f"manifest {digest}")
    return content if content is not None and sha256_of(content) == digest else None


def recall_manifest(memory: RenderCache, digest: str) -> Manifest | None:
    """Return the manifest of a digest, where it is remembered."""
    content = recall_content(memory, digest)
    try:
        return read_stored(content, lambda stock: recall_content(memory, stock)) if content is not None else None
    except InvalidManifest:
        return None


def count_objects(memory: RenderCache, digest: str) -> int | None:
    """Return how many objects the manifest of a digest names, where it is remembered; a full one is not parsed."""
    content = recall_content(memory, digest)
    if content is None:
        return None
    stocked = read_stocked(content)
    return stocked.count if stocked is not None else content.count(b'{"path":')


def _checksum(*said: object) -> int:
    return checksum_of("blob", repr(said).encode())  # of what a damaged file says, nothing is sure to be text


def _slices(blobs: Collection[BlobId]) -> Iterable[list[BlobId]]:
    names = list(blobs)
    return (names[start : start + NAMES_A_QUERY] for start in range(0, len(names), NAMES_A_QUERY))
