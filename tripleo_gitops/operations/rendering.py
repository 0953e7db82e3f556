"""Write a plan tree to a directory, for people and tools that want files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from tripleo_gitops.documents.tree import PlanTree


def write_tree(tree: PlanTree, target: Path) -> int:
    """Write every file of a tree below `target` and return how many; raise Refused when it holds something."""
    if target.exists() and any(target.iterdir()):
        raise Refused(f"{target} is not empty; name a new directory")
    for path in tree.paths():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(tree.read(path))
    return len(tree.paths())
