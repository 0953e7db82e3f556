"""Calls in yaql expressions that the yaql of Heat 27 cannot answer: Heat finds out only while it deploys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.functions.yaql_names import unknown_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.heat.outline import Place

FUNCTION, ARGUMENT = "yaql", "expression"


@dataclass(frozen=True, slots=True)
class UnknownCalls:
    """The functions that one expression calls and that are not there, and its place in the template."""

    place: Place
    names: tuple[str, ...]


def unknown_calls(document: Any, place: Place = ()) -> Iterator[UnknownCalls]:
    """Yield the expressions of a parsed template that call functions that yaql does not have."""
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in items:
        if not isinstance(value, dict | list):
            continue
        if key == FUNCTION and isinstance(value, dict) and isinstance(value.get(ARGUMENT), str):
            names = unknown_functions(value[ARGUMENT])
            if names:
                yield UnknownCalls((*place, key, ARGUMENT), names)
        yield from unknown_calls(value, (*place, key))
