"""Which resources an update touches, and which of them it may make anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.changes import Replacement, ResourceChange
from tripleo_gitops.heat.functions.call import FAILURES, Unresolvable, resolve_item
from tripleo_gitops.heat.resource_types import resource_types
from tripleo_gitops.heat.walk import Path, place_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tripleo_gitops.heat.registry import Found
    from tripleo_gitops.heat.stack import Definition, Stack
    from tripleo_gitops.heat.tree import ParameterTree

_NEVER_REPLACED = frozenset({"OS::Heat::None"})


def diff_resources(old: ParameterTree | None, new: ParameterTree | None) -> tuple[ResourceChange, ...]:
    """Return the resources, of all stacks of both trees, that are added, removed, or get something else.

    A property that needs other resources' attributes counts as changed if its text changed, or a parameter that it
    gets. Of a stack that is there on one side only, the resource that holds it is listed and not its content.
    """
    before, after = dict(walk(old)), dict(walk(new))
    found = [
        change
        for path in before.keys() | after.keys()
        if not path or (path in before and path in after)
        for change in _stack_changes(path, _stack(before.get(path)), _stack(after.get(path)))
    ]
    return tuple(sorted(found, key=lambda change: change.path))


def _stack(node: ParameterTree | None) -> Stack | None:
    return node.stack if node else None


def _stack_changes(path: Path, old: Stack | None, new: Stack | None) -> Iterator[ResourceChange]:
    before, after = (stack.resources or {} if stack else {} for stack in (old, new))
    for name in before.keys() | after.keys():
        one, other = before.get(name), after.get(name)
        place = place_of((*path, name))
        if one is None or other is None or old is None or new is None:
            yield ResourceChange(place, one.type if one else None, other.type if other else None)
        elif change := _changed(place, (old, one), (new, other)):
            yield change


def _changed(place: str, old: tuple[Stack, Definition], new: tuple[Stack, Definition]) -> ResourceChange | None:
    found = old[0].registry.find(old[1].type, old[1].name), new[0].registry.find(new[1].type, new[1].name)
    properties = tuple(sorted(_changed_properties(old, new)))
    moved = _target(found[0]) != _target(found[1])
    others = _section_changed(old, new, "metadata") or _section_changed(old, new, "update_policy")
    if not (properties or moved or others):
        return None
    replacement = _replacement(found, properties, is_moved=moved)
    return ResourceChange(place, old[1].type, new[1].type, properties, replacement)


def _target(found: Found | None) -> str | None:
    return (found.template or found.builtin) if found else None


def _changed_properties(old: tuple[Stack, Definition], new: tuple[Stack, Definition]) -> Iterator[str]:
    before, after = _mapping(old[1].properties), _mapping(new[1].properties)
    for name in before.keys() | after.keys():
        if name not in before or name not in after or _differs(old, before[name], new, after[name]):
            yield name


def _mapping(properties: Any) -> Mapping[str, Any]:
    return properties if isinstance(properties, dict) else {"": properties} if properties else {}


def _section_changed(old: tuple[Stack, Definition], new: tuple[Stack, Definition], section: str) -> bool:
    return _differs(old, getattr(old[1], section), new, getattr(new[1], section))


def _differs(old: tuple[Stack, Definition], one: Any, new: tuple[Stack, Definition], other: Any) -> bool:
    return _inputs(old[0], one) != _inputs(new[0], other)


def _inputs(stack: Stack, parsed: Any) -> tuple[Any, ...]:
    """Return what decides a snippet's value: itself, and the value of it or of each parameter that it gets."""
    try:
        return (parsed, resolve_item(parsed, stack), None)
    except (*FAILURES, Unresolvable):
        return (parsed, None, None)


def _replacement(
    found: tuple[Found | None, Found | None], properties: tuple[str, ...], *, is_moved: bool
) -> Replacement:
    old, new = found
    if old is None or new is None:
        return Replacement.MAYBE
    if is_moved:
        both_templates = old.template is not None and new.template is not None
        return Replacement.NO if both_templates or new.builtin in _NEVER_REPLACED else Replacement.YES
    if new.template is not None or new.builtin in _NEVER_REPLACED:
        return Replacement.NO
    kind = resource_types()[new.builtin]
    if any(name in kind.properties and not kind.properties[name].updatable for name in properties):
        return Replacement.YES
    return Replacement.MAYBE if kind.decides_replacement and properties else Replacement.NO
