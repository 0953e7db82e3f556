"""Which parameters differ: those that somebody declares a value for, and those that stacks compute for nested ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.absent import ABSENT
from tripleo_gitops.heat.changes import DerivedChange, Origin, ParameterChange, Source, State
from tripleo_gitops.heat.inside import diff_inside
from tripleo_gitops.heat.masking import Masked
from tripleo_gitops.heat.taint import Taint
from tripleo_gitops.heat.tree import Parameter, parameter_of
from tripleo_gitops.heat.walk import Path, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tripleo_gitops.heat.pairs import Pairs
    from tripleo_gitops.heat.side import Side
    from tripleo_gitops.heat.stack import Stack

_SECTIONS = ("parameters", "parameter_defaults")


@dataclass(frozen=True, slots=True)
class _Declared:
    """A parameter of one stack that no stack above computes."""

    parameter: Parameter
    source: str
    is_root: bool


_Places = dict[str, dict[Path, _Declared]]


def diff_declared(
    pairs: Pairs, old: Side | None, new: Side | None, hidden: frozenset[str]
) -> tuple[ParameterChange, ...]:
    """Return the parameters whose declared value or schema differs, by name; hidden ones are masked."""
    before = _declared(((pair.path, pair.old, pair.is_same) for pair in pairs), pairs.shared if old else frozenset())
    after = _declared(((pair.path, pair.new, pair.is_same) for pair in pairs), pairs.shared if new else frozenset())
    used = [
        change
        for name in sorted(before.keys() | after.keys())
        for change in _changes(name, (old, new), before.get(name), after.get(name), is_hidden=name in hidden)
    ]
    return (*used, *_unused(old, new, before.keys() | after.keys()))


def _declared(stacks: Iterable[tuple[Path, Stack | None, bool]], shared: frozenset[str]) -> _Places:
    """Return where each parameter is that can differ; one that is only elsewhere has no places."""
    found: _Places = {name: {} for name in shared}
    for path, stack, is_same in stacks:
        for name, parameter in stack.parameters.items() if stack else ():
            places = found.setdefault(name, {})
            if (not path or parameter.given is None) and not is_same:
                places[path] = _Declared(parameter_of(parameter), stack.template.source if stack else "", not path)
    return found


def _changes(
    name: str,
    sides: tuple[Side | None, Side | None],
    before: dict[Path, _Declared] | None,
    after: dict[Path, _Declared] | None,
    *,
    is_hidden: bool,
) -> Iterator[ParameterChange]:
    old, new = sides
    groups: dict[str, list[tuple[Path, _Declared | None, _Declared | None]]] = {}
    for path, one, other in _pairs(before, after):
        if one is None or other is None or _differ(one, other, old, new):
            groups.setdefault(_group_key(one, other), []).append((path, one, other))
    for members in groups.values():
        _, one, other = members[0]
        places = tuple(place_of(path) for path, _, _ in members)
        schema = _schema_changes(one.parameter, other.parameter) if one and other else ()
        yield _change(name, (_state(old, one), _state(new, other)), places, schema, is_hidden=is_hidden)


def _pairs(
    before: dict[Path, _Declared] | None, after: dict[Path, _Declared] | None
) -> Iterator[tuple[Path, _Declared | None, _Declared | None]]:
    """Yield what to compare: the same stack on both sides, or for a parameter that moved the first of each."""
    if before is None or after is None:
        for path in before or after or ():
            yield path, (before or {}).get(path), (after or {}).get(path)
        return
    common = [path for path in after if path in before]
    for path in common:
        yield path, before[path], after[path]
    if not common and before and after:
        path = next(iter(after))
        yield path, next(iter(before.values())), after[path]


def _differ(one: _Declared, other: _Declared, old: Side | None, new: Side | None) -> bool:
    name = one.parameter.name
    return (
        not _same(one.parameter.effective, other.parameter.effective)
        or bool(_schema_changes(one.parameter, other.parameter))
        or _is_set(old, name) != _is_set(new, name)
    )


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _group_key(one: _Declared | None, other: _Declared | None) -> str:
    sides = [(side.parameter.effective, side.parameter.type) if side else None for side in (one, other)]
    return json.dumps(sides, sort_keys=True, default=str)


def _is_set(side: Side | None, name: str) -> bool:
    return any(name in (side.bundle.environment.get(section) or {}) for section in _SECTIONS) if side else False


def _state(side: Side | None, declared: _Declared | None) -> State | None:
    if side is None or declared is None:
        return None
    parameter = declared.parameter
    sections = _SECTIONS if declared.is_root else _SECTIONS[1:]
    for section in sections:
        origin = side.origin(section, parameter.name)
        if origin is not None and parameter.name in (side.bundle.environment.get(section) or {}):
            return State(parameter.effective, Source.ENVIRONMENT, origin, parameter.type)
    origin = Origin(declared.source, ("parameters", parameter.name, "default"), side.locate)
    return State(parameter.effective, Source.TEMPLATE, origin, parameter.type)


def _change(
    name: str,
    states: tuple[State | None, State | None],
    places: tuple[str, ...],
    schema: tuple[str, ...],
    *,
    is_hidden: bool,
) -> ParameterChange:
    old, new = states
    if is_hidden:
        return ParameterChange(name, _masked(old), _masked(new), places, schema=schema)
    inside = diff_inside(old.value, new.value) if old and new else ()
    return ParameterChange(name, old, new, places, inside, schema)


def _masked(state: State | None) -> State | None:
    if state is None or state.value is ABSENT:
        return state
    return State(Masked(), state.source, state.origin, state.type)


def _schema_changes(one: Parameter, other: Parameter) -> tuple[str, ...]:
    names = ("type", "constraints", "no_echo", "tags")
    return tuple(name for name in names if getattr(one, name) != getattr(other, name))


def _unused(old: Side | None, new: Side | None, used: Any) -> Iterator[ParameterChange]:
    """Yield what environments set for parameters that no template has: hidden, since nobody says that they are not."""
    for section in _SECTIONS:
        before, after = (side.bundle.environment.get(section) or {} if side else {} for side in (old, new))
        for name in sorted(before.keys() | after.keys()):
            if name not in used and not _same(before.get(name, ABSENT), after.get(name, ABSENT)):
                yield ParameterChange(
                    name,
                    _unused_state(old, section, name) if name in before else None,
                    _unused_state(new, section, name) if name in after else None,
                )


def _unused_state(side: Side | None, section: str, name: str) -> State | None:
    origin = side.origin(section, name) if side else None
    return State(Masked(), Source.ENVIRONMENT, origin or Origin("", (section, name)))


def diff_derived(pairs: Pairs, hidden: frozenset[str]) -> tuple[DerivedChange, ...]:
    """Return the parameters of nested stacks that the stacks above compute differently, on stacks of both sides."""
    taints = (
        Taint(((pair.path, pair.old) for pair in pairs if pair.old), hidden),
        Taint(((pair.path, pair.new) for pair in pairs if pair.new), hidden),
    )
    return tuple(
        change
        for pair in pairs
        if pair.path and pair.old and pair.new and not pair.is_same
        for change in _derived(pair.path, pair.old, pair.new, taints)
    )


def _derived(path: Path, old: Stack, new: Stack, taints: tuple[Taint, Taint]) -> Iterator[DerivedChange]:
    for name, after in new.parameters.items():
        before = old.parameters.get(name)
        if before is None or (before.given is None and after.given is None):
            continue
        sides = parameter_of(before).effective, parameter_of(after).effective
        if not _same(*sides):
            is_secret = any(taint.covers(path, name) for taint in taints)
            yield DerivedChange(place_of(path), name, *((Masked(), Masked()) if is_secret else sides))
