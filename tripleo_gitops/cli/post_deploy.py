"""`tripleo-plan post-deploy`: what a plan wants done once its stack is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured, local, revision_argument
from tripleo_gitops.cli.output import emit, output_option, print_rows
from tripleo_gitops.cli.runs_here import engine_option

if TYPE_CHECKING:
    from tripleo_gitops.plan.post_deploy import PostDeployStep
    from tripleo_gitops.wiring.config import Config


@click.group("post-deploy")
def post_deploy() -> None:
    """Do what follows a deployment: playbooks, checks of addresses, commands.

    The steps are those of [[post_deploy.steps]] in the plan's tripleo-plan.toml. A deployment does them by itself.
    """


@post_deploy.command("list")
@revision_argument()
@output_option
@local
def list_command(config: Config, revision: str, form: str) -> None:
    """List the steps of a revision.

    \b
    Example:
      tripleo-plan post-deploy list
    """
    from tripleo_gitops.plan.settings import read_settings
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository:
        steps = read_settings(repository.tree(repository.resolve(revision))).post_deploy.steps
    data = [_document(step) for step in steps]
    rows = ((one["name"], one["kind"], one["does"], f"{one['timeout_minutes']} min") for one in data)
    emit(data, form=form, table=lambda: print_rows(rows, headings=("STEP", "KIND", "DOES", "AT MOST")))


@post_deploy.command()
@revision_argument()
@engine_option
@output_option
@configured
def run(config: Config, revision: str, engine: str | None, form: str) -> None:
    """Do the steps of a revision again, with the stack as it is; then the post-deployment validations.

    \b
    Example:
      tripleo-plan post-deploy run
    """
    from tripleo_gitops.cli.runs_here import run_here

    ended = run_here(config, "post-deploy", revision=revision, inputs={}, engine=engine)
    steps = ended.result.get("post_deploy", {}).get("steps", [])
    rows = ((one["name"], one["kind"], one["outcome"], f"{one['seconds']:.1f}", one["problem"] or "-") for one in steps)
    headings = ("STEP", "KIND", "OUTCOME", "SECONDS", "PROBLEM")
    emit({"run": ended.id, "steps": steps}, form=form, table=lambda: print_rows(rows, headings=headings))


def _document(step: PostDeployStep) -> dict[str, Any]:
    from tripleo_gitops.plan.post_deploy import CommandStep, HttpStep

    match step:
        case HttpStep():
            kind, does = "http", step.url
        case CommandStep():
            kind, does = "command", " ".join(step.command)
        case _:
            kind, does = "playbook", step.playbook
    return {
        "name": step.name,
        "kind": kind,
        "does": does,
        "timeout_minutes": step.timeout_minutes,
        "only_warn": step.only_warn,
    }
