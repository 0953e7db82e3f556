"""Functions that look something up: parameters, resources, attributes, files, the facade, mappings."""

from __future__ import annotations

from typing import Any

from tripleo_gitops.heat.functions.call import (
    Behaviour,
    Call,
    Misuse,
    Scope,
    Unresolvable,
    accept_anything,
    behaviours,
    resolve,
    resolve_item,
    usage,
)

_ATTRIBUTE_FORM = "[resource, attribute, path, …]"
_FACADE_PARTS = {
    "metadata": "metadata",
    "deletion_policy": "deletion_policy",
    "update_policy": "update_policy",
    "Metadata": "metadata",
    "DeletionPolicy": "deletion_policy",
    "UpdatePolicy": "update_policy",
}


def _get_param(scope: Scope, name: str, arguments: Any) -> Any:
    found = resolve(arguments, scope)
    if not found:
        raise usage(name, "a parameter's name, or [name, path, …]")
    parameter, path = (found, []) if isinstance(found, str) else (found[0], found[1:])
    if not isinstance(parameter, str):
        raise Misuse("a parameter's name must be text")
    value = scope.parameter(parameter)
    try:
        for key in path:
            value = _step(value, key)
    except (KeyError, IndexError, Misuse):
        return ""
    return value


def _step(value: Any, key: Any) -> Any:
    if not isinstance(value, dict | list | str) or not isinstance(key, str | int):
        raise Misuse("no such path")
    if isinstance(value, list | str) and isinstance(key, str):
        try:
            key = int(key)
        except ValueError as exc:
            raise Misuse("no such path") from exc
    return value[key]


def _param_ref(scope: Scope, _name: str, arguments: Any) -> Any:
    return scope.parameter(resolve(arguments, scope))


def _get_resource(scope: Scope, _name: str, arguments: Any) -> Any:
    return scope.reference(resolve(arguments, scope))


def _ref(scope: Scope, _name: str, arguments: Any) -> Any:
    found = resolve(arguments, scope)
    return scope.reference(found) if scope.has_resource(found) else scope.parameter(found)


def _check_get_attr(name: str, arguments: Any) -> None:
    if not isinstance(arguments, list) or len(arguments) < 2:
        raise usage(name, _ATTRIBUTE_FORM)


def _check_get_attr_all(name: str, arguments: Any) -> None:
    if not arguments:
        raise usage(name, f"[resource] or {_ATTRIBUTE_FORM}")
    if isinstance(arguments, list | str) and len(arguments) == 1:
        return
    _check_get_attr(name, arguments)


def _check_cfn_get_att(name: str, arguments: Any) -> None:
    if not isinstance(arguments, list) or len(arguments) != 2:
        raise usage(name, "[resource, attribute]")


def _get_attr(scope: Scope, _name: str, arguments: Any) -> None:
    """Give null for any attribute: nothing exists yet when a template is validated."""
    for argument in arguments[1:]:
        resolve(argument, scope)
    scope.reference(resolve(arguments[0], scope))


def is_attribute_function(call: Call) -> bool:
    """Return whether a call gets an attribute."""
    return call.behaviour.result is _get_attr


def attribute_of(call: Call) -> tuple[Any, Any]:
    """Return the resource and the attribute (None: all of them) that an attribute function names."""
    resource, *path = call.arguments
    return resource, path[0] if path else None


def is_input(call: Call) -> bool:
    """Return whether a call brings something in from outside its arguments that may differ between two sides."""
    return call.behaviour.result in {_get_param, _param_ref, _ref, _get_file, _facade, _find_in_map}


def parameter_of(call: Call) -> str | None:
    """Return the parameter that a call gets, or None for a call that gets no parameter or computes its name."""
    if call.behaviour.result not in {_get_param, _param_ref, _ref}:
        return None
    found = call.arguments[0] if isinstance(call.arguments, list) and call.arguments else call.arguments
    return found if isinstance(found, str) else None


def resource_of(call: Call) -> Any:
    """Return the resource, not computed yet, that a call refers to, or None for a call that refers to none."""
    if call.behaviour.result in {_get_resource, _ref}:
        return call.arguments
    return call.arguments[0] if is_attribute_function(call) else None


def _get_file(scope: Scope, name: str, arguments: Any) -> str:
    path = resolve(arguments, scope)
    if not isinstance(path, str):
        raise Misuse(f"the argument of {name} must be text")
    content = scope.file(path)
    if content is None:
        raise Unresolvable(f"{name}: {path} is not among the files")
    return content


def _check_facade(name: str, arguments: Any) -> None:
    if isinstance(arguments, Call | dict | list) or arguments not in _FACADE_PARTS:
        raise usage(name, "one of metadata, deletion_policy, update_policy")


def _facade(scope: Scope, _name: str, arguments: Any) -> Any:
    return scope.facade(_FACADE_PARTS[arguments])


def _check_find_in_map(name: str, arguments: Any) -> None:
    if not isinstance(arguments, list) or len(arguments) != 3:
        raise usage(name, "[mapping, key, name]")


def _find_in_map(scope: Scope, _name: str, arguments: Any) -> Any:
    mapping, key, name = resolve(arguments, scope)
    return scope.mapping(mapping)[key][name]


def _availability_zones(_scope: Scope, name: str, _arguments: Any) -> Any:
    raise Unresolvable(f"{name}: only Nova knows the availability zones")


def _removed(scope: Scope, name: str, arguments: Any) -> Any:
    return {name: resolve(arguments, scope)}


def _validate_removed(name: str, _arguments: Any) -> None:
    raise Misuse(f"the function {name} is not in this version of the template format")


def _chosen(scope: Scope, _name: str, arguments: Any) -> Any:
    return resolve_item(arguments, scope)


def _refuse(name: str, _arguments: Any) -> None:
    raise Misuse(f"the function {name} cannot be used here")


REFERENCE_BEHAVIOURS = behaviours(
    get_param=Behaviour(accept_anything, _get_param),
    param_ref=Behaviour(accept_anything, _param_ref),
    get_resource=Behaviour(accept_anything, _get_resource),
    ref=Behaviour(accept_anything, _ref),
    get_attr_then_select=Behaviour(_check_get_attr, _get_attr),
    get_attr=Behaviour(_check_get_attr, _get_attr),
    get_attr_all=Behaviour(_check_get_attr_all, _get_attr),
    cfn_get_att=Behaviour(_check_cfn_get_att, _get_attr),
    get_file=Behaviour(accept_anything, _get_file),
    facade=Behaviour(_check_facade, _facade),
    find_in_map=Behaviour(_check_find_in_map, _find_in_map),
    availability_zones=Behaviour(accept_anything, _availability_zones),
    removed=Behaviour(accept_anything, _removed, _validate_removed),
    chosen=Behaviour(accept_anything, _chosen),
    refused=Behaviour(_refuse, _removed),
)
