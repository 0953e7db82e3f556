"""What a file says in outline: what it refers to, declares and holds; small, and enough to know what it can touch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.references import TEMPLATE_SUFFIXES
from tripleo_gitops.heat.template import is_template

if TYPE_CHECKING:
    from collections.abc import Mapping

Place = tuple[str | int, ...]
_TYPE_KEYS = ("type", "Type")
_MEMBER_KEYS = ("resource_def", "resource")
_UNTRACEABLE = ("resource_facade", "Fn::ResourceFacade")


@dataclass(frozen=True, slots=True)
class Reference:
    """A file that a file refers to, as written; `is_type` for a template of a resource, not a file to be read."""

    place: Place
    written: str

    @property
    def is_type(self) -> bool:
        return self.place[-1] in _TYPE_KEYS


@dataclass(frozen=True, slots=True)
class Outline:
    """One file's outline. `types` are those of its resources, and of group members that are written out.

    `is_static` is false for a template whose resources' types are computed, or that looks at the stack above.
    """

    is_template: bool
    references: tuple[Reference, ...] = ()
    names: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    is_static: bool = True
    is_json: bool = True

    def to_document(self) -> list[Any]:
        """Return the outline as plain data."""
        references = [[reference.place, reference.written] for reference in self.references]
        sets = [sorted(one) for one in (self.names, self.hidden, self.types)]
        return [self.is_template, references, *sets, self.is_static, self.is_json]

    @classmethod
    def from_document(cls, document: list[Any]) -> Outline:
        """Return the outline that `to_document` gave."""
        template, references, names, hidden, types, static, is_json = document
        found = tuple(Reference(tuple(place), written) for place, written in references)
        return cls(template, found, frozenset(names), frozenset(hidden), frozenset(types), static, is_json)


def outline_of(document: Any) -> Outline:
    """Return the outline of a parsed file, whatever it is."""
    if not is_template(document):
        return Outline(is_template=False, is_json=survives_json(document))
    is_cfn = "heat_template_version" not in document
    parameters = _mapping(document.get("Parameters" if is_cfn else "parameters"))
    resources = _mapping(document.get("Resources" if is_cfn else "resources"))
    types: set[str] = set()
    computed = sum(not _add_types(types, resource) for resource in resources.values())
    search = _Search()
    search.look(document)
    return Outline(
        is_template=True,
        references=tuple(search.references),
        names=frozenset(map(str, parameters)),
        hidden=hidden_parameters(document),
        types=frozenset(types),
        is_static=not computed and search.is_traceable,
        is_json=survives_json(document),
    )


def hidden_parameters(template: Mapping[str, Any]) -> frozenset[str]:
    """Return the parameters that a template hides."""
    parameters = {**_mapping(template.get("parameters")), **_mapping(template.get("Parameters"))}
    return frozenset(str(name) for name, one in parameters.items() if _is_hidden(one))


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _is_hidden(parameter: Any) -> bool:
    found = _mapping(parameter)
    return bool(found.get("hidden")) or str(found.get("NoEcho", "false")).lower() == "true"


def _add_types(types: set[str], resource: Any) -> bool:
    """Add the types that a resource has and holds; return whether all of them are written out."""
    kind = _mapping(resource).get("type", _mapping(resource).get("Type"))
    if isinstance(kind, str):
        types.add(kind)
    properties = _mapping(resource).get("properties") or _mapping(resource).get("Properties") or {}
    if not isinstance(properties, dict):
        return False
    is_static = True
    for key in _MEMBER_KEYS:
        if key in properties:
            is_static &= isinstance(properties[key], dict) and _add_types(types, properties[key])
            is_static &= isinstance(_mapping(properties[key]).get("type"), str)
    members = properties.get("resources", [])
    if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
        return False
    types.update(members)
    return bool(is_static)


class _Search:
    """Finds in one pass what a document refers to, and whether it looks at the stack above."""

    def __init__(self) -> None:
        self.references: list[Reference] = []
        self.is_traceable = True
        self._place: list[Any] = []

    def look(self, value: Any) -> None:
        """Look at a mapping or a list and all below it."""
        is_mapping, place = isinstance(value, dict), self._place
        for key, item in value.items() if is_mapping else enumerate(value):
            if is_mapping and key in _UNTRACEABLE:
                self.is_traceable = False
            if isinstance(item, dict | list):
                place.append(key)
                self.look(item)
                place.pop()
            elif is_mapping and isinstance(item, str) and _is_reference(key, item):
                self.references.append(Reference((*place, key), item))


def _is_reference(key: Any, value: str) -> bool:
    return key == "get_file" or (key in _TYPE_KEYS and value.endswith(TEMPLATE_SUFFIXES))


def survives_json(value: Any) -> bool:
    """Return whether JSON gives the same value back: all keys are text, nothing but JSON's own types."""
    try:
        return bool(json.loads(json.dumps(value)) == value)
    except (TypeError, ValueError, RecursionError):
        return False
