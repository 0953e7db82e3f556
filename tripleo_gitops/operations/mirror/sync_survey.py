"""Decide from what a container holds, where no whole manifest says it: after a crash, for adoption, when asked to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.operations.mirror.manifest import OWN_PATHS, STOCK_PATH, Manifest, ManifestEntry
from tripleo_gitops.operations.mirror.mirror import PARALLEL_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tripleo_gitops.operations.mirror.mirror import ReadableMirror


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What differs in a container from what it should hold, and which of it no known revision put there.

    `has_stock` is whether the listing has the stock of a large plan's manifest.
    """

    puts: tuple[str, ...]
    deletes: tuple[str, ...]
    foreign: tuple[str, ...]
    existing: int
    has_stock: bool


def survey(
    store: ReadableMirror,
    container: str,
    wanted: Manifest,
    *,
    touched_by: Iterable[Manifest],
    is_complete: bool,
) -> Survey:
    """Return what a container's listing, and the revisions that may have written to it, leave to be done.

    The listing may lag behind the objects, so that whatever `touched_by` and `wanted` do not agree upon is
    written again without looking. Where those are not all (`is_complete` is false), each object is asked.
    Looks at every object, since any may differ.
    """
    listed = {entry.path: entry.md5 for entry in store.objects(container)}
    stored = {path: md5 for path, md5 in listed.items() if path not in OWN_PATHS}
    target, known = wanted.by_path, tuple(manifest.by_path for manifest in touched_by)
    disputed = {path for other in known for path in _differing(target, other)}
    puts = {path for path, entry in target.items() if stored.get(path) != entry.md5 or path in disputed}
    if not is_complete:
        puts |= differing_objects(store, container, [target[path] for path in target.keys() - puts])
    named = target.keys() | {path for other in known for path in other}
    return Survey(
        puts=tuple(sorted(puts)),
        deletes=tuple(sorted((stored.keys() | disputed) - target.keys())),
        foreign=tuple(sorted(stored.keys() - named)),
        existing=len(stored),
        has_stock=STOCK_PATH in listed,
    )


def differing_objects(store: ReadableMirror, container: str, entries: Collection[ManifestEntry]) -> set[str]:
    """Return the paths of those objects that are not what their entries say, each asked by itself."""

    def differs(entry: ManifestEntry) -> bool:
        found = store.look(container, entry.path)
        return found is None or found.md5 != entry.md5

    with ThreadPoolExecutor(max_workers=PARALLEL_REQUESTS) as pool:
        answers = zip(entries, pool.map(differs, entries), strict=True)
        return {entry.path for entry, is_different in answers if is_different}


def _differing(one: dict[str, ManifestEntry], other: dict[str, ManifestEntry]) -> set[str]:
    return {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}
