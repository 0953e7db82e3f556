"""Which parameters of nested stacks are made of hidden ones: their values must not be seen either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tripleo_gitops.heat.stack import Stack

Path = tuple[str, ...]
_PARAMETER_FUNCTIONS = ("get_param", "Ref")
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
    if not isinstance(properties, dict) or secret.intersection(parameter_names(above.template.conditions)):
        return everything
    tainted = {name for name, value in properties.items() if secret.intersection(parameter_names(value))}
    return frozenset(tainted) if tainted <= stack.parameters.keys() else everything


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
