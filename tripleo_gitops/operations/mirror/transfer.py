"""Send objects to a container: many as archives that Swift unpacks, few one by one, each checked."""

from __future__ import annotations

import mimetypes
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from tripleo_gitops.errors import GitopsError
from tripleo_gitops.openstack.container import Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.mirror.exclusion import Lease
    from tripleo_gitops.operations.mirror.manifest import ManifestEntry
    from tripleo_gitops.operations.mirror.mirror import Mirror

T = TypeVar("T")

BULK_FROM = 64
ARCHIVES_AT_ONCE = 3
ARCHIVE_OBJECTS, ARCHIVE_BYTES = 200, 4 * 1024 * 1024
"""Small enough that Swift unpacks one within the time limit of a request, also where it is busy."""
YAML_ENDINGS = (".yaml", ".yml")


class ChangedWhileSent(GitopsError):
    """A file whose bytes are not those that the manifest was made of."""

    reason = "ChangedWhileSent"


class StillThere(GitopsError):
    """An object that Swift did not delete, since it did not find it, and has all the same."""

    reason = "StillThere"

    def __init__(self, container: str, path: str) -> None:
        super().__init__(f"Swift: {container}/{path} is there, and was not found when it was to be deleted; sync again")
        self.container, self.path = container, path


class Source:
    """The bytes of a rendered plan, for several threads; read when they are sent, and not kept."""

    def __init__(self, tree: PlanTree, entries: Mapping[str, ManifestEntry]) -> None:
        self._tree, self._entries, self._turn = tree, entries, threading.Lock()

    def upload(self, path: str) -> Upload:
        """Return one file as something to send; raise ChangedWhileSent where it is not what the manifest says."""
        with self._turn:
            content = self._tree.read(path)
        entry = self._entries[path]
        if len(content) != entry.size:
            raise ChangedWhileSent(f"{path} has {len(content)} bytes, and {entry.size} when the sync was decided")
        return Upload(path, content, entry.md5, content_type_of(path))


def send_objects(
    mirror: Mirror,
    source: Source,
    entries: Sequence[ManifestEntry],
    *,
    lease: Lease,
    advance: Callable[[str], None],
) -> None:
    """Store objects; the many of a first sync as archives, after which a listing tells what has to be sent again."""
    remaining: Sequence[ManifestEntry] = entries
    if len(entries) >= BULK_FROM:
        _send_archives(mirror, source, entries, lease=lease)
        stored = {found.path: found.md5 for found in mirror.store.objects(mirror.container)}
        remaining = [entry for entry in entries if stored.get(entry.path) != entry.md5]
        for path in {entry.path for entry in entries} - {entry.path for entry in remaining}:
            advance(path)

    def put(entry: ManifestEntry) -> None:
        upload = source.upload(entry.path)
        lease.keep()
        mirror.store.put(
            mirror.container, upload.path, upload.content, md5=upload.md5, content_type=upload.content_type
        )
        advance(entry.path)

    in_parallel(put, remaining, workers=mirror.parallel)


def delete_objects(mirror: Mirror, paths: Sequence[str], *, lease: Lease, advance: Callable[[str], None]) -> None:
    """Remove objects, several at a time; raise StillThere where Swift denies one that it has."""

    def delete(path: str) -> None:
        lease.keep()
        was_there = mirror.store.delete(mirror.container, path)
        if not was_there and mirror.store.look(mirror.container, path) is not None:
            raise StillThere(mirror.container, path)
        advance(path)

    in_parallel(delete, paths, workers=mirror.parallel)


def content_type_of(path: str) -> str:
    """Return the media type that a path's ending stands for."""
    if path.endswith(YAML_ENDINGS):
        return "application/yaml"
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


def in_parallel(act: Callable[[T], None], items: Iterable[T], *, workers: int) -> None:
    """Act on every item, a few at a time; the first failure is raised and nothing new is begun after it."""
    with ThreadPoolExecutor(max_workers=workers) as pool:
        begun = [pool.submit(act, item) for item in items]
        try:
            for future in begun:
                future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _send_archives(mirror: Mirror, source: Source, entries: Sequence[ManifestEntry], *, lease: Lease) -> None:
    def send(batch: Sequence[ManifestEntry]) -> None:
        lease.keep()
        mirror.store.extract(mirror.container, (source.upload(entry.path) for entry in batch))

    in_parallel(send, _batches(entries), workers=min(ARCHIVES_AT_ONCE, mirror.parallel))


def _batches(entries: Sequence[ManifestEntry]) -> Iterator[Sequence[ManifestEntry]]:
    """Yield what goes into one archive each: as even as the bounds on objects and bytes allow."""
    share = min(ARCHIVE_OBJECTS, -(-len(entries) // ARCHIVES_AT_ONCE))
    batch: list[ManifestEntry] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) >= share or size + entry.size > ARCHIVE_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        yield batch
