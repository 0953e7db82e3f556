"""Which parameters of nested stacks are made of hidden ones: their values must not be seen either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tripleo_gitops.heat.stack import Stack

Path = tuple[str, ...]
_PARAMETER_FUNCTIONS = ("get_param", "Ref")
_CONDITION_FUNCTIONS = ("if", "Fn::If")
_EVERYTHING = "*"


class Taint:
    """For each of some stacks, the parameters that are hidden or computed from hidden ones."""

    def __init__(self, stacks: Iterable[tuple[Path, Stack]], hidden: frozenset[str]) -> None:
        """Take stacks by path, each after the one that holds it."""
        self._names: dict[Path, frozenset[str]] = {}
        for path, stack in stacks:
            above = _from_above(stack, self._names[path[:-1]]) if path else frozenset()
            self._names[path] = (hidden & stack.parameters.keys()) | above

    def covers(self, path: Path, name: str) -> bool:
        """Return whether a parameter of a stack must not be seen."""
        names = self._names.get(path, frozenset())
        return name in names or _EVERYTHING in names


def _from_above(stack: Stack, secret: frozenset[str]) -> frozenset[str]:
    if not secret or stack.parent is None:
        return frozenset()
    everything = frozenset({_EVERYTHING})
    if _EVERYTHING in secret:
        return everything
    above, definition = stack.parent.stack, stack.parent.definition
    word = above.template.version.words.properties
    properties = above.template.resources.get(definition.name, {}).get(word) or {}
    if not isinstance(properties, dict):
        return everything
    conditions = _secret_conditions(above.template.conditions, secret)
    tainted = {
        name
        for name, value in properties.items()
        if secret.intersection(parameter_names(value)) or conditions.intersection(condition_names(value))
    }
    return frozenset(tainted) if tainted <= stack.parameters.keys() else everything


def _secret_conditions(section: Any, secret: frozenset[str]) -> frozenset[str]:
    """Return the conditions that depend on secret parameters, by themselves or by other conditions."""
    conditions: dict[str, Any] = section if isinstance(section, dict) else {}
    found = {name for name, one in conditions.items() if secret.intersection(parameter_names(one))}
    while more := {name for name, one in conditions.items() if name not in found and found.intersection(_texts(one))}:
        found |= more
    return frozenset(found)


def condition_names(snippet: Any) -> Iterator[str]:
    """Yield every text that stands for a condition in a snippet, not parsed yet."""
    if isinstance(snippet, dict):
        for key, value in snippet.items():
            if key in _CONDITION_FUNCTIONS and isinstance(value, list):
                yield from _texts(value[:1])
            yield from condition_names(value)
    elif isinstance(snippet, list):
        for item in snippet:
            yield from condition_names(item)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def parameter_names(snippet: Any) -> Iterator[str]:
    """Yield the parameters that a snippet, not parsed yet, gets."""
    if isinstance(snippet, dict):
        for key, value in snippet.items():
            if key in _PARAMETER_FUNCTIONS:
                first = value[0] if isinstance(value, list) and value else value
                if isinstance(first, str):
                    yield first
            yield from parameter_names(value)
    elif isinstance(snippet, list):
        for item in snippet:
            yield from parameter_names(item)
