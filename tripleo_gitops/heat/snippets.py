"""What Heat demands of the functions in a stack's own template, beyond their form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.functions.call import FAILURES, Call, Unresolvable, resolve
from tripleo_gitops.heat.functions.references import (
    attribute_of,
    is_attribute_function,
    is_input,
    parameter_of,
    resource_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.heat.nested import Nesting
    from tripleo_gitops.heat.stack import Place, Stack


def calls(parsed: Any, place: Place) -> Iterator[tuple[Place, Call]]:
    """Yield every function call in a parsed snippet with its place, inner ones first."""
    if isinstance(parsed, Call):
        here = (*place, parsed.name)
        yield from calls(parsed.arguments, here)
        yield here, parsed
    elif isinstance(parsed, dict):
        for key, value in parsed.items():
            yield from calls(value, (*place, key))
    elif isinstance(parsed, list):
        for index, value in enumerate(parsed):
            yield from calls(value, (*place, index))


def gives_same(old: Stack, one: Any, new: Stack, other: Any) -> bool:
    """Return whether two parsed snippets give the same in their stacks, as far as can be told without computing them.

    What they get from elsewhere than parameters, files for instance, is taken to differ.
    """
    if one != other:
        return False
    for _, call in calls(one, ()):
        if is_input(call):
            name = parameter_of(call)
            if name is None or old.parameters.get(name) != new.parameters.get(name):
                return False
    return True


def check_snippet(stack: Stack, parsed: Any, place: Place) -> None:
    """Raise InvalidTemplate for a function that Heat refuses before it computes anything."""
    for here, call in calls(parsed, place):
        try:
            call.behaviour.validate(call.name, call.arguments)
        except FAILURES as exc:
            raise stack.template.error(str(exc), *here) from exc


def referred_resources(stack: Stack, parsed: Any, place: Place) -> Iterator[str]:
    """Yield the resources that a snippet needs; raises InvalidTemplate for one that the stack does not have."""
    for here, call in calls(parsed, place):
        found = resource_of(call)
        if found is None:
            continue
        try:
            name = resolve(found, stack)
        except Unresolvable as exc:
            raise stack.template.error(str(exc), *here) from exc
        if call.name == "Ref" and not stack.has_resource(name):
            continue
        if not isinstance(name, str) or name not in (stack.resources or {}):
            words = repr(name) if isinstance(found, str) else "of the computed name"
            raise stack.template.error(f"there is no resource {words}, or its condition is false", *here)
        yield name


def check_attributes(stack: Stack, parsed: Any, place: Place, nesting: Nesting) -> None:
    """Raise InvalidTemplate for an attribute that the resource's type does not have."""
    for here, call in calls(parsed, place):
        if not is_attribute_function(call):
            continue
        resource, attribute = (resolve(part, stack) for part in attribute_of(call))
        if resource not in (stack.resources or {}):
            raise stack.template.error(f"there is no resource {resource!r}, or its condition is false", *here)
        known = nesting.attributes(stack, (stack.resources or {})[resource])
        if attribute is not None and known is not None and attribute not in known:
            raise stack.template.error(f"the resource {resource} has no attribute {attribute!r}", *here)


def check_outputs(stack: Stack, nesting: Nesting) -> None:
    """Raise InvalidTemplate for an output that Heat refuses."""
    words = stack.template.version.words
    for name, output in stack.template.outputs.items():
        place = (words.outputs, name)
        if not isinstance(output, dict) or words.output_value not in output:
            raise stack.template.error(f"an output needs a {words.output_value}", *place)
        condition = output.get(words.condition) if stack.template.version.has_conditions else None
        parsed_condition = stack.parse(condition, *place, words.condition, condition=True)
        try:
            is_enabled = stack.is_enabled(resolve(parsed_condition, stack))
        except (ValueError, Unresolvable) as exc:
            raise stack.template.error(str(exc), *place, words.condition) from exc
        if is_enabled:
            here = (*place, words.output_value)
            parsed = stack.parse(output[words.output_value], *here)
            check_snippet(stack, parsed, here)
            check_attributes(stack, parsed, here, nesting)
