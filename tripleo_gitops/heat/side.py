"""One side of a parameter diff: what Heat gets, what it means, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.documents.yaml import locate
from tripleo_gitops.heat.changes import KeyPath, Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.heat.bundle import Bundle
    from tripleo_gitops.heat.environment import MergedEnvironment
    from tripleo_gitops.heat.tree import ParameterTree


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a parameter diff.

    `read` gives a file's bytes, from which the lines of origins are told; without it none are. `hidden` names
    parameters that are never shown, whatever the templates say of them. A diff does not need the `tree`: it makes
    only those stacks of both sides that can differ.
    """

    bundle: Bundle
    tree: ParameterTree | None
    environment: MergedEnvironment
    read: Callable[[str], bytes] | None = field(default=None, repr=False, compare=False)
    hidden: frozenset[str] = frozenset()

    def origin(self, section: str, *path: str) -> Origin | None:
        """Return where the merged environment has a key path from, or None where it does not have it."""
        found = self.environment.setting((section, *path))
        return Origin(found.origin, found.path, self.locate) if found else None

    def locate(self, file: str, path: KeyPath) -> int | None:
        """Return the line of a key path in a file of this side, or None."""
        if self.read is None:
            return None
        try:
            return locate(self.read(file), path)
        except MissingFile:
            return None
