"""Heat's nested validation answer without the values of hidden parameters, for those who keep answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.masking import MASK

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_VALUES = ("Default", "Value", "default", "value")


def mask_answer(answer: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """Return a tree or a flat form with the values of parameters masked that are hidden, or named in `hidden`."""
    masked = dict(answer)
    for key in ("Parameters", "parameters"):
        if isinstance(answer.get(key), dict):
            masked[key] = {name: _masked(name, one, hidden) for name, one in answer[key].items()}
    if "NestedParameters" in answer:
        masked["NestedParameters"] = {
            name: mask_answer(one, hidden) for name, one in answer["NestedParameters"].items()
        }
    return masked


def mask_values(values: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """Return values by name, those of hidden parameters masked."""
    return {name: MASK if name in hidden else value for name, value in values.items()}


def _masked(name: str, parameter: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    is_hidden = name in hidden or "true" in (parameter.get("NoEcho"), parameter.get("noEcho"))
    return {key: MASK if is_hidden and key in _VALUES else value for key, value in parameter.items()}
