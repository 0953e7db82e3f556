"""Which parameters of nested stacks are made of hidden ones: their values must not be seen either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.walk import Path, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.heat.tree import ParameterTree

_PARAMETER_FUNCTIONS = ("get_param", "Ref")
_EVERYTHING = "*"


class Taint:
    """For each stack of a tree, the parameters that are hidden or computed from hidden ones."""

    def __init__(self, tree: ParameterTree, hidden: frozenset[str]) -> None:
        self._names: dict[Path, frozenset[str]] = {}
        for path, node in walk(tree):
            above = _from_above(node, self._names[path[:-1]]) if path else frozenset()
            self._names[path] = (hidden & node.parameters.keys()) | above

    def covers(self, path: Path, name: str) -> bool:
        """Return whether a parameter of a stack must not be seen."""
        names = self._names.get(path, frozenset())
        return name in names or _EVERYTHING in names


def _from_above(node: ParameterTree, secret: frozenset[str]) -> frozenset[str]:
    if not secret or node.stack is None or node.stack.parent is None:
        return frozenset()
    everything = frozenset({_EVERYTHING})
    if _EVERYTHING in secret:
        return everything
    stack, definition = node.stack.parent.stack, node.stack.parent.definition
    properties = stack.template.resources.get(definition.name, {}).get(stack.template.version.words.properties) or {}
    if not isinstance(properties, dict) or secret.intersection(parameter_names(stack.template.conditions)):
        return everything
    tainted = {name for name, value in properties.items() if secret.intersection(parameter_names(value))}
    return frozenset(tainted) if tainted <= node.parameters.keys() else everything


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
