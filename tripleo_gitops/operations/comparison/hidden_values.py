"""The values that must not be seen in what Heat says: found in a resolved plan, masked in text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.outputs import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tripleo_gitops.heat.tree import ParameterTree
    from tripleo_gitops.operations.resolution import Resolved

SHORTEST = 4
"""Texts that are shorter are not masked: they would be found in half of all words."""
SECTIONS = ("parameters", "parameter_defaults")


@dataclass(frozen=True, slots=True)
class Masker:
    """Replaces secrets in text; the longest first, so that one which holds another goes whole."""

    values: tuple[str, ...] = field(default=(), repr=False)

    def __call__(self, text: str) -> str:
        """Return the text with every secret in it masked."""
        for value in self.values:
            text = text.replace(value, MASK)
        return text


def masker_of(resolved: Resolved) -> Masker:
    """Return what masks the values of a plan's hidden parameters and secrets."""
    found = set(_hidden_values(resolved.parameters))
    environment = resolved.bundle.environment
    for section in SECTIONS:
        values = environment.get(section) or {}
        for name in resolved.secrets & values.keys():
            found.update(_texts(values[name]))
    return masker(found)


def masker(values: Iterable[str]) -> Masker:
    """Return what masks these values, line by line where they have several."""
    pieces = {piece for value in values for piece in (value, *value.splitlines())}
    return Masker(tuple(sorted((one for one in pieces if len(one) >= SHORTEST), key=len, reverse=True)))


def _hidden_values(tree: ParameterTree) -> Iterator[str]:
    for parameter in tree.parameters.values():
        if parameter.no_echo:
            yield from _texts(parameter.effective)
    for nested in tree.nested.values():
        yield from _hidden_values(nested)


def _texts(value: Any) -> Iterator[str]:
    """Yield every text inside a value; numbers as text, too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
