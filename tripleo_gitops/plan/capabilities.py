"""capabilities-map.yaml: the environments that a plan offers, in topics and groups, and their rules."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.remembered import remembered
from tripleo_gitops.plan.document import Document, KeyPath

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tripleo_gitops.documents.tree import PlanTree

CAPABILITIES_FILE = "capabilities-map.yaml"
OTHER_TOPIC = "Other"
_OFFERED_UNMAPPED = ("*environments/*.yaml", "*user-environment.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityEnvironment:
    """One environment that can be selected, and the files that must be selected with it.

    `enabled` is None in the map itself, which knows of no selection.
    """

    file: str
    title: str
    description: str | None = None
    requires: tuple[str, ...] = ()
    enabled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentGroup:
    """Environments that are shown together, of which at most one may be selected if they exclude each other."""

    title: str | None
    description: str | None = None
    mutually_exclusive: bool = False
    environments: tuple[CapabilityEnvironment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Groups under one heading."""

    title: str
    description: str | None = None
    groups: tuple[EnvironmentGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class CapabilitiesMap:
    """The topics of a plan; empty for a plan without a map."""

    topics: tuple[Topic, ...] = ()

    def groups(self) -> Iterator[EnvironmentGroup]:
        """Yield every group of every topic."""
        for topic in self.topics:
            yield from topic.groups

    def environments(self) -> Iterator[CapabilityEnvironment]:
        """Yield every environment of every group; one file may stand in several."""
        for group in self.groups():
            yield from group.environments

    def requirements(self) -> dict[str, tuple[str, ...]]:
        """Return, for each mapped file, the files that it requires, gathered over all its places."""
        found: dict[str, tuple[str, ...]] = {}
        for environment in self.environments():
            known = found.get(environment.file, ())
            found[environment.file] = tuple(dict.fromkeys((*known, *environment.requires)))
        return found


def read_capabilities_map(tree: PlanTree) -> CapabilitiesMap:
    """Return a plan's capabilities map, an empty one if it has none; raises InvalidDocument."""
    if CAPABILITIES_FILE not in tree.paths():
        return CapabilitiesMap()
    return parse_capabilities_map(tree.read(CAPABILITIES_FILE))


def parse_capabilities_map(content: bytes, *, source: str = CAPABILITIES_FILE) -> CapabilitiesMap:
    """Return the capabilities map in `content`; raises InvalidDocument with the line."""
    return _map(content, source=source)


@remembered
def _map(content: bytes, *, source: str) -> CapabilitiesMap:
    document = Document(content, source=source)
    root = document.expect(document.value if document.value is not None else {}, dict, ())
    topics = _items(document, root, "topics", ())
    return CapabilitiesMap(tuple(_topic(document, topic, path) for topic, path in topics))


def _items(
    document: Document, mapping: Mapping[str, Any], key: str, path: KeyPath
) -> list[tuple[Mapping[str, Any], KeyPath]]:
    values = document.get(mapping, key, list, path) or []
    places = [(value, (*path, key, index)) for index, value in enumerate(values)]
    for value, place in places:
        document.expect(value, dict, place)
    return places


def _topic(document: Document, topic: Mapping[str, Any], path: KeyPath) -> Topic:
    groups = _items(document, topic, "environment_groups", path)
    return Topic(
        title=document.get(topic, "title", str, path, required=True),
        description=document.get(topic, "description", str, path),
        groups=tuple(_group(document, group, place) for group, place in groups),
    )


def _group(document: Document, group: Mapping[str, Any], path: KeyPath) -> EnvironmentGroup:
    environments = _items(document, group, "environments", path)
    return EnvironmentGroup(
        title=document.get(group, "title", str, path),
        description=document.get(group, "description", str, path),
        mutually_exclusive=document.get(group, "mutually_exclusive", bool, path) or False,
        environments=tuple(_environment(document, entry, place) for entry, place in environments),
    )


def _environment(document: Document, entry: Mapping[str, Any], path: KeyPath) -> CapabilityEnvironment:
    requires = document.strings(entry, "requires", path)
    file = document.get(entry, "file", str, path, required=True)
    return CapabilityEnvironment(
        file=document.plan_path(file, (*path, "file")),
        title=document.get(entry, "title", str, path, required=True),
        description=document.get(entry, "description", str, path),
        requires=tuple(document.plan_path(name, (*path, "requires", index)) for index, name in enumerate(requires)),
    )


def get_capabilities(
    capabilities_map: CapabilitiesMap, *, paths: Collection[str], selected: Collection[str]
) -> tuple[Topic, ...]:
    """Return the topics with `enabled` set on every environment, and what is not mapped as topic "Other".

    Offered besides the map are the files that TripleO takes for environments, and, since a selection must
    never be invisible, whatever else is selected; each once, templates not at all. Looks at every path.
    `enabled` is False, not empty, where nothing is selected, and topics of one title stay apart (both
    unlike upstream).
    """
    topics = [_with_enabled(topic, selected) for topic in capabilities_map.topics]
    mapped = {environment.file for environment in capabilities_map.environments()}
    unmapped = {path for path in paths if _is_offered(path)} | set(selected)
    others = tuple(_other_group(path, is_enabled=path in selected) for path in sorted(unmapped - mapped))
    if others:
        topics.append(Topic(title=OTHER_TOPIC, groups=others))
    return tuple(topics)


def _with_enabled(topic: Topic, selected: Collection[str]) -> Topic:
    groups = []
    for group in topic.groups:
        environments = tuple(_marked(entry, is_enabled=entry.file in selected) for entry in group.environments)
        groups.append(
            EnvironmentGroup(
                title=group.title,
                description=group.description,
                mutually_exclusive=group.mutually_exclusive,
                environments=environments,
            )
        )
    return Topic(title=topic.title, description=topic.description, groups=tuple(groups))


def _marked(entry: CapabilityEnvironment, *, is_enabled: bool) -> CapabilityEnvironment:
    return CapabilityEnvironment(
        file=entry.file,
        title=entry.title,
        description=entry.description,
        requires=entry.requires,
        enabled=is_enabled,
    )


def _is_offered(path: str) -> bool:
    return not path.endswith(".j2.yaml") and any(fnmatch.fnmatchcase(path, shape) for shape in _OFFERED_UNMAPPED)


def _other_group(path: str, *, is_enabled: bool) -> EnvironmentGroup:
    entry = CapabilityEnvironment(file=path, title=path, description=f"Enable {path} environment", enabled=is_enabled)
    return EnvironmentGroup(title=path, environments=(entry,))
