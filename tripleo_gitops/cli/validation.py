"""`tripleo-plan validation`: which there are, run some, stop them, what they found."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured, local
from tripleo_gitops.cli.output import emit, note, output_option, print_fields, print_rows
from tripleo_gitops.cli.runs_here import engine_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tripleo_gitops.operations.playbooks.validation_results import ValidationRecord
    from tripleo_gitops.plan.ansible_settings import ValidationSettings
    from tripleo_gitops.validations.catalogue import Catalogue
    from tripleo_gitops.validations.validation import Validation
    from tripleo_gitops.wiring.config import Config

_REVISION = click.option("--revision", default="HEAD", show_default=True, help="Whose validations these are.")
_LIMIT = click.option("--limit", "count", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many.")


@click.group()
def validation() -> None:
    """Look before and after a deployment, without changing anything.

    A validation is an Ansible playbook that says in its variables what it is, as TripleO has them. A plan's own are
    in its folders `validations` and `custom-validations`; they come before those installed on this machine.
    """


@validation.command("list")
@_REVISION
@click.option("--group", "groups", multiple=True, metavar="NAME", help="Only those of a group.")
@click.option("--category", "categories", multiple=True, metavar="NAME", help="Only those of a category.")
@click.option("--product", "products", multiple=True, metavar="NAME", help="Only those for a product.")
@output_option
@local
def list_command(
    config: Config,
    revision: str,
    groups: tuple[str, ...],
    categories: tuple[str, ...],
    products: tuple[str, ...],
    form: str,
) -> None:
    """List the validations that a plan has.

    \b
    Examples:
      tripleo-plan validation list
      tripleo-plan validation list --group pre-deployment -o json
    """
    catalogue, settings = _catalogue(config, revision)
    found = catalogue.select(groups=groups, categories=categories, products=products)
    data = [_document(one, settings) for one in found]
    rows = ((one.id, one.origin.value, ", ".join(one.groups) or "-", one.name) for one in found)
    emit(data, form=form, table=lambda: print_rows(rows, headings=("ID", "FROM", "GROUPS", "NAME")))
    for error in catalogue.broken:
        note(f"not read: {error}")


@validation.command()
@_REVISION
@output_option
@local
def groups(config: Config, revision: str, form: str) -> None:
    """List the groups that validations are in.

    \b
    Example:
      tripleo-plan validation groups
    """
    catalogue, settings = _catalogue(config, revision)
    found = catalogue.groups()
    data = [
        {
            "group": one.name,
            "validations": one.count,
            "gate": one.name in settings.gates,
            "description": one.description,
        }
        for one in found
    ]
    rows = ((one.name, str(one.count), "gate" if one.name in settings.gates else "", one.description) for one in found)
    emit(data, form=form, table=lambda: print_rows(rows, headings=("GROUP", "VALIDATIONS", "", "DESCRIPTION")))


@validation.command()
@click.argument("name", metavar="ID")
@_REVISION
@output_option
@local
def show(config: Config, name: str, revision: str, form: str) -> None:
    """Show one validation with its parameters.

    \b
    Example:
      tripleo-plan validation show enough-nodes
    """
    catalogue, settings = _catalogue(config, revision)
    one = catalogue.get(name)
    data = _document(one, settings)
    words = {key: _words(value) for key, value in data.items() if key != "parameters"}
    parameters = {f"parameter {key}": _words(value) for key, value in data["parameters"].items()}
    emit(data, form=form, table=lambda: print_fields({**words, **parameters}))


@validation.command()
@click.argument("names", nargs=-1, metavar="[ID]...")
@_REVISION
@click.option("--group", metavar="NAME", help="Run those of a group.")
@click.option("--limit", "hosts", multiple=True, metavar="HOSTS", help="Only on these hosts or groups of hosts.")
@engine_option
@output_option
@configured
def run(config: Config, *, names: tuple[str, ...], revision: str, engine: str | None, form: str, **chosen: Any) -> int:
    """Run validations: one, many, a group, or all of them.

    They are given the outputs of the plan's stack, or none where there is no stack. Several run at once, as many as
    the plan says. The exit code is 1 when one failed that is not a warning.

    \b
    Examples:
      tripleo-plan validation run enough-nodes unique-ports
      tripleo-plan validation run --group post-deployment --cloud undercloud
    """
    from tripleo_gitops.cli.runs_here import run_here
    from tripleo_gitops.wiring.run_validations import validations_of

    inputs: dict[str, Any] = {"validations": list(names), "limit": list(chosen["hosts"])}
    inputs |= {"group": chosen["group"]} if chosen["group"] else {}
    quiet = ("ValidationsFailed",)
    ended = run_here(config, "validation", revision=revision, inputs=inputs, quiet_reasons=quiet, engine=engine)
    found = validations_of(config, os.environ, ended, say=note)
    if not found:
        ended.check_succeeded()
    emit([one.to_document() for one in found], form=form, table=lambda: _print_records(found))
    return 1 if any(one.holds_up for one in found) else 0


@validation.command()
@click.argument("names", nargs=-1, metavar="[ID]...")
@click.option("--run", "run_id", metavar="RUN", help="Those of one run.")
@click.option("--all", "everything", is_flag=True, help="All that are running on this plan.")
@local
def stop(config: Config, names: tuple[str, ...], run_id: str | None, everything: bool) -> None:
    """Stop validations that are running, whoever runs them and wherever.

    ID is a validation's, or that of one record of `tripleo-plan validation results`.

    \b
    Examples:
      tripleo-plan validation stop enough-nodes
      tripleo-plan validation stop --all
    """
    from tripleo_gitops.operations.playbooks.validation_stopping import stop_validations
    from tripleo_gitops.wiring.ansible import open_results
    from tripleo_gitops.wiring.runs import actor_at

    if not (names or run_id or everything):
        raise click.UsageError("name validations, a --run, or --all")
    with open_results(config, os.environ) as results:
        actor = actor_at(config.directory)
        stopped = stop_validations(
            results, plan=_plan_name(config), ids=names, run=_run_id(config, run_id), actor=actor
        )
    for one in stopped:
        click.echo(f"{one.validation} of run {one.run}: asked to stop")


@validation.command()
@click.option("--run", "run_id", metavar="RUN", help="Those of one run.")
@_LIMIT
@output_option
@local
def results(config: Config, run_id: str | None, count: int, form: str) -> None:
    """Show what each validation found last, or what those of one run found.

    \b
    Examples:
      tripleo-plan validation results
      tripleo-plan validation results --run 12 -o json
    """
    found = _find(config, run=_run_id(config, run_id), limit=1000)
    last = found if run_id else tuple({one.validation: one for one in reversed(found)}.values())
    shown = sorted(last, key=lambda one: one.validation)[:count]
    emit([one.to_document() for one in shown], form=form, table=lambda: _print_records(shown))


@validation.command()
@click.argument("name", metavar="[ID]", required=False)
@_LIMIT
@output_option
@local
def history(config: Config, name: str | None, count: int, form: str) -> None:
    """Show every time that validations of this plan were run, the newest first.

    \b
    Example:
      tripleo-plan validation history enough-nodes
    """
    found = _find(config, validation=name, limit=count)
    emit([one.to_document() for one in found], form=form, table=lambda: _print_records(found))


def _catalogue(config: Config, revision: str) -> tuple[Catalogue, ValidationSettings]:
    from tripleo_gitops.operations.playbooks.validation_jobs import find_validations
    from tripleo_gitops.plan.settings import read_settings
    from tripleo_gitops.wiring.ansible import shipped_validations
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository:
        tree = repository.tree(repository.resolve(revision))
        settings = read_settings(tree).validations
        return find_validations(tree, settings, shipped_validations(os.environ)), settings


def _plan_name(config: Config) -> str:
    from tripleo_gitops.operations.revisions import plan_name_of
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository:
        return plan_name_of(repository.tree(repository.resolve("HEAD")))


def _find(config: Config, **asked: Any) -> tuple[ValidationRecord, ...]:
    from tripleo_gitops.operations.playbooks.validation_results import ResultQuery
    from tripleo_gitops.wiring.ansible import open_results

    with open_results(config, os.environ) as results:
        return results.find(ResultQuery(plan=_plan_name(config), **asked))


def _run_id(config: Config, text: str | None) -> str | None:
    """Return the id of a run that is named by its number or id."""
    from tripleo_gitops.wiring.runs import open_runs

    if text is None:
        return None
    with open_runs(config, os.environ, say=note) as store:
        return store.get(text).id


def _document(one: Validation, settings: ValidationSettings) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "description": one.description,
        "groups": list(one.groups),
        "categories": list(one.categories),
        "products": list(one.products),
        "hosts": one.hosts,
        "from": one.origin.value,
        "file": f"{one.source}/{one.path}" if one.source else one.path,
        "severity": "off" if one.id in settings.off else "warning" if one.id in settings.warning else "error",
        "parameters": dict(one.parameters),
    }


def _print_records(found: Sequence[ValidationRecord]) -> None:
    headings = ("ID", "VALIDATION", "STATE", "SECONDS", "RUN", "REVISION", "STARTED", "PROBLEM")
    print_rows((_row(one) for one in found), headings=headings)


def _row(one: ValidationRecord) -> tuple[str, ...]:
    from tripleo_gitops.plan.revision import parse_revision

    state = (
        f"{one.state} (warning)" if one.is_warning and one.state not in ("passed", "skipped", "running") else one.state
    )
    seconds = f"{one.seconds:.1f}" if one.seconds is not None else "-"
    started = one.started.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    short = parse_revision(one.revision).short
    return (one.id, one.validation, state, seconds, one.run, short, started, one.problem or "-")


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return str(value) if value not in ("", None) else "-"
