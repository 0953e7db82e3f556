"""Which files differ between two plan trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.documents.tree import PartedTree

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
    """Return what turns `old` (None: nothing) into `new`, sorted by path; equal parts are not looked into."""
    before, after = _blobs(old, beside=new) if old is not None else {}, _blobs(new, beside=old)
    differing = [path for path, blob in after.items() if before.get(path) != blob]
    differing += [path for path in before if path not in after]
    return tuple(FileChange(path, before.get(path), after.get(path)) for path in sorted(differing))


def _blobs(tree: PlanTree, *, beside: PlanTree | None) -> dict[str, BlobId]:
    """Return path and blob of what can differ from another tree."""
    if not (isinstance(tree, PartedTree) and isinstance(beside, PartedTree)):
        return {path: tree.blob_id(path) for path in tree.paths()}
    others = beside.parts()
    found: dict[str, BlobId] = {}
    for part, identity in tree.parts().items():
        if others.get(part) != identity:
            found.update(tree.below(part))
    return found
