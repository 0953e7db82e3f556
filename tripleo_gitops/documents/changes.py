"""Which files differ between two plan trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import BlobId, PlanTree


@dataclass(frozen=True, slots=True)
class FileChange:
    """One path that differs between two trees; its kind is derived, so it cannot lie."""

    path: str
    old: BlobId | None
    new: BlobId | None

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "changed"


def diff_trees(old: PlanTree | None, new: PlanTree) -> tuple[FileChange, ...]:
    """Return what turns `old` (None: nothing) into `new`, sorted by path."""
    before = {path: old.blob_id(path) for path in old.paths()} if old is not None else {}
    after = {path: new.blob_id(path) for path in new.paths()}
    differing = [path for path, blob in after.items() if before.get(path) != blob]
    differing += [path for path in before if path not in after]
    return tuple(FileChange(path, before.get(path), after.get(path)) for path in sorted(differing))
