"""What everything below a template can depend on, told from outlines without making a single stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tripleo_gitops.heat.forest import Forest
    from tripleo_gitops.heat.registry import Found


@dataclass(frozen=True, slots=True)
class Closure:
    """The files, parameter names and resource types of a template and all that it holds.

    Where `is_static` is false some of its types are computed, and there may be more below than is said here.
    """

    files: frozenset[str]
    names: frozenset[str]
    types: frozenset[str]
    is_static: bool


class Closures:
    """The closures of a bundle's templates, each worked out once."""

    def __init__(self, forest: Forest) -> None:
        self._contents, self._registry = forest.bundle.contents, forest.registry
        self._known: dict[str, Closure] = {}

    def of(self, path: str) -> Closure:
        """Return the closure of a template of the bundle."""
        if path not in self._known:
            self._known[path] = self._closure(path)
        return self._known[path]

    def found(self, resource_type: str) -> Found | None:
        """Return what a type leads to for a resource that no entry is meant for alone."""
        return self._registry.find(resource_type, "")

    def identity(self, path: str) -> str:
        """Return a word that is the same for the same content of a file."""
        return self._contents.identity(path)

    def _closure(self, path: str) -> Closure:
        files, names, types, pending, is_static = set[str](), set[str](), set[str](), [path], True
        while pending:
            file = pending.pop()
            if file in files or file not in self._contents:
                continue
            files.add(file)
            outline = self._contents.outline(file)
            if not outline.is_template:
                continue
            names |= outline.names
            types |= outline.types
            is_static &= outline.is_static
            pending.extend(self._contents.referred(file))
            pending.extend(one.template for one in map(self.found, outline.types) if one and one.template)
        return Closure(frozenset(files), frozenset(names), frozenset(types), is_static)
