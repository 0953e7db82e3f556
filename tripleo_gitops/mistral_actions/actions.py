"""The classes that Mistral loads by the entry points `mistral.actions`: one for each row of the table."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

from mistral_lib import actions

from tripleo_gitops.mistral_actions.row import NEEDED, Row
from tripleo_gitops.mistral_actions.running import run_action
from tripleo_gitops.mistral_actions.table import ROWS


class TripleoAction(actions.Action):  # type: ignore[misc]  # mistral-lib is not typed
    """An action that calls one of the tool's operations as its caller."""

    _row: Row  # private: Mistral sends public attributes of a class along

    def run(self, context: Any) -> actions.Result:
        """Return the operation's result, or its error in one line."""
        return run_action(self._row, vars(self), context)


@cache
def __getattr__(name: str) -> type[TripleoAction]:
    for row in ROWS:
        if row.class_name == name:
            return _class_of(row)
    raise AttributeError(f"no action has a class {name}")


def _class_of(row: Row) -> type[TripleoAction]:
    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=inspect.Parameter.empty if default is NEEDED else default,
        )
        for name, default in row.inputs.items()
    ]
    signature = inspect.Signature(parameters)

    def keep_inputs(self: TripleoAction, *given: Any, **named: Any) -> None:
        bound = signature.bind(*given, **named)
        bound.apply_defaults()
        for name, value in bound.arguments.items():
            setattr(self, name, value)

    itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    keep_inputs.__signature__ = inspect.Signature([itself, *parameters])  # type: ignore[attr-defined]
    members = {"__init__": keep_inputs, "__doc__": row.summary, "__module__": __name__, "_row": row}
    return type(row.class_name, (TripleoAction,), members)
