"""The resource registry of a stack: which template or built-in type a resource type leads to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

from tripleo_gitops.heat.errors import InvalidEnvironment
from tripleo_gitops.heat.references import TEMPLATE_SUFFIXES
from tripleo_gitops.heat.resource_types import resource_types

HOOKS = ("pre-create", "pre-update", "pre-delete", "post-create", "post-update", "post-delete")
RESTRICTED_ACTIONS = ("update", "replace")
_WORDS = {"hooks": HOOKS, "restricted_actions": RESTRICTED_ACTIONS}
_MAX_STEPS = 50


class Kind(Enum):
    """What a registry entry is: a template file, another type, or another type for all that begin alike."""

    TEMPLATE = "template"
    TYPE = "type"
    WILDCARD = "wildcard"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `path` is where the registry was told it, which decides which of several wins."""

    path: tuple[str, ...]
    value: str
    kind: Kind

    @property
    def rank(self) -> tuple[int, tuple[str, ...]]:
        """Return Heat's sort key: entries for one resource first, then by name (`OS::*` before `OS::A`)."""
        return (-len(self.path), self.path)

    def matches(self, resource_type: str) -> bool:
        """Return whether this wildcard covers a type; one that it leads to is not covered, to end somewhere."""
        return (
            self.kind is Kind.WILDCARD and resource_type != self.value and resource_type.startswith(self.path[-1][:-1])
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What a type leads to: a template file (with the entry that said so), or a built-in type."""

    template: str | None
    builtin: str
    entry: Entry | None = None


_Level = dict[str, Any]


def _entry(path: tuple[str, ...], value: str) -> Entry:
    name = path[-1]
    if name.endswith(TEMPLATE_SUFFIXES):
        return Entry(path, name, Kind.TEMPLATE)
    if value.endswith(TEMPLATE_SUFFIXES):
        return Entry(path, value, Kind.TEMPLATE)
    return Entry(path, value, Kind.WILDCARD if name.endswith("*") else Kind.TYPE)


class Registry:
    """The registry of one stack, and the registries of its nested stacks; shared where they are equal."""

    def __init__(self, level: _Level, wildcards: Collection[str]) -> None:
        self._level = level
        self._wildcards = tuple(name for name in wildcards if name in level)
        self._found: dict[tuple[str, str], Found | None] = {}
        self._learned: dict[str, str] = {}
        self._children: dict[tuple[object, ...], Registry] = {}

    @classmethod
    def load(cls, document: Mapping[str, Any]) -> Registry:
        """Return the registry that a resource_registry section describes; raises InvalidEnvironment."""
        level: _Level = {"resources": {}}
        _load(level, document, ())
        return cls(level, [name for name in level if name.endswith("*")])

    def find(self, resource_type: str, name: str) -> Found | None:
        """Return what a resource of this type and name leads to, or None for a type that nobody knows."""
        key = (resource_type, name if self._level["resources"] else "")
        if key not in self._found:
            self._found[key] = self._find(resource_type, name, 0)
        return self._found[key]

    def to_document(self) -> dict[str, Any]:
        """Return the registry as Heat shows it after it looked up what `find` was asked for."""
        return {**_to_document(self._level), **self._learned}

    def child(self, name: str, used: Entry | None, *, added: Mapping[str, str] | None = None) -> Registry:
        """Return the registry of the stack nested in resource `name`, which came about by entry `used`.

        That entry is not in it, so that a template for a type can hold that type; entries for one resource
        are those for this one's members. What a mapping for one resource taught Heat about its type, Heat
        then applies to the type as a whole, below (a quirk that its answers show).
        """
        key = (
            used.path if used else (),
            name if self._level["resources"] else "",
            len(self._learned),
            tuple(added or ()),
        )
        if key not in self._children:
            self._children[key] = self._child(name, used, added or {})
        return self._children[key]

    def _child(self, name: str, used: Entry | None, added: Mapping[str, str]) -> Registry:
        level = dict(self._level)
        for known, value in {**self._learned, **added}.items():
            level[known] = _entry((known,), value)
        resources: _Level = {}
        _load(resources, _to_document(self._level["resources"]), ("resources",))
        level["resources"] = resources
        if used is not None:
            _remove(level, used.path)
        level["resources"] = _members(resources, name)
        return Registry(level, (*self._wildcards, *added))

    def _find(self, resource_type: str, name: str, steps: int) -> Found | None:
        if steps > _MAX_STEPS:
            raise InvalidEnvironment(
                "the entries lead to each other in a circle", origin="resource_registry", path=(resource_type,)
            )
        for entry in sorted(self._candidates(resource_type, name), key=lambda one: one.rank):
            found = self._follow(entry, resource_type, name, steps)
            if found is None:
                continue
            if found.template is None and entry.kind is not Kind.TEMPLATE:
                self._learn(resource_type, entry)
            return found
        return Found(None, resource_type) if resource_type in resource_types() else None

    def _follow(self, entry: Entry, resource_type: str, name: str, steps: int) -> Found | None:
        if entry.kind is Kind.TEMPLATE:
            return Found(entry.value, resource_type, entry)
        target = entry.value
        if entry.kind is Kind.WILDCARD and target.endswith("*"):
            target = target[:-1] + resource_type[len(entry.path[-1]) - 1 :]
        return self._find(target, name, steps + 1)

    def _candidates(self, resource_type: str, name: str) -> Iterator[Entry]:
        if resource_type.endswith(TEMPLATE_SUFFIXES) and resource_type not in self._level:
            self._learned[resource_type] = resource_type
            yield _entry((resource_type,), resource_type)
        own = self._level["resources"].get(name)
        if isinstance(own, dict) and isinstance(own.get(resource_type), Entry):
            yield own[resource_type]
        exact = self._level.get(resource_type)
        if isinstance(exact, Entry):
            yield exact
        for wildcard in self._wildcards:
            if isinstance(self._level[wildcard], Entry) and self._level[wildcard].matches(resource_type):
                yield self._level[wildcard]

    def _learn(self, resource_type: str, entry: Entry) -> None:
        if entry.path != (resource_type,):
            self._learned[resource_type] = entry.value


def _load(level: _Level, document: Mapping[str, Any], path: tuple[str, ...]) -> None:
    for name, value in document.items():
        here = (*path, name)
        if value is None:
            _forget(level, name)
        elif name in _WORDS:
            _check_words(name, value, here)
            level[name] = value
        elif isinstance(value, Mapping):
            below = level.get(name)
            if not isinstance(below, dict):
                below = level[name] = {}
            _load(below, value, here)
        elif isinstance(value, str):
            level[name] = _entry(here, value)
        else:
            raise InvalidEnvironment("an entry must be a type or a file", origin="resource_registry", path=here)


def _check_words(name: str, value: object, path: tuple[str, ...]) -> None:
    known = _WORDS[name]
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or any(word not in known for word in words):
        raise InvalidEnvironment(
            f"{value!r}: known {name} are {', '.join(known)}", origin="resource_registry", path=path
        )


def _forget(level: _Level, name: str) -> None:
    if name.endswith("*"):
        for known in [one for one, entry in level.items() if isinstance(entry, Entry)]:
            if known.startswith(name[:-1]):
                del level[known]
    else:
        level.pop(name, None)


def _remove(level: _Level, path: tuple[str, ...]) -> None:
    for key in path[:-1]:
        below = level.get(key)
        if not isinstance(below, dict):
            return
        level = below
    level.pop(path[-1], None)


def _members(resources: _Level, name: str) -> _Level:
    members: _Level = {}
    for pattern, content in resources.items():
        if isinstance(content, dict) and (fnmatchcase(name, pattern) or pattern == name):
            members.update(content)
    return members


def _to_document(level: _Level) -> dict[str, Any]:
    return {
        name: _to_document(value) if isinstance(value, dict) else value.value if isinstance(value, Entry) else value
        for name, value in level.items()
    }
