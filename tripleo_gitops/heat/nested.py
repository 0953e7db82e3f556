"""Stacks inside stacks: which template a resource brings, and what its properties give that template."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.functions.call import FAILURES, OMITTED, Room, TooMuch, Unresolvable, resolve_item
from tripleo_gitops.heat.groups import CFN, GROUPS, SCALED, SCALED_RESOURCE, MakeMembers
from tripleo_gitops.heat.limits import MAX_GIVEN, MAX_STACKS
from tripleo_gitops.heat.properties import PARAMETER_KINDS, as_parameter, property_value
from tripleo_gitops.heat.resource_types import resource_types
from tripleo_gitops.heat.stack import Definition, Parent, Stack
from tripleo_gitops.heat.template import Template, check_output_entries, read_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.heat.bundle import Bundle
    from tripleo_gitops.heat.registry import Found

_HOT_VERSION = {"heat_template_version": "2015-04-30"}
_CFN_VERSION = {"HeatTemplateFormatVersion": "2012-12-12"}


@dataclass(frozen=True, slots=True)
class Interface:
    """What a resource type takes and gives: names, or None for any."""

    properties: frozenset[str] | None
    update_policy: frozenset[str]
    attributes: frozenset[str] | None
    has_snapshots: bool = field(kw_only=True)


class Nesting:
    """Makes the nested stacks of a bundle's resources; each template is read once."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._templates: dict[str, Template] = {}
        self._stacks, self._room = 0, Room("what stacks give to those that they hold", MAX_GIVEN)

    def child(self, stack: Stack, definition: Definition) -> Stack | None:
        """Return the stack that a resource holds, or None for a resource that holds none.

        Raises InvalidTemplate for a type that nobody knows, a template that is missing or malformed, nesting
        deeper than Heat's limit, or properties that a group cannot be made of.
        """
        found = self.find(stack, definition)
        if found.template is not None:
            template = self.template(found.template, stack, definition)
            given = self.given(stack, definition)
            return self._nest(stack, definition, template, given, found)
        make = GROUPS.get(found.builtin)
        if make is None:
            return None
        members = self._members(make, stack, definition)
        document = (
            {**_CFN_VERSION, "Resources": members} if found.builtin in CFN else {**_HOT_VERSION, "resources": members}
        )
        template = read_template(document, source=f"{stack.template.source} ({definition.name})")
        return self._nest(stack, definition, template, {}, found)

    def given(self, stack: Stack, definition: Definition) -> dict[str, Any]:
        """Return the parameters that a resource gives to its template; none if it has none."""
        found = self.find(stack, definition)
        if found.template is None:
            return {}
        return _given(self.template(found.template, stack, definition), stack, definition, room=self._room)

    def find(self, stack: Stack, definition: Definition) -> Found:
        """Return what a resource's type leads to; raises InvalidTemplate for a type that nobody knows."""
        words = stack.template.version.words
        place = (words.resources, definition.name, words.type)
        if not definition.type:
            raise stack.template.error("the resource has no type", *place)
        found = stack.registry.find(definition.type, definition.name)
        if found is None:
            raise stack.template.error(
                f"the resource type {definition.type!r} is neither in the registry nor one of Heat's", *place
            )
        return found

    def interface(self, stack: Stack, definition: Definition) -> Interface:
        """Return what a resource of this type may be given."""
        found = self.find(stack, definition)
        if found.template is not None:
            template = self.template(found.template, stack, definition)
            return Interface(frozenset(template.schemata), frozenset(), None, has_snapshots=False)
        kind = resource_types()[found.builtin]
        properties = {name for name, one in kind.properties.items() if one.implemented}
        return Interface(
            None if found.builtin == "OS::Heat::None" else frozenset(properties),
            kind.update_policy,
            None if kind.any_attribute else kind.attributes,
            has_snapshots=kind.snapshot,
        )

    def attributes(self, stack: Stack, definition: Definition) -> frozenset[str] | None:
        """Return the attributes that a resource has, or None where only its creation will tell."""
        return self.interface(stack, definition).attributes

    def template(self, path: str, stack: Stack, definition: Definition) -> Template:
        """Return a template of the bundle's files; raises InvalidTemplate for a missing or malformed one."""
        if path not in self._templates:
            document = self._bundle.contents.document(path) if path in self._bundle.files else None
            if document is None:
                words = stack.template.version.words
                problem = f"{path} is no template" if path in self._bundle.files else f"no file {path}"
                raise stack.template.error(problem, words.resources, definition.name, words.type)
            self._templates[path] = _checked(read_template(document, source=path))
        return self._templates[path]

    def _nest(
        self, stack: Stack, definition: Definition, template: Template, given: Mapping[str, Any], found: Found
    ) -> Stack:
        words = stack.template.version.words
        if stack.depth >= stack.limits.max_nested_stack_depth:
            raise stack.template.error(
                f"stacks are nested deeper than {stack.limits.max_nested_stack_depth}; does a template hold itself?",
                words.resources,
                definition.name,
            )
        self._stacks += 1
        if self._stacks > MAX_STACKS:
            raise stack.template.error(
                f"more than {MAX_STACKS} stacks nest in this one bundle", words.resources, definition.name
            )
        added = SCALED_RESOURCE if found.builtin in SCALED and found.template is None else {}
        return Stack(
            template,
            f"{stack.name}-{definition.name}",
            given,
            registry=stack.registry.child(definition.name, found.entry, added=added),
            surroundings=stack.surroundings,
            parent=Parent(stack, definition),
        )

    def _members(self, make: MakeMembers, stack: Stack, definition: Definition) -> dict[str, Any]:
        words = stack.template.version.words
        try:
            return make(stack, definition)
        except (*FAILURES, Unresolvable) as exc:
            place = (words.resources, definition.name, words.properties)
            raise stack.template.error(f"no group can be made of these: {exc}", *place) from exc


def _checked(template: Template) -> Template:
    check_output_entries(template)
    for schema in template.schemata.values():
        if problem := schema.type_problem():
            raise template.error(problem, template.version.words.parameters, schema.name)
    return template


def _given(template: Template, stack: Stack, definition: Definition, *, room: Room) -> dict[str, Any]:
    """Return the parameters that a resource's properties give its template.

    A property that cannot be computed before resources exist gives its type's zero value.
    """
    properties = definition.properties or {}
    if not isinstance(properties, dict):
        words = stack.template.version.words
        place = (words.resources, definition.name, words.properties)
        raise stack.template.error("must be a mapping, not a function", *place)
    given: dict[str, Any] = {}
    for name, schema in template.schemata.items():
        if name not in properties:
            continue
        kind = PARAMETER_KINDS[schema.type]
        try:
            found = resolve_item(properties[name], stack)
            if found is OMITTED:
                continue
            size = Room(f"the property {name}").take_value(found)
            room.take(size if isinstance(found, dict | list) else 0)
            value = property_value(kind, found, converts=kind in {"Map", "List"})
        except TooMuch as exc:
            words = stack.template.version.words
            raise stack.template.error(str(exc), words.resources, definition.name, words.properties, name) from exc
        except (*FAILURES, Unresolvable):
            value = property_value(kind, None)
        given[name] = _as_parameter(kind, value, stack, definition, name)
    return given


def _as_parameter(kind: str, value: Any, stack: Stack, definition: Definition, name: str) -> Any:
    words = stack.template.version.words
    try:
        return as_parameter(kind, value)
    except (TypeError, AttributeError) as exc:
        place = (words.resources, definition.name, words.properties, name)
        raise stack.template.error(f"a list for a nested stack must hold text: {exc}", *place) from exc
