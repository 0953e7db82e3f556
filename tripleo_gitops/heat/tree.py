"""The parameter tree: what Heat's `validate` with `show_nested` answers, from a bundle alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.absent import ABSENT
from tripleo_gitops.heat.forest import Forest
from tripleo_gitops.heat.validation import check_bundle, check_stack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.heat.bundle import Bundle
    from tripleo_gitops.heat.constraints import Constraint
    from tripleo_gitops.heat.limits import HeatLimits
    from tripleo_gitops.heat.stack import Stack
    from tripleo_gitops.heat.values import StackParameter


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of one template of the tree, in Heat's words; ABSENT where there is no default.

    `given` is what the stack is given for it: by the environment at the root, by the resource's properties below.
    """

    name: str
    type: str
    description: Any
    label: Any
    no_echo: bool
    default: Any = ABSENT
    given: Any = ABSENT
    tags: tuple[Any, ...] = ()
    constraints: tuple[Constraint, ...] = ()

    @property
    def value(self) -> Any:
        """Return what Heat shows as the value; it takes an empty text, a zero and false for none."""
        return ABSENT if self.given is ABSENT or not self.given else self.given

    @property
    def effective(self) -> Any:
        """Return what holds: what was given, else the default, else ABSENT."""
        return self.default if self.given is ABSENT else self.given

    def to_heat(self) -> dict[str, Any]:
        """Return the parameter as Heat answers it; hidden values are in it as they are."""
        answer: dict[str, Any] = {
            "Type": self.type,
            "Description": self.description,
            "NoEcho": "true" if self.no_echo else "false",
            "Label": self.label,
        }
        if self.default is not ABSENT:
            answer["Default"] = self.default
        if self.value is not ABSENT:
            answer["Value"] = self.value
        if self.tags:
            answer["Tags"] = list(self.tags)
        for constraint in self.constraints:
            answer.update(constraint.to_heat())
        described = [one.description for one in self.constraints if one.description]
        if described:
            answer["ConstraintDescription"] = " ".join(described)
        return answer


@dataclass(frozen=True, slots=True)
class ParameterTree:
    """The parameters of a template and of all templates nested in it, by resource name."""

    description: Any
    parameters: Mapping[str, Parameter]
    parameter_groups: Any = ()
    nested: Mapping[str, ParameterTree] = field(default_factory=dict)
    resource_type: str | None = None
    source: str = ""
    environment: Mapping[str, Any] | None = None

    def to_heat(self) -> dict[str, Any]:
        """Return the tree exactly as Heat's nested validation answers it."""
        answer: dict[str, Any] = {} if self.resource_type is None else {"Type": self.resource_type}
        answer["Description"] = self.description
        answer["Parameters"] = {name: one.to_heat() for name, one in self.parameters.items()}
        if self.parameter_groups:
            answer["ParameterGroups"] = self.parameter_groups
        if self.nested:
            answer["NestedParameters"] = {name: one.to_heat() for name, one in self.nested.items()}
        if self.environment is not None:
            answer["Environment"] = dict(self.environment)
        return answer


def parameter_tree(bundle: Bundle, *, limits: HeatLimits | None = None, project_id: str = "") -> ParameterTree:
    """Return the parameter tree of a bundle, as Heat 27 computes it without creating anything.

    `project_id` is what `OS::project_id` gives; Heat takes its caller's. A member of an autoscaling group is
    called `member`, since Heat gives it a random name. Raises InvalidTemplate or InvalidEnvironment for what
    Heat would refuse.
    """
    forest = Forest(bundle, limits=limits, project_id=project_id)
    check_bundle(bundle, forest.limits)
    check_stack(forest.root, forest.nesting)
    tree = _tree(forest.root, forest, frozenset(forest.root.pseudo_parameters))
    environment = {
        "resource_registry": forest.registry.to_document(),
        "parameters": dict(forest.root.given),
        "parameter_defaults": dict(bundle.environment.get("parameter_defaults", {})),
        "event_sinks": bundle.environment.get("event_sinks", []),
    }
    return replace(tree, environment=environment)


def _tree(stack: Stack, forest: Forest, left_out: frozenset[str], resource_type: str | None = None) -> ParameterTree:
    """Return one stack's node; `left_out` are the root's pseudo parameters, which alone Heat hides."""
    nested: dict[str, ParameterTree] = {}
    definitions = stack.resources or {}
    for definition in definitions.values():
        forest.nesting.find(stack, definition)
    for name, definition in definitions.items():
        child = forest.child(stack, definition)
        if child is not None:
            nested[name] = _tree(child, forest, left_out, definition.type)
    parameters = {**stack.pseudo_parameters, **stack.parameters}
    return ParameterTree(
        stack.template.description,
        {name: parameter_of(one) for name, one in parameters.items() if name not in left_out},
        stack.template.parameter_groups,
        nested,
        resource_type,
        stack.template.source,
    )


def parameter_of(parameter: StackParameter) -> Parameter:
    """Return a stack's parameter in Heat's words."""
    schema = parameter.schema
    return Parameter(
        schema.name,
        schema.type,
        schema.description or "",
        schema.label or schema.name,
        schema.hidden,
        default=ABSENT if parameter.default is None else parameter.default,
        given=ABSENT if parameter.given is None else parameter.given,
        tags=schema.tags,
        constraints=schema.constraints,
    )
