"""Functions that make mappings."""

from __future__ import annotations

from typing import Any

from tripleo_gitops.heat.functions.call import Behaviour, Misuse, Scope, accept_anything, behaviours, resolve, usage

_REPLACE_FORM = "[{key: value}, {keys: {key: new key}, values: {value: new value}}]"


def _map_merge(scope: Scope, name: str, arguments: Any) -> dict[Any, Any]:
    found = resolve(arguments, scope)
    if not isinstance(found, list | str):  # text is a sequence to Heat, and empty text one of no mappings
        raise usage(name, "[{key: value}, {key: value}]")
    merged: dict[Any, Any] = {}
    for one in found:
        merged.update(_mapping(one))
    return merged


def _mapping(value: Any) -> dict[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Misuse(f"a mapping is needed, this is a {type(value).__name__}")
    return value


def _map_replace(scope: Scope, name: str, arguments: Any) -> dict[Any, Any]:
    found = resolve(arguments, scope)
    if not isinstance(found, list) or len(found) != 2:
        raise usage(name, _REPLACE_FORM)
    source, rules = map(_mapping, found)
    if set(rules) - {"keys", "values"}:
        raise usage(name, _REPLACE_FORM)
    new_keys, new_values = _mapping(rules.get("keys")), _mapping(rules.get("values"))
    result: dict[Any, Any] = {}
    for key, value in source.items():
        new_key = new_keys.get(key)
        if new_key is None:
            new_key = key
        elif (new_key in source and new_key != key) or new_key in result:
            raise Misuse("a new key collides with another")
        result[new_key] = _replaced_value(new_values, value)
    return result


def _replaced_value(new_values: dict[Any, Any], value: Any) -> Any:
    return value if isinstance(value, dict | list) else new_values.get(value, value)


def _check_member_list(name: str, arguments: Any) -> None:
    if not isinstance(arguments, list) or len(arguments) != 3:
        raise usage(name, '["Name", "Value", [".member.0.Name=key", ".member.0.Value=value"]]')
    if not all(isinstance(argument, str) for argument in arguments[:2]):
        raise Misuse(f"the names of {name} must be text")


def _member_list_to_map(scope: Scope, _name: str, arguments: Any) -> dict[str, str]:
    key_name, value_name, _ = arguments
    partials = dict(item.split("=", 1) for item in resolve(arguments[2], scope))
    members: dict[str, dict[str, str]] = {}
    for text, value in partials.items():
        _, _, rest = text.partition("member.")
        number, _, part = rest.partition(".")
        members.setdefault(number, {})[part] = value
    ordered = [member for _, member in sorted(members.items()) if key_name in member and value_name in member]
    return {member[key_name]: member[value_name] for member in ordered}


MAP_BEHAVIOURS = behaviours(
    map_merge=Behaviour(accept_anything, _map_merge),
    map_replace=Behaviour(accept_anything, _map_replace),
    member_list_to_map=Behaviour(_check_member_list, _member_list_to_map),
)
