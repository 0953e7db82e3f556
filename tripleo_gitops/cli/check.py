"""`tripleo-plan check`: does a revision, or the work tree, keep the rules of plans."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import revision_or_directory
from tripleo_gitops.cli.output import emit

if TYPE_CHECKING:
    from pathlib import Path

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.plan.checks import Finding
    from tripleo_gitops.wiring.config import Config

FORMS = ("table", "json", "yaml", "sarif", "github", "gitlab")


@click.command()
@click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice(FORMS),
    default="table",
    show_default=True,
    help="For people, as data, as SARIF 2.1.0, as GitHub annotations, as GitLab's code quality report.",
)
@revision_or_directory
def check(config: Config, revision: str | None, plan: Path | None, form: str) -> int:
    """Check a revision, or the work tree, and what Heat would make of it.

    Exits 2 when REVISION (the work tree where none is named) breaks a rule of plans.

    \b
    Examples:
      tripleo-plan check            what `commit --all` would say
      tripleo-plan check main -o json
      tripleo-plan check -o sarif > plan.sarif
    """
    from tripleo_gitops.operations.checking import check_tree
    from tripleo_gitops.plan.checks import Severity
    from tripleo_gitops.wiring.cache import open_cache

    findings = check_tree(_tree(config, revision, plan), cache=open_cache(config))
    _emit(findings, form=form)
    return 2 if any(found.severity is Severity.ERROR for found in findings) else 0


def _tree(config: Config, revision: str | None, plan: Path | None) -> PlanTree:
    from tripleo_gitops.repository.directory import DirectoryTree
    from tripleo_gitops.wiring.local import open_repository, work_tree

    if plan is not None:
        return DirectoryTree(config.directory / plan)
    if revision is None:
        return work_tree(config)
    repository = open_repository(config)
    return repository.tree(repository.resolve(revision))


def _emit(findings: tuple[Finding, ...], *, form: str) -> None:
    from tripleo_gitops.plan import check_report

    if form == "sarif":
        click.echo(json.dumps(check_report.sarif(findings, tool_version=version("tripleo-gitops")), indent=2))
    elif form == "github":
        click.echo(check_report.github(findings), nl=False)
    elif form == "gitlab":
        click.echo(json.dumps(check_report.gitlab(findings), indent=2))
    else:
        emit(check_report.plain(findings), form=form, table=lambda: print_findings(findings))


def print_findings(findings: tuple[Finding, ...]) -> None:
    """Print findings as compilers do: place, severity, message, code; then the way out. Many of a kind are short."""
    from tripleo_gitops.plan.check_report import lines

    for line in lines(findings):
        click.secho(line.text, dim=line.is_aside)
    if not findings:
        click.echo("no findings")
