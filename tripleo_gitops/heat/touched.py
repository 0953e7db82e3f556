"""Which resources an update touches, and which of them it may make anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.changes import Cause, MemberChange, Replacement, ResourceChange
from tripleo_gitops.heat.functions.call import FAILURES, Unresolvable, resolve, resolve_item
from tripleo_gitops.heat.functions.references import attribute_of, is_attribute_function
from tripleo_gitops.heat.groups import member_names
from tripleo_gitops.heat.resource_types import resource_types
from tripleo_gitops.heat.snippets import calls, gives_same
from tripleo_gitops.heat.walk import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tripleo_gitops.heat.pairs import Pair, Pairs
    from tripleo_gitops.heat.registry import Found
    from tripleo_gitops.heat.stack import Definition, Stack

Path = tuple[str, ...]
GROUP = "OS::Heat::ResourceGroup"
_NEVER_REPLACED = frozenset({"OS::Heat::None"})


def diff_resources(pairs: Pairs) -> tuple[ResourceChange, ...]:
    """Return the resources, of all stacks of both sides, that are added, removed, or may get something else.

    A resource is touched if its definition gives something else; if its nested stack is other inside; or if it gets an
    attribute of one that is touched. Of a stack that is on one side only, the resource that holds it is listed alone.
    """
    inside: dict[Path, bool] = {}
    changes: list[ResourceChange] = []
    for pair in reversed(pairs.pairs):
        found = dict(_stack_changes(pair, inside))
        changes.extend(found.values())
        inside[pair.path] = bool(found) or not pair.is_same
    return tuple(sorted(changes, key=lambda change: change.path))


def _stack_changes(pair: Pair, inside: Mapping[Path, bool]) -> Iterator[tuple[str, ResourceChange]]:
    """Yield the changes of one stack's resources by name; `inside` says which nested stacks are other inside."""
    if pair.old is None or pair.new is None:
        if not pair.path:
            yield from _one_sided(pair.old, pair.new)
        return
    before, after = pair.old.resources or {}, pair.new.resources or {}
    found: dict[str, ResourceChange] = {}
    for name in dict.fromkeys((*before, *after)):
        place = place_of((*pair.path, name))
        if name not in before or name not in after:
            if _is_group(pair.old) and _is_group(pair.new):
                continue  # one member stands for all, and who that is changes: `members` says who comes and goes
            found[name] = ResourceChange(place, _type(before.get(name)), _type(after.get(name)))
            continue
        both = _Both(pair.old, before[name], pair.new, after[name])
        if not pair.is_same or both.is_moved:
            change = _changed(place, both)
            if change is not None:
                found[name] = change
        if name not in found and inside.get((*pair.path, name)):
            found[name] = ResourceChange(place, before[name].type, after[name].type, cause=Cause.NESTED)
    _spread(pair, found)
    yield from found.items()


def _one_sided(old: Stack | None, new: Stack | None) -> Iterator[tuple[str, ResourceChange]]:
    stack = new or old
    for name, definition in (stack.resources or {}).items() if stack else ():
        sides = (None, definition.type) if new else (definition.type, None)
        yield name, ResourceChange(place_of((name,)), *sides)


def _is_group(stack: Stack) -> bool:
    if stack.parent is None:
        return False
    definition = stack.parent.definition
    return _leads_to_group(stack.parent.stack.registry.find(definition.type, definition.name))


def _leads_to_group(found: Found | None) -> bool:
    return found is not None and found.template is None and found.builtin == GROUP


def _type(definition: Definition | None) -> str | None:
    return definition.type if definition else None


@dataclass(frozen=True, slots=True)
class _Both:
    """One resource on both sides."""

    old: Stack
    before: Definition
    new: Stack
    after: Definition

    @property
    def found(self) -> tuple[Found | None, Found | None]:
        """What its type leads to on each side."""
        return (
            self.old.registry.find(self.before.type, self.before.name),
            self.new.registry.find(self.after.type, self.after.name),
        )

    @property
    def is_moved(self) -> bool:
        """Whether its type leads to something else."""
        old, new = (_target(one) for one in self.found)
        return old != new


def _target(found: Found | None) -> str | None:
    return (found.template or found.builtin) if found else None


def _changed(place: str, both: _Both) -> ResourceChange | None:
    properties = tuple(sorted(_changed_properties(both)))
    sections = ("metadata", "update_policy")
    others = any(_differs(both, getattr(both.before, one), getattr(both.after, one)) for one in sections)
    if not (properties or others or both.is_moved):
        return None
    replacement = _replacement(both, properties)
    return ResourceChange(
        place, both.before.type, both.after.type, properties, replacement, members=_changed_members(both)
    )


def _changed_members(both: _Both) -> MemberChange | None:
    """Return which members a group gets and loses; None for what is no group, or where creation will tell."""
    if both.is_moved or not _leads_to_group(both.found[1]):
        return None
    try:
        before, after = member_names(both.old, both.before), member_names(both.new, both.after)
    except (*FAILURES, Unresolvable):
        return None
    known, kept = set(before), set(after)
    added = tuple(name for name in after if name not in known)
    removed = tuple(name for name in before if name not in kept)
    return MemberChange(added, removed) if added or removed else None


def _changed_properties(both: _Both) -> Iterator[str]:
    before, after = _mapping(both.before.properties), _mapping(both.after.properties)
    for name in before.keys() | after.keys():
        if name not in before or name not in after or _differs(both, before[name], after[name]):
            yield name


def _mapping(properties: Any) -> Mapping[str, Any]:
    return properties if isinstance(properties, dict) else {"": properties} if properties else {}


def _differs(both: _Both, one: Any, other: Any) -> bool:
    if one is None and other is None:
        return False
    if gives_same(both.old, one, both.new, other):
        return False
    return bool(one != other) or _value(both.old, one) != _value(both.new, other)


def _value(stack: Stack, parsed: Any) -> Any:
    """Return a snippet's value, or None for what only creation will tell."""
    try:
        return resolve_item(parsed, stack)
    except (*FAILURES, Unresolvable):
        return None


def _replacement(both: _Both, properties: tuple[str, ...]) -> Replacement:
    old, new = both.found
    if old is None or new is None:
        return Replacement.MAYBE
    if both.is_moved:
        both_templates = old.template is not None and new.template is not None
        return Replacement.NO if both_templates or new.builtin in _NEVER_REPLACED else Replacement.YES
    if new.template is not None or new.builtin in _NEVER_REPLACED:
        return Replacement.NO
    kind = resource_types()[new.builtin]
    if any(name in kind.properties and not kind.properties[name].updatable for name in properties):
        return Replacement.YES
    return Replacement.MAYBE if kind.decides_replacement and properties else Replacement.NO


def _spread(pair: Pair, found: dict[str, ResourceChange]) -> None:
    """Add the resources that get an attribute of a touched one, and of those, until no more are found."""
    if pair.new is None or not found:
        return
    gets = {name: dict(_attributes_got(pair.new, one)) for name, one in (pair.new.resources or {}).items()}
    fresh = set(found)
    while fresh:
        reached = {
            name: tuple(sorted(key for key, names in properties.items() if names & fresh))
            for name, properties in gets.items()
            if name not in found
        }
        fresh = {name for name, properties in reached.items() if properties}
        for name in fresh:
            found[name] = _by_attributes(pair, pair.new, name, reached[name])


def _attributes_got(stack: Stack, definition: Definition) -> Iterator[tuple[str, frozenset[str]]]:
    for name, snippet in _mapping(definition.properties).items():
        resources = (attribute_of(call)[0] for _, call in calls(snippet, ()) if is_attribute_function(call))
        names = frozenset(one for one in (_name(stack, resource) for resource in resources) if one)
        if names:
            yield name, names


def _name(stack: Stack, parsed: Any) -> str | None:
    try:
        found = resolve(parsed, stack)
    except Unresolvable:
        return None
    return found if isinstance(found, str) else None


def _by_attributes(pair: Pair, stack: Stack, name: str, properties: tuple[str, ...]) -> ResourceChange:
    definition = (stack.resources or {})[name]
    both = _Both(stack, definition, stack, definition)
    replacement = Replacement.MAYBE if _replacement(both, properties) is not Replacement.NO else Replacement.NO
    place = place_of((*pair.path, name))
    return ResourceChange(place, definition.type, definition.type, properties, replacement, Cause.ATTRIBUTES)
