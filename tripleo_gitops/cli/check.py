"""`tripleo-plan check`: does a revision, or the work tree, keep the rules of plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import local
from tripleo_gitops.cli.output import emit, output_option

if TYPE_CHECKING:
    from tripleo_gitops.plan.checks import Finding
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.argument("revision", required=False)
@output_option
@local
def check(config: Config, revision: str | None, form: str) -> int:
    """Check a revision, or the work tree.

    Exits 2 when REVISION (the work tree where none is named) breaks a rule of plans.

    \b
    Examples:
      tripleo-plan check            what `commit --all` would say
      tripleo-plan check main -o json
    """
    from tripleo_gitops.plan.checks import Severity
    from tripleo_gitops.plan.checks import check as check_tree
    from tripleo_gitops.wiring.local import open_repository, work_tree

    if revision is None:
        findings = check_tree(work_tree(config))
    else:
        with open_repository(config) as repository:
            findings = check_tree(repository.tree(repository.resolve(revision)))
    data = [
        {
            "code": found.code,
            "severity": found.severity.value,
            "path": found.path,
            "line": found.line,
            "message": found.message,
            "hint": found.hint,
        }
        for found in findings
    ]
    emit(data, form=form, table=lambda: print_findings(findings))
    return 2 if any(found.severity is Severity.ERROR for found in findings) else 0


def print_findings(findings: tuple[Finding, ...]) -> None:
    """Print findings as compilers do: place, severity, message, code; then the way out."""
    for found in findings:
        place = f"{found.path}:{found.line}" if found.line else found.path
        click.echo(f"{place}: {found.severity.value}: {found.message} [{found.code}]")
        if found.hint:
            click.secho(f"    {found.hint}", dim=True)
    if not findings:
        click.echo("no findings")
