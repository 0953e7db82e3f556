"""Change some entries of a stored manifest, without reading the others."""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tripleo_gitops.operations.mirror.manifest import Manifest, ManifestEntry, SecretsForm, line_of
from tripleo_gitops.operations.mirror.stocked_manifest import (
    CHANGES_KEPT,
    StockedManifest,
    StoredManifest,
    read_stocked,
    stored,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tripleo_gitops.plan.revision import Revision

HEAD_LINES, TAIL_LINES = 1, 2


@dataclass(frozen=True, slots=True)
class ManifestChanges:
    """What differs between two manifests: the entries that are other ones now (None: gone), and which paths are new."""

    entries: Mapping[str, ManifestEntry | None]
    added: frozenset[str]

    @property
    def growth(self) -> int:
        """How many objects there are more than before."""
        return len(self.added) - sum(entry is None for entry in self.entries.values())


class ManifestLines:
    """A manifest in full as lines, one object each, sorted by path; entries are read and replaced one at a time."""

    def __init__(self, content: bytes) -> None:
        lines = content.split(b"\n")
        self._lines = [line for line in lines[HEAD_LINES : len(lines) - TAIL_LINES] if line]
        if self._lines:
            self._lines[-1] += b","

    def __len__(self) -> int:
        return len(self._lines)

    def replace(self, path: str, entry: ManifestEntry | None) -> None:
        """Set the entry of a path, or take it out."""
        place = bisect_left(self._lines, path, key=_path)
        is_there = place < len(self._lines) and _path(self._lines[place]) == path
        self._lines[place : place + is_there] = [_line(entry)] if entry is not None else []

    def encode(self, revision: Revision, secrets: SecretsForm) -> bytes:
        """Return the manifest of a revision with these lines: the bytes that Manifest.encode gives."""
        head, _, tail = Manifest(revision, (), secrets).encode().partition(b"\n")
        body = b"\n".join(self._lines).removesuffix(b",")
        return head + b"\n" + body + b"\n" + tail.removeprefix(b"\n")


def edit_manifest(
    content: bytes,
    changes: ManifestChanges,
    *,
    revision: Revision,
    stock_from: int,
    stock_of: Callable[[str], bytes | None],
) -> tuple[StoredManifest, int] | None:
    """Return the manifest of a revision made of a stored one and what changed, and how many objects there were.

    Costs what changed, but for the one time in so many that the stock is written anew. None where that needs a
    stock which is not known.
    """
    head = read_stocked(content)
    if head is None:
        lines = ManifestLines(content)
        existing = len(lines)
        return _in_full(lines, changes.entries, _like(content, revision), stock_from=stock_from), existing
    after = _changed(head, changes, revision)
    if after.count > stock_from and len(after.changed) <= CHANGES_KEPT:
        return StoredManifest(content=after.encode(), objects=after.count, has_stock=True), head.count
    stock = stock_of(head.stock)
    if stock is None:
        return None
    return _in_full(ManifestLines(stock), after.changed, after, stock_from=stock_from), head.count


def _changed(head: StockedManifest, changes: ManifestChanges, revision: Revision) -> StockedManifest:
    return replace(
        head, revision=revision, count=head.count + changes.growth, changed={**head.changed, **changes.entries}
    )


def _in_full(
    lines: ManifestLines,
    changes: Mapping[str, ManifestEntry | None],
    wanted: StockedManifest | Manifest,
    *,
    stock_from: int,
) -> StoredManifest:
    for path, entry in changes.items():
        lines.replace(path, entry)
    full = lines.encode(wanted.revision, wanted.secrets)
    return stored(full, revision=wanted.revision, secrets=wanted.secrets, objects=len(lines), stock_from=stock_from)


def _like(content: bytes, revision: Revision) -> Manifest:
    """Return a manifest without entries, of a revision, that says what a stored one says of its secrets."""
    head = content.partition(b"\n")[0]
    is_opened = json.loads(head + b"]}").get("secrets") == SecretsForm.OPENED
    return Manifest(revision, (), SecretsForm.OPENED if is_opened else SecretsForm.SEALED)


def _path(line: bytes) -> str:
    return str(json.loads(line.removesuffix(b","))["path"])


def _line(entry: ManifestEntry) -> bytes:
    return line_of(entry).encode() + b","
