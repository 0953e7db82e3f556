"""Writes the table of Heat's built-in resource types from the Heat that is installed: run it when Heat is upgraded.

python tests/heat/generate_resource_types.py > tripleo_gitops/heat/data/resource_types.json
"""

from __future__ import annotations

import json
import sys
from typing import Any

from heat.engine import resource, resources
from heat.engine.resources.stack_resource import StackResource

REFERENCES = {None: "null", "NAME": "name", "None": "text"}


def describe_types() -> dict[str, Any]:
    """Return type name → its properties, attributes and ways, of all plug-ins of the installed Heat."""
    resources.initialise()
    registry = resources.global_env().registry._registry
    classes = {name: info.value for name, info in registry.items() if hasattr(info, "value")}
    return {name: describe(cls) for name, cls in sorted(classes.items()) if isinstance(cls, type)}


def describe(cls: Any) -> dict[str, Any]:
    flags = {
        "any_attribute": cls.get_attribute is not resource.Resource.get_attribute
        or cls.FnGetAtt is not resource.Resource.FnGetAtt,
        "nested": issubclass(cls, StackResource),
        "snapshot": callable(getattr(cls, "handle_snapshot_delete", None)),
        "decides_replacement": cls.needs_replace_with_prop_diff is not resource.Resource.needs_replace_with_prop_diff,
    }
    return {
        "attributes": sorted({*cls.attributes_schema, *cls.base_attributes_schema}),
        "properties": {name: describe_property(one) for name, one in sorted(cls.properties_schema.items())},
        "reference": reference_of(cls),
        "update_policy": sorted(cls.update_policy_schema),
        **{name: True for name, value in flags.items() if value},
    }


def describe_property(schema: Any) -> dict[str, Any]:
    described = {"type": schema.type, "update": bool(schema.update_allowed)}
    if schema.default is not None:
        described["default"] = schema.default
    if schema.required:
        described["required"] = True
    if not schema.implemented:
        described["unimplemented"] = True
    return described


def reference_of(cls: Any) -> str:
    """Return what get_resource gives before the resource exists: its name, null, or the text None."""
    one = object.__new__(cls)
    one.resource_id = one.id = one.uuid = None
    one.name, one.action, one._data = "NAME", "INIT", {}
    try:
        return REFERENCES[one.get_reference_id()]
    except AttributeError:
        return "name"


def main() -> None:
    types = describe_types()
    lines = [f"{json.dumps(name)}: {json.dumps(one, sort_keys=True)}" for name, one in types.items()]
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
