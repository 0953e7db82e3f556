"""What Heat demands of the resources of a stack's own template: known properties, known names, no circles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.heat.functions.call import FAILURES, Unresolvable, resolve
from tripleo_gitops.heat.snippets import check_attributes, check_snippet, referred_resources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tripleo_gitops.heat.nested import Nesting
    from tripleo_gitops.heat.stack import Definition, Place, Stack

_SECTIONS = ("properties", "metadata", "update_policy", "external_id")


def check_resources(stack: Stack, nesting: Nesting) -> None:
    """Raise InvalidTemplate for a resource that Heat refuses before it looks at values."""
    resources = stack.resources or {}
    needs = {name: set(_needs(stack, definition)) for name, definition in resources.items()}
    _check_circles(stack, needs)
    for definition in resources.values():
        place = (stack.template.version.words.resources, definition.name)
        for section in _SECTIONS:
            parsed, here = getattr(definition, section), (*place, section)
            check_snippet(stack, parsed, here)
            if section in {"properties", "metadata"}:
                check_attributes(stack, parsed, here, nesting)
        if _external_id(stack, definition, place) is None:
            _check_keys(stack, definition, place, nesting)


def _needs(stack: Stack, definition: Definition) -> Iterator[str]:
    words = stack.template.version.words
    place = (words.resources, definition.name)
    for name in definition.depends_on:
        if name in (stack.resources or {}):
            yield name
        elif name not in stack.template.resources:
            raise stack.template.error(f"there is no resource {name!r}", *place, words.depends_on)
    yield from referred_resources(stack, definition.properties, (*place, words.properties))
    yield from referred_resources(stack, definition.metadata, (*place, words.metadata))


def _check_circles(stack: Stack, needs: Mapping[str, set[str]]) -> None:
    """Take away what needs nothing until nothing is left; what stays needs itself in a circle."""
    left = {name: set(others) for name, others in needs.items()}
    while left:
        free = {name for name, others in left.items() if not others}
        if not free:
            names = ", ".join(sorted(left)[:5])
            raise stack.template.error(
                f"these need each other in a circle: {names}", stack.template.version.words.resources
            )
        left = {name: others - free for name, others in left.items() if name not in free}


def _external_id(stack: Stack, definition: Definition, place: Place) -> object:
    try:
        return resolve(definition.external_id, stack)
    except (*FAILURES, Unresolvable) as exc:
        raise stack.template.error(str(exc), *place, "external_id") from exc


def _check_keys(stack: Stack, definition: Definition, place: Place, nesting: Nesting) -> None:
    words = stack.template.version.words
    interface = nesting.interface(stack, definition)
    if definition.deletion_policy == "Snapshot" and not interface.has_snapshots:
        raise stack.template.error("a resource of this type makes no snapshots", *place, words.deletion_policy)
    sections = (
        (words.properties, definition.properties, interface.properties),
        (words.update_policy, definition.update_policy, interface.update_policy),
    )
    for word, parsed, known in sections:
        if not isinstance(parsed, dict | type(None)):
            raise stack.template.error("must be a mapping, not a function", *place, word)
        for name in parsed or {}:
            if known is not None and name not in known:
                raise stack.template.error(f"{definition.type} has no such {word.rstrip('s')}", *place, word, name)
