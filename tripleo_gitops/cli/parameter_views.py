"""`tripleo-plan parameters tree | list | show | get`: what Heat would answer, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.output import emit, output_option, print_fields, print_rows
from tripleo_gitops.cli.subject import subject_options

if TYPE_CHECKING:
    from tripleo_gitops.operations.parameter_forms import ParameterFacts
    from tripleo_gitops.operations.resolution import Resolved

SHOWN_USES = 8


@click.command()
@click.argument("revision", required=False)
@click.option("--flat", is_flag=True, help="Each stack and each parameter once, as TripleO's interfaces read them.")
@click.option("--roles", is_flag=True, help="The roles that the tree shows, with their counts and services.")
@click.option("--project-id", default="", help="What OS::project_id gives; Heat takes its caller's.")
@click.option("-o", "--output", "form", type=click.Choice(("json", "yaml")), default="json", show_default=True)
@subject_options
def tree(resolved: Resolved, flat: bool, roles: bool, project_id: str, form: str) -> None:
    """Print what Heat's nested validation would answer, without asking it.

    Of REVISION, of the work tree where none is named, of a directory, or of a template with environments. As in
    Heat's answer, values of hidden parameters are in it; secrets that are sealed are not opened for it.

    \b
    Examples:
      tripleo-plan parameters tree HEAD~1 -o json
      tripleo-plan parameters tree --plan ./rendered --flat
      tripleo-plan parameters tree --template web.yaml -e site.yaml -e secrets.yaml
    """
    from tripleo_gitops.heat import flat as flat_forms
    from tripleo_gitops.heat.tree import parameter_tree

    if flat and roles:
        raise click.UsageError("--flat and --roles are two forms; name one")
    found = parameter_tree(resolved.bundle, project_id=project_id) if project_id else resolved.parameters
    if flat:
        data: Any = flat_forms.flatten(found).to_document()
    else:
        data = [role.to_document() for role in flat_forms.roles(found)] if roles else found.to_heat()
    emit(data, form=form, table=lambda: None)


@click.command("list")
@click.argument("revision", required=False)
@click.option("--set", "only_set", is_flag=True, help="Only those that an environment sets.")
@output_option
@subject_options
def list_command(resolved: Resolved, only_set: bool, form: str) -> None:
    """List the parameters: value, default or set, and by which file and line.

    Values that templates compute for the stacks nested in them are only named. Hidden values are never shown.

    \b
    Examples:
      tripleo-plan parameters list
      tripleo-plan parameters list main --set -o yaml
    """
    from tripleo_gitops.operations.parameter_forms import ValueState, list_parameters

    states = {ValueState.SET, ValueState.UNUSED} if only_set else set(ValueState)
    found = [one for one in list_parameters(resolved) if one.state in states]
    rows = ((one.name, _value(one), one.state.value, str(one.origin or "")) for one in found)
    headings = ("NAME", "VALUE", "STATE", "FROM")
    emit([one.to_document() for one in found], form=form, table=lambda: print_rows(rows, headings=headings))


@click.command()
@click.argument("name")
@click.argument("revision", required=False)
@output_option
@subject_options
def show(resolved: Resolved, name: str, form: str) -> None:
    """Show one parameter: value, origin, what it overrode, its rules, and which stacks use it.

    \b
    Examples:
      tripleo-plan parameters show ControllerCount
      tripleo-plan parameters show NtpServer HEAD~1 -o json
    """
    from tripleo_gitops.operations.parameter_forms import show_parameter

    found = show_parameter(resolved, name)
    emit(found.to_document(), form=form, table=lambda: print_fields(dict(_fields(found))))


@click.command()
@click.argument("name")
@click.argument("revision", required=False)
@subject_options
def get(resolved: Resolved, name: str) -> None:
    """Print one parameter's value and nothing else: text as it is, anything else as JSON.

    A hidden value is printed as its mask; a parameter without a value prints an empty line.

    \b
    Example:
      tripleo-plan parameters get ControllerCount
    """
    from tripleo_gitops.operations.parameter_forms import show_parameter

    click.echo(_whole(show_parameter(resolved, name).value))


def _value(facts: ParameterFacts) -> str:
    from tripleo_gitops.heat.absent import ABSENT
    from tripleo_gitops.heat.report import shown

    return "" if facts.value is ABSENT else shown(facts.value)


def _whole(value: Any) -> str:
    import json

    from tripleo_gitops.heat.absent import ABSENT
    from tripleo_gitops.heat.masking import to_plain

    if value is ABSENT:
        return ""
    plain = to_plain(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _fields(facts: ParameterFacts) -> list[tuple[str, str]]:
    fields = [("name", facts.name), ("value", _whole(facts.value)), ("state", facts.state.value)]
    if facts.origin:
        fields.append(("by", str(facts.origin)))
    fields += [
        (f"overrode {number}" if len(facts.overridden) > 1 else "overrode", f"{_whole(one.value)}  {one.origin}")
        for number, one in enumerate(facts.overridden, start=1)
    ]
    fields += [("type", facts.type), ("default", _whole(facts.default)), ("label", str(facts.label))]
    fields += [
        ("description", " ".join(str(facts.description).split())),
        ("hidden", "yes" if facts.is_hidden else "no"),
    ]
    fields += [
        ("constraint", ", ".join(f"{key} {_whole(value)}" for key, value in one.items()))
        for one in facts.constraints[:1]
    ]
    fields += [
        (f"constraint {number}", ", ".join(f"{key} {_whole(value)}" for key, value in one.items()))
        for number, one in enumerate(facts.constraints[1:], start=2)
    ]
    shown = [
        f"{use.place} ({use.template}{', computed' if use.is_computed else ''})" for use in facts.uses[:SHOWN_USES]
    ]
    if len(facts.uses) > SHOWN_USES:
        shown.append(f"and {len(facts.uses) - SHOWN_USES} more")
    fields.append(("used in", ", ".join(shown) or "no stack"))
    return [(name, value) for name, value in fields if value]
