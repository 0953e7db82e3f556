"""How one environment is laid over another: heatclient's deep merge, Heat's merge strategies."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from tripleo_gitops.heat.errors import InvalidEnvironment

OVERWRITE, MERGE, DEEP_MERGE = STRATEGIES = ("overwrite", "merge", "deep_merge")
Strategies = dict[str, str]
_PARAMETER_SECTIONS = ("parameters", "parameter_defaults")
Path = tuple[str, ...]


class Merger:
    """Environments added low to high; owns the document that they add up to."""

    def __init__(self, *, deep: bool, types: Mapping[str, str]) -> None:
        self._deep, self._types = deep, types
        self._document: dict[str, Any] = {}
        self._strategies: Strategies = {}

    def document(self) -> dict[str, Any]:
        """Return the sum; a section that every layer left empty is not in it, as Heat refuses null sections."""
        return {section: content for section, content in self._document.items() if content is not None}

    def add(self, origin: str, document: Mapping[str, Any], *, strategies: Strategies) -> None:
        """Lay one environment over the sum so far; `strategies` are those that this environment names.

        Raises InvalidEnvironment where a mapping meets a scalar, or a parameter's strategies contradict.
        """
        for section, content in document.items():
            if section == "parameter_merge_strategies" or content is None:
                continue
            here = self._document.setdefault(section, [] if isinstance(content, list) else {})
            if isinstance(content, list):
                self._document[section] = copy.deepcopy(content) if self._deep else here + content
            elif section in _PARAMETER_SECTIONS:
                self._add_parameters(origin, section, content, strategies)
            else:
                overlay(here, content, origin=origin, path=(section,), deep=self._deep)

    def _add_parameters(self, origin: str, section: str, content: Mapping[str, Any], strategies: Strategies) -> None:
        here = self._document[section]
        for name, value in content.items():
            path = (section, str(name))
            strategy = self._strategy(origin, path, strategies)
            if strategy == OVERWRITE:
                if self._deep and name not in strategies:
                    overlay(here, {name: value}, origin=origin, path=(section,), deep=True)
                elif value is not None:
                    here[name] = copy.deepcopy(value)
            elif value is not None and name in here:
                deep = strategy == DEEP_MERGE
                here[name] = self._merged(here[name], value, deep=deep, origin=origin, path=path)
            elif value is not None:
                here[name] = copy.deepcopy(value)

    def _strategy(self, origin: str, path: Path, named: Strategies) -> str:
        """Return a parameter's strategy: what the first environment that sets it says holds for all (Heat's rule)."""
        name = path[-1]
        default = named.get("default", OVERWRITE)
        strategy = named.get(name, self._strategies.get(name, default))
        if self._strategies.setdefault(name, strategy) != strategy:
            raise InvalidEnvironment(
                f"merge strategy {strategy!r} contradicts {self._strategies[name]!r} of an earlier environment",
                origin=origin,
                path=path,
            )
        return strategy

    def _merged(self, old: Any, new: Any, *, deep: bool, origin: str, path: Path) -> Any:
        kind = self._types.get(path[-1]) or _kind_of(new)
        try:
            if kind == "Json":
                old, new = _parsed(old), _parsed(new)
            return _join(kind, copy.deepcopy(old), new, deep=deep)
        except (TypeError, ValueError) as exc:
            raise InvalidEnvironment(
                f"a {type(new).__name__} cannot be merged into a {type(old).__name__} as {kind}",
                origin=origin,
                path=path,
            ) from exc


def overlay(old: dict[str, Any], new: Mapping[str, Any], *, origin: str, path: Path, deep: bool) -> None:
    """Change `old` into what python-heatclient's deep_update makes of it and `new` (flat unless `deep`)."""
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, Mapping) and deep:
            if before is None:
                before = old[key] = {}
            if not isinstance(before, dict):
                if not value:
                    continue  # an empty mapping lays nothing over anything
                raise InvalidEnvironment(
                    f"a mapping cannot be laid over the {type(before).__name__} that an earlier environment set",
                    origin=origin,
                    path=(*path, str(key)),
                )
            overlay(before, value, origin=origin, path=(*path, str(key)), deep=True)
        elif not (value is None and (isinstance(before, Mapping) or not deep)):
            old[key] = copy.deepcopy(value)


def _kind_of(value: Any) -> str:
    if isinstance(value, Mapping):
        return "Json"
    if isinstance(value, list):
        return "CommaDelimitedList"
    if isinstance(value, bool):
        return "Boolean"
    return "Number" if isinstance(value, int | float) else "String"


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value else value


def _join(kind: str, old: Any, new: Any, *, deep: bool) -> Any:
    if kind == "Json":
        return _join_map(old, new, deep=deep)
    if kind == "CommaDelimitedList":
        return _join_list(old, new)
    if kind in {"String", "Number"}:
        return old + new
    raise TypeError(kind)


def _join_list(old: Any, new: Any) -> Any:
    if not old:
        return new
    if isinstance(old, list) != isinstance(new, list):
        raise TypeError
    return old + new if isinstance(new, list) else f"{old},{new}"


def _join_map(old: Any, new: Any, *, deep: bool) -> Any:
    if not old:
        return new
    if not isinstance(old, dict) or not isinstance(new, Mapping):
        raise TypeError
    for key, value in new.items():
        before = old.get(key)
        if value is None:
            continue
        if not deep or not before:
            old[key] = value
        elif isinstance(value, Mapping):
            old[key] = _join_map(before, value, deep=True)
        elif isinstance(value, list):
            old[key] = _join_list(before, value)
        elif isinstance(value, str):
            old[key] = before + value
        else:
            old[key] = value
    return old
