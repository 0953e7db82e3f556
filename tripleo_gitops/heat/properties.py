"""Property values: what Heat makes of a value that is handed to a property of some type."""

from __future__ import annotations

import json
from typing import Any

from tripleo_gitops.heat.scalars import split_list, to_number


def property_value(kind: str, value: Any, *, default: Any = None, converts: bool = False) -> Any:
    """Return `value` as a property of type `kind`; null gives the default or the type's zero value.

    `converts` is set for properties that stand for a template's parameters: text is then taken for a list,
    and text or a list for a mapping. Raises ValueError or TypeError for what does not fit.
    """
    if kind == "Any":
        return value
    if value is None:
        value = default if default is not None else _ZERO[kind]
    return _CONVERSIONS[kind](value, converts)


_ZERO: dict[str, Any] = {"String": "", "Integer": 0, "Number": 0, "Boolean": False, "Map": {}, "List": []}


def _string(value: Any, _converts: bool) -> str:  # noqa: FBT001 - all conversions have one signature
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    raise ValueError(f"must be text, this is a {type(value).__name__}")


def _integer(value: Any, _converts: bool) -> int:  # noqa: FBT001
    try:
        return int(value)
    except ValueError as exc:
        raise ValueError("must be a whole number") from exc


def _number(value: Any, _converts: bool) -> Any:  # noqa: FBT001
    try:
        return to_number(value)
    except ValueError as exc:
        raise ValueError("must be a number") from exc


def _boolean(value: Any, _converts: bool) -> bool:  # noqa: FBT001
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else None
    if word not in {"true", "false"}:
        raise ValueError("must be a boolean")
    return word == "true"


def _map(value: Any, converts: bool) -> Any:  # noqa: FBT001
    if isinstance(value, dict):
        return dict(value)
    if converts and isinstance(value, str):
        return value
    if converts and isinstance(value, list):
        return json.dumps(value)
    raise TypeError(f"must be a mapping, this is a {type(value).__name__}")


def _list(value: Any, converts: bool) -> list[Any]:  # noqa: FBT001
    if converts and isinstance(value, str):
        value = split_list(value)
    if not isinstance(value, list):
        raise TypeError(f"must be a list, this is a {type(value).__name__}")
    return list(value)


_CONVERSIONS = {
    "String": _string,
    "Integer": _integer,
    "Number": _number,
    "Boolean": _boolean,
    "Map": _map,
    "List": _list,
}

PARAMETER_KINDS = {
    "String": "String",
    "Number": "Number",
    "CommaDelimitedList": "List",
    "Json": "Map",
    "Boolean": "Boolean",
}
"""The type of the property that stands for a parameter of a template, by the parameter's type."""


def as_parameter(kind: str, value: Any) -> Any:
    """Return what a nested stack gets as a parameter for a property's value; lists become delimited text.

    Raises TypeError or AttributeError for a list of anything but text, or mixed with mappings, as Heat does.
    """
    if kind != "List":
        return value
    if not value:
        return ""
    if isinstance(value[0], dict):
        members = [f".member.{number}.{key}={item}" for number, one in enumerate(value) for key, item in one.items()]
        return ",".join(members)
    return ",".join("" if item is None else item for item in value)
