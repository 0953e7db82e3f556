"""The stacks of two bundles side by side, without those that cannot differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.heat.closure import Closures
from tripleo_gitops.heat.pseudo import PSEUDO_PARAMETERS
from tripleo_gitops.heat.snippets import gives_same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.heat.forest import Forest
    from tripleo_gitops.heat.registry import Found
    from tripleo_gitops.heat.stack import Stack

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """The stack at one path of resource names on both sides; None on the side that has none there.

    `is_same` says that template, parameters and conditions are the same, and so all that it gives to its resources.
    """

    path: Path
    old: Stack | None
    new: Stack | None
    is_same: bool


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs that can differ, a stack before those nested in it; `shared` are parameters of those left out."""

    pairs: tuple[Pair, ...]
    shared: frozenset[str]

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs)


def pair_stacks(old: Forest | None, new: Forest | None) -> Pairs:
    """Return the stacks of both sides by path, leaving out subtrees that are the same on both.

    What is left out is known from outlines: the same template with the same files, types and defaults below it,
    given the same. Cost grows with what differs, and with templates that compute the types of their resources.
    """
    pairing = _Pairing(old, new)
    pairs = tuple(pairing.walk((), old.root if old else None, new.root if new else None))
    return Pairs(pairs, frozenset(pairing.shared))


class _Pairing:
    def __init__(self, old: Forest | None, new: Forest | None) -> None:
        self._old, self._new = old, new
        self.shared: set[str] = set()
        self._same: dict[str, bool] = {}
        if old is not None and new is not None:
            self._closures = Closures(old), Closures(new)
            self._changed_defaults = _changed_defaults(old, new)
            self._changed_files = _changed_files(old, new)
            self._may_skip = _has_no_special_entries(old, new)
            self._leads_alike = _leads_alike(old, new)

    def walk(self, path: Path, old: Stack | None, new: Stack | None, *, above: bool = True) -> Iterator[Pair]:
        """Yield the pair at a path, and those below it; `above` says that the stack above is the same."""
        is_same = old is not None and new is not None and self._has_same_inputs(old, new, above=above)
        pair = Pair(path, old, new, is_same)
        yield pair
        before, after = ((stack.resources or {}) if stack else {} for stack in (old, new))
        for name in dict.fromkeys((*after, *before)):
            if name in before and name in after and self._is_same_below(pair, name):
                continue
            one = self._old.child(old, before[name]) if self._old and old and name in before else None
            other = self._new.child(new, after[name]) if self._new and new and name in after else None
            if one is not None or other is not None:
                yield from self.walk((*path, name), one, other, above=is_same)

    def _has_same_inputs(self, old: Stack, new: Stack, *, above: bool) -> bool:
        if old.parent and new.parent and not above:
            definitions = old.parent.definition, new.parent.definition
            if any(one.metadata or one.update_policy for one in definitions):
                return False  # a facade may look at them
        return (
            old.template.document == new.template.document
            and old.parameters == new.parameters
            and self._changed_defaults.isdisjoint(PSEUDO_PARAMETERS)
            and old.references == new.references
            and not self._reads_changed_file(new)
        )

    def _reads_changed_file(self, stack: Stack) -> bool:
        if not self._changed_files or self._new is None:
            return False
        contents, source = self._new.bundle.contents, stack.template.source
        if source in contents:
            return not self._changed_files.isdisjoint(contents.referred(source))
        if stack.parent is not None:
            return False
        referred = self._new.bundle.referred
        return referred is None or not self._changed_files.isdisjoint(referred)

    def _is_same_below(self, pair: Pair, name: str) -> bool:
        old, new = pair.old, pair.new
        if old is None or new is None or self._old is None or self._new is None or not self._may_skip:
            return False
        before, after = (old.resources or {})[name], (new.resources or {})[name]
        found = self._old.nesting.find(old, before), self._new.nesting.find(new, after)
        template = found[1].template
        if template is None or not self._is_same_template(found):
            return False
        if not pair.is_same and not self._is_given_same(pair, name):
            return False
        self.shared |= self._closures[1].of(template).names
        return True

    def _is_given_same(self, pair: Pair, name: str) -> bool:
        old, new = pair.old, pair.new
        if old is None or new is None or self._old is None or self._new is None:
            return False
        before, after = (old.resources or {})[name], (new.resources or {})[name]
        if gives_same(old, before.properties, new, after.properties):
            return True
        return bool(self._old.nesting.given(old, before) == self._new.nesting.given(new, after))

    def _is_same_template(self, found: tuple[Found, Found]) -> bool:
        path = found[1].template
        if path is None or found[0].template != path:
            return False
        if path not in self._same:
            self._same[path] = self._is_same_closure(path)
        return self._same[path]

    def _is_same_closure(self, path: str) -> bool:
        before, after = self._closures
        new = after.of(path)
        if not new.is_static or new.names & self._changed_defaults:
            return False
        if self._leads_alike:
            return new.files.isdisjoint(self._changed_files)
        return (
            before.of(path) == new
            and all(before.identity(file) == after.identity(file) for file in new.files)
            and all(before.found(one) == after.found(one) for one in new.types)
        )


def _changed_defaults(old: Forest, new: Forest) -> frozenset[str]:
    before, after = (one.bundle.environment.get("parameter_defaults", {}) for one in (old, new))
    return frozenset(
        name
        for name in before.keys() | after.keys()
        if name not in before or name not in after or repr(before[name]) != repr(after[name])
    )


def _has_no_special_entries(old: Forest, new: Forest) -> bool:
    """Return whether what a type leads to is independent of the resource, or at least the same on both sides."""
    before, after = (one.bundle.environment.get("resource_registry", {}) for one in (old, new))
    return bool(before == after) or not (before.get("resources") or after.get("resources"))


def _leads_alike(old: Forest, new: Forest) -> bool:
    """Return whether types and names lead to the same files on both sides, whatever is in these."""
    before, after = (one.bundle.environment.get("resource_registry", {}) for one in (old, new))
    return bool(before == after) and old.bundle.contents.keys() == new.bundle.contents.keys()


def _changed_files(old: Forest, new: Forest) -> frozenset[str]:
    before, after = old.bundle.contents, new.bundle.contents
    return frozenset(path for path in after if path not in before or before.identity(path) != after.identity(path))
