"""Parameters of one stack: a schema, what the stack was given, and the typed value."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.constraints import BOOLEAN, JSON, LIST, NUMBER, STRING
from tripleo_gitops.heat.functions.call import MissingParameter, Misuse
from tripleo_gitops.heat.scalars import split_list, to_boolean, to_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.heat.schema import ParameterSchema


@dataclass(frozen=True, slots=True)
class StackParameter:
    """One parameter of one stack; null means that nothing was given."""

    schema: ParameterSchema
    given: Any = None
    given_default: Any = None

    @property
    def default(self) -> Any:
        """Return the default in force: the environment's, else the template's; None for none."""
        return self.schema.default if self.given_default is None else self.given_default

    def value(self) -> Any:
        """Return the value as its type says; raises MissingParameter where there is none, ValueError if malformed."""
        raw = self.default if self.given is None else self.given
        if raw is None and self.schema.type != BOOLEAN:
            raise MissingParameter(f"the parameter {self.schema.name} has no value")
        try:
            return typed_value(self.schema.type, raw)
        except (TypeError, ValueError) as exc:  # its text may quote the value, which may be hidden
            raise Misuse(f"the value of the parameter {self.schema.name} is no {self.schema.type}") from exc


def typed_value(type_name: str, raw: Any) -> Any:
    """Return a value as a parameter of this type has it; raises ValueError or TypeError for what Heat refuses."""
    return _TYPED[type_name](raw)


def _list(raw: Any) -> Any:
    if isinstance(raw, list):
        return [str(item) for item in raw]
    if not isinstance(raw, str):
        raise TypeError("a list must be comma-delimited text")
    return split_list(raw)


def _json(raw: Any) -> Any:
    text = raw if isinstance(raw, str) else json.dumps(raw)
    return json.loads(text) if text else raw


_TYPED: dict[str, Callable[[Any], Any]] = {
    STRING: str,
    NUMBER: to_number,
    LIST: _list,
    JSON: _json,
    BOOLEAN: to_boolean,
}
