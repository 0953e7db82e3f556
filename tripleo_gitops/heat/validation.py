"""What Heat checks of a stack before it answers anything about it; it checks nested stacks far less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.heat.errors import InvalidTemplate
from tripleo_gitops.heat.functions.call import Call
from tripleo_gitops.heat.resources import check_resources
from tripleo_gitops.heat.snippets import check_outputs, check_snippet
from tripleo_gitops.heat.template import is_template, read_template

if TYPE_CHECKING:
    from tripleo_gitops.heat.bundle import Bundle
    from tripleo_gitops.heat.limits import HeatLimits
    from tripleo_gitops.heat.nested import Nesting
    from tripleo_gitops.heat.stack import Stack


def check_bundle(bundle: Bundle, limits: HeatLimits) -> None:
    """Raise InvalidTemplate for a file that is a template of an unknown version, or with malformed parameters.

    Heat reads every file that looks like a template, used as one or not.
    """
    contents = bundle.contents
    for path in contents:
        document = contents.document(path)
        if is_template(document):
            _ = read_template(document, source=path).schemata
        else:
            _check_size(path, contents[path], limits)


def _check_size(path: str, content: str, limits: HeatLimits) -> None:
    if len(content) > limits.max_template_size:
        raise InvalidTemplate(
            f"{len(content)} characters are over Heat's limit of {limits.max_template_size}", source=path
        )


def check_stack(stack: Stack, nesting: Nesting) -> None:
    """Raise InvalidTemplate for what Heat refuses of a stack's own template."""
    _check_parameters(stack)
    _check_parameter_groups(stack)
    _check_conditions(stack)
    check_resources(stack, nesting)
    check_outputs(stack, nesting)


def _check_parameters(stack: Stack) -> None:
    word = stack.template.version.words.parameters
    for name in stack.given:
        if name not in stack.parameters:
            raise InvalidTemplate(
                f"the environment sets the parameter {name}, which the template does not have "
                "(parameter_defaults may hold such)",
                source=stack.template.source,
                path=(word,),
            )
    for name, parameter in stack.parameters.items():
        if problem := parameter.schema.type_problem() or parameter.schema.default_problem():
            raise stack.template.error(problem, word, name)
    for name in stack.parameters:
        if name in (stack.resources or {}):
            raise stack.template.error("a parameter and a resource have the same name", word, name)


def _check_parameter_groups(stack: Stack) -> None:
    groups, word = stack.template.parameter_groups, stack.template.version.words.parameter_groups
    if not groups or word is None:
        return
    if not isinstance(groups, list):
        raise stack.template.error("must be a list", word)
    seen: set[str] = set()
    for index, group in enumerate(groups):
        names = group.get("parameters") if isinstance(group, dict) else None
        if not isinstance(names, list):
            raise stack.template.error("a group needs a list of parameters", word, index)
        for name in names:
            if name in seen:
                raise stack.template.error(f"the parameter {name} is in several groups", word, index)
            if name not in stack.parameters and name not in stack.pseudo_parameters:
                raise stack.template.error(f"there is no parameter {name}", word, index)
            seen.add(name)


def _check_conditions(stack: Stack) -> None:
    word = stack.template.version.words.conditions
    for name, parsed in stack.conditions.items():
        if not isinstance(parsed, bool | Call):
            raise stack.template.error("a condition must be true, false or a function", word, name)
        check_snippet(stack, parsed, (word, name))
