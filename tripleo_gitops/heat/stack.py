"""One stack of the tree, as Heat sees it before anything is created: parameters, conditions, resources."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.functions.call import MissingParameter, Unresolvable, resolve
from tripleo_gitops.heat.parsing import BadSnippet, Parser, as_invalid
from tripleo_gitops.heat.pseudo import pseudo_schemata
from tripleo_gitops.heat.template import Template, resource_keys
from tripleo_gitops.heat.values import StackParameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tripleo_gitops.heat.errors import InvalidTemplate
    from tripleo_gitops.heat.limits import HeatLimits
    from tripleo_gitops.heat.registry import Registry
    from tripleo_gitops.heat.schema import ParameterSchema

Place = tuple[str | int, ...]
_POLICIES = ("Delete", "Retain", "Snapshot")
_HOT_POLICIES = (*_POLICIES, *map(str.lower, _POLICIES))


@dataclass(frozen=True, slots=True)
class Definition:
    """One enabled resource of a stack, its sections parsed but not computed."""

    name: str
    type: str
    properties: Any = None
    metadata: Any = None
    update_policy: Any = None
    deletion_policy: str = "Delete"
    depends_on: tuple[str, ...] = ()
    external_id: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is the same for all stacks of one tree."""

    files: Mapping[str, str]
    parameter_defaults: Mapping[str, Any]
    limits: HeatLimits
    project_id: str


@dataclass(frozen=True, slots=True)
class Parent:
    """The resource that a nested stack stands for, and the stack it is in."""

    stack: Stack
    definition: Definition


class Stack:
    """A stack that functions are computed in (a `Scope`): a template, what it was given, where it stands."""

    def __init__(
        self,
        template: Template,
        name: str,
        given: Mapping[str, Any],
        *,
        registry: Registry,
        surroundings: Surroundings,
        parent: Parent | None = None,
    ) -> None:
        self.template, self.name, self.given = template, name, given
        self.registry, self.surroundings, self.parent = registry, surroundings, parent
        self.depth: int = parent.stack.depth + 1 if parent else 0
        self.limits = surroundings.limits
        self.parameters = {schema.name: self._parameter(schema) for schema in template.schemata.values()}
        self._parser = Parser(template.version, self._choose)
        self._raw_conditions: dict[str, Any] | None = None
        self._conditions: dict[str, bool | None] = {}
        self.references: dict[str, Any] = {}
        self.resources: dict[str, Definition] | None = None
        self.resources = dict(self._definitions())

    # What functions ask for

    def parameter(self, name: str) -> Any:
        """Return a parameter's typed value; raises MissingParameter, ValueError."""
        parameter = self.parameters.get(name) or self.pseudo_parameters.get(name)
        if parameter is None:
            raise MissingParameter(f"there is no parameter {name}")
        return parameter.value()

    def has_resource(self, name: Any) -> bool:
        """Return whether the stack has such a resource; while resources are read, whether one is written."""
        return name in (self.template.resources if self.resources is None else self.resources)

    def reference(self, name: Any) -> Any:
        """Return what `get_resource` gives before the resource exists; raises Unresolvable for none."""
        if self.resources is None or name not in self.resources:
            raise Unresolvable(f"there is no resource {name}")
        return self.references.get(name, name)

    def file(self, path: str) -> str | None:
        """Return a file of the bundle, or None."""
        return self.surroundings.files.get(path)

    def facade(self, part: str) -> Any:
        """Return a part of the resource that this stack stands for."""
        if self.parent is None:
            raise Unresolvable("this stack is not nested in a resource")
        definition, stack = self.parent.definition, self.parent.stack
        if part == "deletion_policy":
            return definition.deletion_policy
        found = definition.metadata if part == "metadata" else definition.update_policy
        return resolve(found, stack) or {}

    def mapping(self, name: Any) -> Any:
        """Return one of the template's Mappings; raises KeyError."""
        return self.template.mappings[name]

    def is_enabled(self, condition: Any) -> bool:
        """Return a condition's value by its name; booleans are themselves, null is true."""
        if condition is None or isinstance(condition, bool):
            return condition is not False
        known = self._condition_definitions()
        if not isinstance(condition, str) or condition not in known:
            raise ValueError(f"there is no condition {condition!r}")
        if condition not in self._conditions:
            self._conditions[condition] = None
            value = resolve(known[condition], self)
            if not isinstance(value, bool):
                raise self._condition_error(condition, "a condition must be true or false")
            self._conditions[condition] = value
        found = self._conditions[condition]
        if found is None:
            raise self._condition_error(condition, "the condition refers to itself in a circle")
        return found

    # How the stack is read

    def _parameter(self, schema: ParameterSchema) -> StackParameter:
        default = self.surroundings.parameter_defaults.get(schema.name)
        if self.parent is not None and schema.name in self.surroundings.parameter_defaults:
            schema = schema.with_default(default)
        return StackParameter(schema, self.given.get(schema.name), default)

    def _pseudo_parameters(self) -> Iterator[tuple[str, StackParameter]]:
        schemata = pseudo_schemata(
            self.name, project_id=self.surroundings.project_id, is_hot=self.template.version.is_hot
        )
        for schema in schemata:
            given_default = self.surroundings.parameter_defaults.get(schema.name)
            yield schema.name, StackParameter(schema, None, given_default)

    @cached_property
    def pseudo_parameters(self) -> Mapping[str, StackParameter]:
        """The parameters that every stack has."""
        return dict(self._pseudo_parameters())

    @property
    def conditions(self) -> Mapping[str, Any]:
        """Return the conditions, parsed but not computed."""
        return self._condition_definitions()

    def _condition_definitions(self) -> dict[str, Any]:
        if self._raw_conditions is None:
            section = self.template.conditions
            word = self.template.version.words.conditions
            if not isinstance(section, dict):
                raise self.template.error("must be a mapping", word)
            self._raw_conditions = {
                name: self.parse(condition, word, name, condition=True) for name, condition in section.items()
            }
        return self._raw_conditions

    def _condition_error(self, name: str, problem: str) -> InvalidTemplate:
        return self.template.error(problem, self.template.version.words.conditions, name)

    def _choose(self, condition: Any) -> bool:
        return self.is_enabled(resolve(condition, self))

    def parse(self, snippet: Any, *place: str | int, condition: bool = False) -> Any:
        """Return a snippet with its calls; raises InvalidTemplate with the place of what is used wrongly."""
        try:
            return self._parser.parse_condition(snippet) if condition else self._parser.parse(snippet)
        except BadSnippet as exc:
            raise as_invalid(exc, source=self.template.source, path=place) from exc
        except Unresolvable as exc:
            raise self.template.error(str(exc), *place) from exc

    def _definitions(self) -> Iterator[tuple[str, Definition]]:
        words = self.template.version.words
        allowed = resource_keys(self.template.version)
        self._condition_definitions()
        if not isinstance(self.template.resources, dict):
            raise self.template.error("must be a mapping", words.resources)
        for name, resource in self.template.resources.items():
            if not isinstance(resource, dict):
                raise self.template.error("a resource must be a mapping", words.resources, name)
            unknown = [key for key in resource if key not in allowed]
            if unknown and self.template.version.is_hot:
                raise self.template.error(
                    f"no key of a resource; known are {', '.join(sorted(allowed))}",
                    words.resources,
                    name,
                    unknown[0],
                )
            definition = self._definition(name, resource)
            if self._is_included(name, resource):
                yield name, definition

    def _is_included(self, name: str, resource: dict[str, Any]) -> bool:
        words = self.template.version.words
        if not self.template.version.has_conditions or resource.get(words.condition) is None:
            return True
        place = (words.resources, name, words.condition)
        condition = self.parse(resource[words.condition], *place, condition=True)
        try:
            return self.is_enabled(resolve(condition, self))
        except (ValueError, Unresolvable) as exc:
            raise self.template.error(str(exc), *place) from exc

    def _definition(self, name: str, resource: dict[str, Any]) -> Definition:
        words = self.template.version.words
        here = (words.resources, name)
        if "/" in name:
            raise self.template.error("a resource's name has no slash", *here)

        def section(key: str | None) -> Any:
            if key is None or key not in resource:
                return None
            return self.parse(resource[key], *here, key)

        for key in (words.properties, words.metadata, words.update_policy):
            if key in resource and not isinstance(resource[key], dict):
                raise self.template.error("must be a mapping", *here, key)
        kind = resource.get(words.type)
        if not isinstance(kind, str):
            raise self.template.error("a resource needs a type, which is text", *here, words.type)
        return Definition(
            name,
            kind,
            properties=section(words.properties),
            metadata=section(words.metadata),
            update_policy=section(words.update_policy),
            deletion_policy=self._deletion_policy(section(words.deletion_policy), here),
            depends_on=self._depends_on(resource.get(words.depends_on), here),
            external_id=section(words.external_id),
        )

    def _deletion_policy(self, parsed: Any, here: Place) -> str:
        place = (*here, self.template.version.words.deletion_policy)
        try:
            policy = resolve(parsed, self)
        except Unresolvable as exc:
            raise self.template.error(str(exc), *place) from exc
        known = _HOT_POLICIES if self.template.version.has_conditions else _POLICIES
        if policy is not None and (not isinstance(policy, str) or policy not in known):
            raise self.template.error(f"{policy!r} is no deletion policy; known are {', '.join(_POLICIES)}", *place)
        return policy.capitalize() if policy else "Delete"

    def _depends_on(self, value: Any, here: Place) -> tuple[str, ...]:
        names = [value] if isinstance(value, str) else value or []
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            place = (*here, self.template.version.words.depends_on)
            raise self.template.error("must be a resource's name or a list of them", *place)
        return tuple(names)
