"""Heat 27's built-in resource types: their properties, attributes and update policy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class PropertyType:
    """One property of a built-in type; `updatable` means that a change of it does not replace the resource."""

    type: str
    updatable: bool
    default: Any = None
    required: bool = False
    implemented: bool = True


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One built-in type. `reference` is what get_resource gives before creation: name, null, or text (None)."""

    properties: dict[str, PropertyType]
    attributes: frozenset[str]
    update_policy: frozenset[str]
    reference: str
    any_attribute: bool = False
    nested: bool = False
    snapshot: bool = False
    decides_replacement: bool = False


@cache
def resource_types() -> dict[str, ResourceType]:
    """Return all built-in types by name, from the table that comes with the package."""
    table = json.loads(files(__package__).joinpath("data/resource_types.json").read_text("utf-8"))
    return {name: _resource_type(entry) for name, entry in table.items()}


def _resource_type(entry: dict[str, Any]) -> ResourceType:
    return ResourceType(
        properties={name: _property_type(one) for name, one in entry["properties"].items()},
        attributes=frozenset(entry["attributes"]),
        update_policy=frozenset(entry["update_policy"]),
        reference=entry["reference"],
        any_attribute=entry.get("any_attribute", False),
        nested=entry.get("nested", False),
        snapshot=entry.get("snapshot", False),
        decides_replacement=entry.get("decides_replacement", False),
    )


def _property_type(entry: dict[str, Any]) -> PropertyType:
    return PropertyType(
        type=entry["type"],
        updatable=entry["update"],
        default=entry.get("default"),
        required=entry.get("required", False),
        implemented=not entry.get("unimplemented", False),
    )
