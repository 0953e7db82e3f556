"""`tripleo-plan mistral`: the tool's verbs and workflows in OpenStack's own workflow service."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import configured, local
from tripleo_gitops.cli.output import emit, output_option, print_rows

if TYPE_CHECKING:
    from tripleo_gitops.openstack.workflow_service import WorkflowService
    from tripleo_gitops.operations.mistral_install import MistralStatus
    from tripleo_gitops.wiring.config import Config


@click.group()
def mistral() -> None:
    """Register the tool's workflows in Mistral, for clients that drive deployments through it.

    Its actions come with the package: install tripleo-gitops[mistral] where Mistral runs.
    """


@mistral.command()
@click.option("--replace", is_flag=True, help="Replace workbooks of the same names that are not this tool's.")
@click.option("--private", "is_private", is_flag=True, help="For this project only, which needs no administrator.")
@configured
def install(config: Config, replace: bool, is_private: bool) -> None:
    """Register the workflows of this release, or bring those of another one up to date, for every project.

    What is current stays as it is; executions under way go on as they began.

    \b
    Example:
      tripleo-plan mistral install
    """
    from tripleo_gitops.operations import mistral_install
    from tripleo_gitops.wiring.mistral import workbook_texts

    store, found = _look(config)
    done = mistral_install.install(store, workbook_texts(), found, replace=replace, is_public=not is_private)
    for name in done:
        click.echo(f"registered {name}")
    click.echo(f"{len(found.workbooks)} workbooks and {found.actions} actions are current, {len(done)} were registered")


@mistral.command()
@configured
def uninstall(config: Config) -> None:
    """Take the tool's workflows out of Mistral; those of others stay.

    \b
    Example:
      tripleo-plan mistral uninstall
    """
    from tripleo_gitops.operations import mistral_install

    store, found = _look(config)
    done = mistral_install.uninstall(store, found)
    click.echo(f"{len(done)} workbooks were removed; the actions go with the package")


@mistral.command()
@output_option
@configured
def status(config: Config, form: str) -> int:
    """Show what of the tool is in Mistral; exits 1 when something is absent or of another release.

    \b
    Example:
      tripleo-plan mistral status -o json
    """
    _store, found = _look(config)
    data = {
        "installed": found.is_installed,
        "workbooks": {name: standing.value for name, standing in found.workbooks.items()},
        "actions": found.actions,
        "missing_actions": list(found.missing),
    }
    rows = [(name, standing.value) for name, standing in found.workbooks.items()]
    rows.append(("actions", f"{found.actions - len(found.missing)} of {found.actions}"))
    emit(data, form=form, table=lambda: print_rows(rows, headings=("WORKBOOK", "STATE")))
    return 0 if found.is_installed else 1


@mistral.command()
@click.argument("plan")
@click.option("--project", "project_id", metavar="ID", required=True, help="The project whose users may work on it.")
@local
def give(config: Config, plan: str, project_id: str) -> None:
    """Let a project's users work on a plan of this server through Mistral.

    A plan that somebody creates through Mistral is their project's from the start.

    \b
    Example:
      tripleo-plan mistral give overcloud --project 5f0d…
    """
    from tripleo_gitops.operations.caller import give_plan
    from tripleo_gitops.plan.names import parse_plan_name

    give_plan(config.plans_directory / f"{parse_plan_name(plan)}.git", project_id)
    click.echo(f"plan {plan} belongs to project {project_id}")


def _look(config: Config) -> tuple[WorkflowService, MistralStatus]:
    from tripleo_gitops.operations.mistral_install import mistral_status
    from tripleo_gitops.wiring.mistral import action_names, open_mistral, workbook_texts
    from tripleo_gitops.wiring.mistral_runs import remember_mistral

    store = open_mistral(config)
    remember_mistral(config, os.environ)
    return store, mistral_status(store, workbook_texts(), action_names())
