"""Functions that make or search lists."""

from __future__ import annotations

import itertools
import json
from typing import Any

from tripleo_gitops.heat.functions.call import (
    Behaviour,
    Call,
    Misuse,
    Room,
    Scope,
    accept_anything,
    behaviours,
    demand_pair,
    resolve,
    usage,
)
from tripleo_gitops.heat.limits import ITEM_SIZE


def _check_repeat(name: str, arguments: Any) -> None:
    if not isinstance(arguments, dict):
        raise Misuse(f"the arguments of {name} must be a mapping")
    if "for_each" not in arguments or "template" not in arguments:
        raise usage(name, "{template: this is %name%, for_each: {%name%: [a, b]}}")


def _validate_repeat(name: str, arguments: Any) -> None:
    if not isinstance(arguments["for_each"], dict | Call):
        raise Misuse(f"for_each of {name} must be a mapping")


def _check_repeat_with_nested_loop(name: str, arguments: Any) -> None:
    _check_repeat(name, arguments)
    if not isinstance(arguments.get("permutations", True), bool):
        raise Misuse(f"the permutations of {name} must be true or false")


def _repeat(scope: Scope, _name: str, arguments: Any) -> list[Any]:
    return _repeated(scope, arguments, sources=(list,))


def _repeat_with_map(scope: Scope, _name: str, arguments: Any) -> list[Any]:
    return _repeated(scope, arguments, sources=(list, dict))


def _repeat_with_nested_loop(scope: Scope, _name: str, arguments: Any) -> list[Any]:
    if arguments.get("permutations", True):
        return _repeated(scope, arguments, sources=(list, dict))
    return _repeated(scope, arguments, sources=(list,), in_step=True)


def _repeated(
    scope: Scope, arguments: dict[str, Any], *, sources: tuple[type, ...], in_step: bool = False
) -> list[Any]:
    names, given = zip(*resolve(arguments["for_each"], scope).items(), strict=True)
    for values in given:
        if values is not None and not isinstance(values, sources):
            raise Misuse("for_each needs lists of values")
    columns = [[] if values is None else values for values in given]
    if in_step and len({len(values) for values in given if values is not None}) > 1:
        raise Misuse("without permutations all lists of for_each must be equally long")
    template = resolve(arguments["template"], scope)
    rows = zip(*columns, strict=False) if in_step else itertools.product(*columns)
    room = Room("repeat")
    return [_filled(template, list(zip(names, row, strict=True)), room) for row in rows]


def _filled(template: Any, pairs: list[tuple[str, Any]], room: Room) -> Any:
    room.take(ITEM_SIZE)
    if isinstance(template, str):
        for name, value in pairs:
            room.take(template.count(name) * len(value))
            template = template.replace(name, value)
        return template
    if isinstance(template, list):
        return [_filled(item, pairs, room) for item in template]
    if isinstance(template, dict):
        return {_filled(key, pairs, room): _filled(value, pairs, room) for key, value in template.items()}
    return template


def _check_filter(name: str, arguments: Any) -> None:
    demand_pair(name, arguments, "[values, list]")


def _filter(scope: Scope, _name: str, arguments: Any) -> Any:
    sequence = resolve(arguments[1], scope)
    if not sequence:
        return sequence
    if not isinstance(sequence, list):
        raise Misuse("only lists can be filtered")
    values = resolve(arguments[0], scope)
    if not values:
        return sequence
    if not isinstance(values, list):
        raise Misuse("what to leave out must be a list")
    return [item for item in sequence if item not in values]


def _list_concat(scope: Scope, name: str, arguments: Any) -> list[Any]:
    room = Room(name)
    found = resolve(arguments, scope)
    if not isinstance(found, list):
        raise usage(name, "[[value, value], [value]]")
    result: list[Any] = []
    for items in found:
        if items is not None and not isinstance(items, list):
            raise Misuse("items to concatenate must be lists")
        room.take(ITEM_SIZE * len(items or ()))
        result.extend(items or ())
    return result


def _list_concat_unique(scope: Scope, name: str, arguments: Any) -> list[Any]:
    unique: list[Any] = []
    for item in _list_concat(scope, name, arguments):
        if item not in unique:
            unique.append(item)
    return unique


def _check_contains(name: str, arguments: Any) -> None:
    demand_pair(name, arguments, "[value, [value, value]]")


def _contains(scope: Scope, _name: str, arguments: Any) -> bool:
    value, sequence = resolve(arguments[0], scope), resolve(arguments[1], scope)
    if not isinstance(sequence, list | str):
        raise Misuse("the second argument must be a list")
    return value in sequence


def _check_select(name: str, arguments: Any) -> None:
    demand_pair(name, arguments, "[index, list or mapping]")


def _select(scope: Scope, _name: str, arguments: Any) -> Any:
    index, found = resolve(arguments[0], scope), resolve(arguments[1], scope)
    if found in ("", None):
        return ""
    if isinstance(found, str):
        found = json.loads(found)
    if isinstance(found, dict):
        if not isinstance(index, str):
            raise Misuse("the index of a mapping must be text")
        return found.get(index, "")
    if not isinstance(found, list):
        raise Misuse("only lists and mappings can be selected from")
    position = int(index)
    return found[position] if -len(found) <= position < len(found) else ""


LIST_BEHAVIOURS = behaviours(
    repeat=Behaviour(_check_repeat, _repeat, _validate_repeat),
    repeat_with_map=Behaviour(_check_repeat, _repeat_with_map, _validate_repeat),
    repeat_with_nested_loop=Behaviour(_check_repeat_with_nested_loop, _repeat_with_nested_loop, _validate_repeat),
    filter=Behaviour(_check_filter, _filter),
    list_concat=Behaviour(accept_anything, _list_concat),
    list_concat_unique=Behaviour(accept_anything, _list_concat_unique),
    contains=Behaviour(_check_contains, _contains),
    select=Behaviour(_check_select, _select),
)
