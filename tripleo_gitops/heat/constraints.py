"""Constraints of parameters: reading them, checking a value against them, and Heat's way to list them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.scalars import to_boolean, to_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

STRING, NUMBER, LIST, JSON, BOOLEAN = TYPES = ("String", "Number", "CommaDelimitedList", "Json", "Boolean")
PATTERN_SECONDS = 1.0
_NUMERIC = frozenset({NUMBER})
_SIZED = frozenset({STRING, LIST, JSON})
_LISTED = frozenset({STRING, NUMBER, BOOLEAN, LIST})


class PatternTooSlow(Exception):  # named by what happened
    """A pattern that is not done with a value within the time limit."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One rule for a parameter's value; `kind` is HOT's word for it."""

    kind: str
    low: float | None = None
    high: float | None = None
    allowed: tuple[Any, ...] = ()
    text: str = ""
    description: str | None = None

    def fits_type(self, type_name: str) -> bool:
        """Return whether Heat lets a parameter of this type have this constraint."""
        return type_name in _TYPES_OF[self.kind]

    def to_heat(self) -> Iterator[tuple[str, Any]]:
        """Yield the keys that this constraint adds to a parameter in Heat's answer."""
        if self.kind in _BOUND_KEYS:
            low_key, high_key = _BOUND_KEYS[self.kind]
            if self.low is not None:
                yield low_key, self.low
            if self.high is not None:
                yield high_key, self.high
        elif self.kind == "allowed_values":
            yield "AllowedValues", list(self.allowed)
        elif self.kind == "allowed_pattern":
            yield "AllowedPattern", self.text
        else:
            yield "CustomConstraint", self.text

    def problem(self, value: Any, type_name: str) -> str | None:
        """Return what is wrong with `value` of a parameter of this type, or None; custom constraints pass."""
        try:
            if _CHECKS[self.kind](self, value, type_name):
                return None
        except PatternTooSlow:
            return (
                f"takes over {PATTERN_SECONDS:g} s to compare with the pattern {self.text[:200]!r}; make that simpler"
            )
        return self.description or self._problem_in_our_words()

    def _problem_in_our_words(self) -> str:
        if self.kind in _BOUND_KEYS:
            return f"does not fit the {self.kind} constraint ({self.low} to {self.high})"
        if self.kind == "allowed_values":
            return f"is none of {', '.join(map(str, self.allowed))}"
        return f"does not match the pattern {self.text!r}"


def _is_in_range(constraint: Constraint, value: Any, _type: str) -> bool:
    return _is_between(constraint, to_number(value))


def _is_of_length(constraint: Constraint, value: Any, _type: str) -> bool:
    return _is_between(constraint, len(value))


def _is_between(constraint: Constraint, value: float) -> bool:
    if constraint.low is not None and value < constraint.low:
        return False
    return constraint.high is None or value <= constraint.high


def _is_multiple(constraint: Constraint, value: Any, _type: str) -> bool:
    return bool(to_number(value) % (constraint.low or 1) == constraint.high)


def _is_listed(constraint: Constraint, value: Any, type_name: str) -> bool:
    if isinstance(value, list):
        return all(item in constraint.allowed for item in value)
    return _typed(value, type_name) in [_typed(item, type_name) for item in constraint.allowed]


def _typed(value: Any, type_name: str) -> Any:
    if type_name == NUMBER:
        return to_number(value)
    if type_name == BOOLEAN:
        return to_boolean(value)
    return str(value) if type_name == STRING else value


def _is_match(constraint: Constraint, value: Any, _type: str) -> bool:
    # The expression is somebody else's: `regex` is `re` with a time limit. It is imported when one is met, as few are.
    import regex  # noqa: PLC0415

    try:
        found = regex.match(constraint.text, value, timeout=PATTERN_SECONDS)
    except TimeoutError as exc:
        raise PatternTooSlow from exc
    return found is not None and found.end() == len(value)  # Heat's rule: the first match must reach the end


def _is_unknown(_constraint: Constraint, _value: Any, _type: str) -> bool:
    """Custom constraints ask a service; Heat leaves them out when it checks defaults."""
    return True


_CHECKS: dict[str, Callable[[Constraint, Any, str], bool]] = {
    "range": _is_in_range,
    "length": _is_of_length,
    "modulo": _is_multiple,
    "allowed_values": _is_listed,
    "allowed_pattern": _is_match,
    "custom_constraint": _is_unknown,
}
_BOUND_KEYS = {
    "range": ("MinValue", "MaxValue"),
    "length": ("MinLength", "MaxLength"),
    "modulo": ("Step", "Offset"),
}
_TYPES_OF = {
    "range": _NUMERIC,
    "modulo": _NUMERIC,
    "length": _SIZED,
    "allowed_values": _LISTED,
    "allowed_pattern": frozenset({STRING}),
    "custom_constraint": _LISTED,
}
_HOT_KEYS = frozenset({"description", *_CHECKS})


def parse_hot_constraint(entry: object, *, has_modulo: bool) -> Constraint:
    """Return one entry of a HOT parameter's `constraints`; raises ValueError or TypeError with what is wrong."""
    if not isinstance(entry, dict):
        raise TypeError("a constraint must be a mapping")
    _refuse_unknown(entry, _HOT_KEYS)
    kinds = ("modulo", *_ORDER) if has_modulo else _ORDER
    for kind in kinds:
        if kind in entry:
            return _hot_constraint(kind, entry[kind], entry.get("description"))
    raise ValueError(f"no constraint is expressed; known are {', '.join(kinds)}")


_ORDER = ("range", "length", "allowed_values", "allowed_pattern", "custom_constraint")


def _hot_constraint(kind: str, content: Any, description: str | None) -> Constraint:
    if kind not in _BOUND_KEYS:
        return _plain_constraint(kind, content, description)
    keys = ("step", "offset") if kind == "modulo" else ("min", "max")
    if not isinstance(content, dict):
        raise TypeError(f"the {kind} constraint must be a mapping")
    _refuse_unknown(content, keys)
    return bounds(kind, content.get(keys[0]), content.get(keys[1]), description)


def _refuse_unknown(entry: Mapping[Any, Any], known: Sequence[str] | frozenset[str]) -> None:
    unknown = [key for key in entry if key not in known]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no key of a constraint; known are {', '.join(sorted(known))}")


def bounds(kind: str, low: Any, high: Any, description: str | None) -> Constraint:
    """Return a range, length or modulo constraint; raises ValueError for bounds that Heat refuses."""
    first, second = _bound(low), _bound(high)
    if kind == "modulo":
        _check_modulo(first, second)
    elif first is None and second is None:
        raise ValueError(f"a {kind} constraint needs a min or a max")
    elif kind == "length" and any(isinstance(bound, float) for bound in (first, second)):
        raise ValueError("a length must be a whole number")
    return Constraint(kind, low=first, high=second, description=description)


def _bound(value: Any) -> float | None:
    try:
        number = None if value is None else to_number(value)
    except (TypeError, ValueError) as exc:
        raise ValueError(f"{value!r} is no number") from exc
    return number


def _check_modulo(step: float | None, offset: float | None) -> None:
    if step is None or offset is None:
        raise ValueError("a modulo constraint needs a step and an offset")
    if int(step) != step or int(offset) != offset:
        raise ValueError("step and offset must be whole numbers")
    if step == 0 or abs(offset) >= abs(step) or step * offset < 0:
        raise ValueError("step must not be 0, offset must be smaller than it and of the same sign")


def _plain_constraint(kind: str, content: Any, description: str | None) -> Constraint:
    if kind == "allowed_values":
        if not isinstance(content, list):
            raise TypeError("allowed values must be a list")
        return Constraint(kind, allowed=tuple(content), description=description)
    if kind == "allowed_pattern":
        return pattern(content, description)
    return Constraint(kind, text=content, description=description)


def pattern(content: Any, description: str | None) -> Constraint:
    """Return an allowed_pattern constraint; raises ValueError or TypeError for what is no regular expression."""
    if not isinstance(content, str):
        raise TypeError("an allowed pattern must be text")
    try:
        re.compile(content)
    except (re.error, OverflowError, RecursionError) as exc:
        raise ValueError(f"{content[:200]!r} is no regular expression: {exc}") from exc
    return Constraint("allowed_pattern", text=content, description=description)


def allowed_values(content: Any, description: str | None) -> Constraint:
    """Return an allowed_values constraint; raises TypeError for what is no list."""
    return _plain_constraint("allowed_values", content, description)
