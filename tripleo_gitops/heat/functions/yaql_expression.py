"""The function `yaql`: an expression over data, computed by the library that Heat computes it with."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any

from tripleo_gitops.heat.functions.call import (
    Behaviour,
    Call,
    Misuse,
    Scope,
    TooMuch,
    Unresolvable,
    behaviours,
    resolve,
    usage,
)
from tripleo_gitops.heat.functions.yaql_patterns import Matches, register_patterns
from tripleo_gitops.heat.limits import MAX_CALLS, HeatLimits


def _check(name: str, arguments: Any) -> None:
    if not isinstance(arguments, dict):
        raise Misuse(f"the arguments of {name} must be a mapping")
    if "expression" not in arguments or set(arguments) - {"expression", "data"}:
        raise usage(name, "{expression: $.data.name, data: {name: value}}")


def _validate(name: str, arguments: Any) -> None:
    expression = arguments["expression"]
    if isinstance(expression, Call):
        return
    if not isinstance(expression, str):
        raise Misuse(f"the expression of {name} must be text")
    try:
        parse_expression(expression)
    except Unresolvable as exc:
        raise Misuse(str(exc)) from exc


def _yaql(scope: Scope, name: str, arguments: Any) -> Any:
    expression = resolve(arguments["expression"], scope)
    if not isinstance(expression, str):
        raise Misuse(f"the expression of {name} must be text")
    return evaluate(expression, resolve(arguments.get("data", {}), scope), limits=scope.limits)


def evaluate(expression: str, data: Any, *, limits: HeatLimits) -> Any:
    """Return the expression's value over `{"data": data}`, within Heat's limits, not to be changed.

    Raises Unresolvable. Both sides of a diff compute most of the same: what was computed last is remembered.
    """
    return _evaluated(expression, _Data(data, json.dumps(data, default=repr)), limits)


@dataclass(frozen=True, slots=True)
class _Data:
    """Data that is told from other data by its text."""

    value: Any = field(compare=False)
    text: str


@lru_cache(maxsize=1024)
def _evaluated(expression: str, data: _Data, limits: HeatLimits) -> Any:
    library = _library()
    try:
        statement = _statement(expression, limits)
        return statement.evaluate({"data": data.value}, _counting_context_type()(standard_context()))
    except (
        library.language.exceptions.YaqlException,
        re.error,
        StopIteration,
        RuntimeError,
    ) as exc:  # may quote the data
        raise Unresolvable(f"the yaql expression cannot be computed ({type(exc).__name__})") from exc


def parse_expression(expression: str) -> Any:
    """Return an expression as yaql parses it; raise Unresolvable for what is none."""
    library = _library()
    try:
        return _statement(expression, HeatLimits())
    except library.language.exceptions.YaqlException as exc:
        raise Unresolvable(f"yaql: {exc}") from exc


_PARSING = Lock()
"""yaql's parser keeps its place in itself: two threads in it at once would spoil each other's expressions."""


@lru_cache(maxsize=1)
def _library() -> Any:
    # It builds a grammar and 300 functions when it is first used: 0.2 s that most plans never need.
    import yaql  # noqa: PLC0415
    import yaql.language.exceptions  # noqa: PLC0415

    return yaql


@lru_cache(maxsize=4)
def engine_of(limits: HeatLimits) -> Any:
    """Return what parses and computes expressions within limits."""
    options = {"yaql.limitIterators": limits.yaql_limit_iterators, "yaql.memoryQuota": limits.yaql_memory_quota}
    return _library().YaqlFactory().create(options)


@lru_cache(maxsize=1)
def standard_context() -> Any:
    """Return the functions that expressions may call."""
    found = _library().create_context().create_child_context()
    register_patterns(found)
    return found


@lru_cache(maxsize=1)
def _counting_context_type() -> Any:
    """Return a type of contexts that count the calls made in them and in those below; a call too many ends all."""
    _library()
    from yaql.language.contexts import Context  # noqa: PLC0415

    class CountingContext(Context):  # type: ignore[misc]  # yaql has no types
        def __init__(self, parent: Any, *arguments: Any, **options: Any) -> None:
            super().__init__(parent, *arguments, **options)
            self.calls: list[int] = getattr(parent, "calls", None) or [0]
            self.matches: Matches = getattr(parent, "matches", None) or Matches()

        def collect_functions(self, *arguments: Any, **options: Any) -> Any:
            self.calls[0] += 1
            if self.calls[0] > MAX_CALLS:
                raise TooMuch(f"the yaql expression makes more than {MAX_CALLS} calls; make its data smaller")
            return super().collect_functions(*arguments, **options)

    return CountingContext


@lru_cache(maxsize=1024)
def _statement(expression: str, limits: HeatLimits) -> Any:
    with _PARSING:
        return engine_of(limits)(expression)


YAQL_BEHAVIOURS = behaviours(yaql=Behaviour(_check, _yaql, _validate))
