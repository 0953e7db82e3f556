"""Which functions a yaql expression calls that yaql does not have, told without computing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.functions.call import Unresolvable
from tripleo_gitops.heat.functions.yaql_expression import engine_of, parse_expression, standard_context
from tripleo_gitops.heat.limits import HeatLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXPRESSIONS = "yaql.language.expressions"
_INNER_NAMES = ("#", "*")
_METHOD_OPERATORS = ("#operator_.", "#operator_?.")
_DEFINING = "def"


@dataclass(frozen=True, slots=True)
class _Call:
    """A name that is called; of a method also what it is called on, as parsed."""

    name: str
    receiver: Any = None

    @property
    def is_known(self) -> bool:
        overloads = [one for level in standard_context().collect_functions(self.name) for one in level]
        if self.receiver is None:
            return any(one.is_function for one in overloads)
        return any(one.is_method and _takes(one, self.receiver) for one in overloads)


def unknown_functions(expression: str) -> tuple[str, ...]:
    """Return the functions and methods that an expression calls and yaql does not have, sorted.

    A method that yaql has only for other types (`format` is one of dates) is told where it is called on something that
    is written out. None are told of what is no expression, or defines functions itself.
    """
    try:
        found = list(_calls(parse_expression(expression)))
    except Unresolvable:
        return ()
    if any(one.name == _DEFINING for one in found):
        return ()
    return tuple(sorted({one.name for one in found if not one.is_known}))


def _calls(node: Any, receiver: Any = None) -> Iterator[_Call]:
    """Yield each call below a node of a parsed expression; a node that follows a dot has a receiver."""
    if isinstance(node, list | tuple):
        for one in node:
            yield from _calls(one)
        return
    if type(node).__module__ != _EXPRESSIONS:
        return
    name = getattr(node, "name", None)
    if name in _METHOD_OPERATORS:
        yield from _calls(node.args[0])
        yield from _calls(node.args[1], node.args[0])
        return
    if isinstance(name, str) and not name.startswith(_INNER_NAMES):
        yield _Call(name, receiver)
    for one in vars(node).values():
        yield from _calls(one)


def _takes(overload: Any, receiver: Any) -> bool:
    """Return whether a method may be called on a receiver, as far as can be told of what is not computed."""
    if type(receiver).__name__ != "Constant":
        return True
    from yaql.language.yaqltypes import HiddenParameterType  # noqa: PLC0415  # as slow to load as all of yaql

    shown = [one for one in overload.parameters.values() if not isinstance(one.value_type, HiddenParameterType)]
    first = min(shown, key=lambda one: len(shown) if one.position is None else one.position, default=None)
    if first is None:
        return True
    return bool(first.value_type.check(receiver.value, standard_context(), engine_of(HeatLimits())))
