"""Change some lines of a manifest, without reading the others."""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.operations.manifest import Manifest, ManifestEntry, line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.plan.revision import Revision

HEAD_LINES, TAIL_LINES = 1, 2


class ManifestLines:
    """A stored manifest as lines, one object each, sorted by path; entries are read and replaced one at a time."""

    def __init__(self, content: bytes) -> None:
        lines = content.split(b"\n")
        self._lines = [line for line in lines[HEAD_LINES : len(lines) - TAIL_LINES] if line]
        if self._lines:
            self._lines[-1] += b","

    def __len__(self) -> int:
        return len(self._lines)

    def find(self, path: str) -> ManifestEntry | None:
        """Return the entry of a path, or None."""
        place = self._place(path)
        found = _entry(self._lines[place]) if place < len(self._lines) else None
        return found if found is not None and found.path == path else None

    def replace(self, path: str, entry: ManifestEntry | None) -> None:
        """Set the entry of a path, or take it out."""
        place, is_there = self._place(path), self.find(path) is not None
        self._lines[place : place + is_there] = [_line(entry)] if entry is not None else []

    def encode(self, revision: Revision) -> bytes:
        """Return the manifest of a revision with these lines: the bytes that Manifest.encode gives."""
        head, _, tail = Manifest(revision, ()).encode().partition(b"\n")
        body = b"\n".join(self._lines).removesuffix(b",")
        return head + b"\n" + body + b"\n" + tail.removeprefix(b"\n")

    def _place(self, path: str) -> int:
        return bisect_left(self._lines, path, key=lambda line: _entry(line).path)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedManifest:
    """A manifest that another one was made: its bytes, how many objects it has and had, and what changed."""

    content: bytes
    objects: int
    existing: int
    changes: Mapping[str, ManifestEntry | None]


def edit_manifest(content: bytes, changes: Mapping[str, ManifestEntry | None], *, revision: Revision) -> EditedManifest:
    """Return the manifest of a revision, made of that of another one and the entries that changed (None: gone)."""
    lines = ManifestLines(content)
    existing = len(lines)
    real = {path: entry for path, entry in sorted(changes.items()) if lines.find(path) != entry}
    for path, entry in real.items():
        lines.replace(path, entry)
    return EditedManifest(content=lines.encode(revision), objects=len(lines), existing=existing, changes=real)


def _entry(line: bytes) -> ManifestEntry:
    row = json.loads(line.removesuffix(b","))
    return ManifestEntry(row["path"], row["size"], row["md5"], row["sha256"])


def _line(entry: ManifestEntry) -> bytes:
    return line_of(entry).encode() + b","
