"""Calls of template functions: their form, and how a snippet with calls in it becomes a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.heat.limits import ITEM_SIZE, MAX_VALUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.heat.limits import HeatLimits

OMITTED = Ellipsis
"""What an `if` without an else gives: the enclosing item is treated as not written."""


class Unresolvable(Exception):
    """A function cannot be computed now, or its arguments are wrong; Heat then takes the property's zero value."""


class Misuse(ValueError):
    """A function's arguments are wrong in a way that can be said; what is said never holds a value."""


class MissingParameter(Unresolvable):
    """A parameter that has neither a value nor a default, or that does not exist."""


class TooMuch(InvalidInput):
    """A function that would fill the memory, or take for ever; no zero value stands for that."""

    reason = "TooMuch"


class Room:
    """What is left for one call of a function, or for whatever it is named after, to make."""

    def __init__(self, name: str, limit: int = MAX_VALUE) -> None:
        self._name, self._limit, self._left = name, limit, limit

    def take(self, size: int) -> None:
        """Count bytes that are about to be made; raises TooMuch."""
        self._left -= size
        if self._left < 0:
            raise TooMuch(f"{self._name} makes more than {self._limit} bytes; make its arguments smaller")

    def take_value(self, value: Any) -> int:
        """Count all that is in a value, as often as it is there, and return how much that is; raises TooMuch."""
        before, rest = self._left, [value]
        while rest:
            one = rest.pop()
            if isinstance(one, str):
                self.take(len(one))
            elif isinstance(one, dict | list):
                self.take(ITEM_SIZE * (len(one) + 1))
                rest.extend(one.values() if isinstance(one, dict) else one)
        return before - self._left


class Scope(Protocol):
    """The stack that functions are computed in."""

    limits: HeatLimits

    def parameter(self, name: str) -> Any:
        """Return a parameter's typed value; raises MissingParameter, ValueError."""
        ...

    def reference(self, name: Any) -> Any:
        """Return what `get_resource` gives for a resource before it exists; raises Unresolvable for none."""
        ...

    def has_resource(self, name: Any) -> bool:
        """Return whether the stack has such a resource."""
        ...

    def file(self, path: str) -> str | None:
        """Return a file of the bundle, or None."""
        ...

    def facade(self, part: str) -> Any:
        """Return the metadata, deletion policy or update policy of the resource that this stack stands for."""
        ...

    def mapping(self, name: Any) -> Any:
        """Return one of the template's Mappings; raises KeyError."""
        ...

    def is_enabled(self, condition: Any) -> bool:
        """Return a condition's value by name; booleans are themselves."""
        ...


Check = Callable[[str, Any], object]
Result = Callable[[Scope, str, Any], Any]


def accept_anything(_name: str, _arguments: Any) -> None:
    """Demand nothing of the arguments."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a function demands of its arguments when a template is read, and what it gives when computed.

    `check` raises ValueError, TypeError or KeyError; `result` may raise any of `FAILURES`. `validate` is what Heat
    demands beyond that of the template of a stack that is not nested; it raises what `check` does.
    """

    check: Check
    result: Result
    validate: Check = accept_anything


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments, themselves parsed."""

    name: str
    behaviour: Behaviour
    arguments: Any


FAILURES = (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)
"""What Python raises for arguments of the wrong shape."""


def resolve(parsed: Any, scope: Scope) -> Any:
    """Return the value of a parsed snippet; raises Unresolvable where one of its functions has none."""
    value = resolve_item(parsed, scope)
    return None if value is OMITTED else value


def resolve_item(parsed: Any, scope: Scope) -> Any:
    """Return the value of an item of a collection; OMITTED for one that is to be left out."""
    if isinstance(parsed, Call):
        try:
            return parsed.behaviour.result(scope, parsed.name, parsed.arguments)
        except Misuse as exc:
            raise Unresolvable(f"{parsed.name}: {exc}") from exc
        except FAILURES as exc:  # its text may quote a value, which may be hidden
            raise Unresolvable(f"{parsed.name} cannot be computed from these arguments") from exc
    if isinstance(parsed, dict):
        items = ((key, resolve_item(value, scope)) for key, value in parsed.items())
        return {key: value for key, value in items if value is not OMITTED}
    if isinstance(parsed, list):
        values = (resolve_item(value, scope) for value in parsed)
        return [value for value in values if value is not OMITTED]
    return parsed


def usage(name: str, example: str) -> Misuse:
    """Return the error for arguments of the wrong form."""
    return Misuse(f"wrong arguments of {name}; its form is {example}")


def demand_pair(name: str, arguments: Any, example: str) -> tuple[Any, Any]:
    """Return the two arguments of a list of two; raises ValueError with the right form."""
    if not isinstance(arguments, list) or len(arguments) != 2:
        raise usage(name, example)
    return arguments[0], arguments[1]


def behaviours(**named: Behaviour) -> Mapping[str, Behaviour]:
    """Return behaviours by the names that versions.py gives them."""
    return named
