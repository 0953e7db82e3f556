"""Functions of conditions."""

from __future__ import annotations

from typing import Any

from tripleo_gitops.heat.functions.call import Behaviour, Scope, behaviours, demand_pair, resolve, usage


def _check_equals(name: str, arguments: Any) -> None:
    demand_pair(name, arguments, "[value, value]")


def _equals(scope: Scope, _name: str, arguments: Any) -> bool:
    return bool(resolve(arguments[0], scope) == resolve(arguments[1], scope))


def _check_not(name: str, arguments: Any) -> None:
    if arguments is None:
        raise usage(name, "a condition")


def _not(scope: Scope, _name: str, arguments: Any) -> bool:
    return not scope.is_enabled(resolve(arguments, scope))


def _check_cfn_not(name: str, arguments: Any) -> None:
    if not isinstance(arguments, list) or len(arguments) != 1:
        raise usage(name, "[condition]")


def _cfn_not(scope: Scope, _name: str, arguments: Any) -> bool:
    return not scope.is_enabled(resolve(arguments[0], scope))


def _check_several(name: str, arguments: Any) -> None:
    if not isinstance(arguments, list) or len(arguments) < 2:
        raise usage(name, "[condition, condition, …], at least two")


def _and(scope: Scope, _name: str, arguments: Any) -> bool:
    return all(scope.is_enabled(condition) for condition in resolve(arguments, scope))


def _or(scope: Scope, _name: str, arguments: Any) -> bool:
    return any(scope.is_enabled(condition) for condition in resolve(arguments, scope))


LOGIC_BEHAVIOURS = {
    "equals": Behaviour(_check_equals, _equals),
    "not": Behaviour(_check_not, _not),
    "and": Behaviour(_check_several, _and),
    "or": Behaviour(_check_several, _or),
    **behaviours(cfn_not=Behaviour(_check_cfn_not, _cfn_not)),
}
