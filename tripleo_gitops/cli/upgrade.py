"""`tripleo-plan upgrade`: merge a newer release of the plan's source."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.keeping import from_source
from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import note

if TYPE_CHECKING:
    from tripleo_gitops.cli.keeping import NamedSource
    from tripleo_gitops.operations.branch_changes import BranchChanges
    from tripleo_gitops.operations.upgrade import Upgrade, UpgradeReport
    from tripleo_gitops.repository.objects import PlanRepository
    from tripleo_gitops.wiring.config import Config


@click.command()
@from_source(default=None)
@click.option("--base", metavar="REVISION", help="The commit with the source's older files [default: as commits say].")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@configured
def upgrade(config: Config, source: NamedSource, base: str | None, yes: bool) -> None:
    """Merge a newer release of the templates.

    Git merges three-way: what you changed stays, what both changed is a conflict to resolve as in Git.
    Shows what that means for the plan's values, roles, services and for Heat, asks, then commits. In a bare
    repository a conflict is told, and nothing changes.

    \b
    Examples:
      tripleo-plan upgrade --from https://git.example.org/templates.git@stable/train
      tripleo-plan upgrade --from tripleo-heat-templates-11.6.0.tar.gz
    """
    from tripleo_gitops.operations.upgrade import begin_upgrade
    from tripleo_gitops.repository.identity import committer
    from tripleo_gitops.wiring.local import open_branch_changes, open_repository
    from tripleo_gitops.wiring.sources import open_source

    files, origin = open_source(config, source.text, ref=source.ref)
    now = int(time.time())
    with open_repository(config) as repository:
        branch = open_branch_changes(config, repository, now=now)
        begun = begin_upgrade(
            repository,
            branch,
            files,
            origin=origin,
            base=repository.resolve(base) if base else None,
            signature=committer(Path(repository.git_dir), time=now),
        )
        _finish(repository, branch, begun, yes=yes)


def _finish(repository: PlanRepository, branch: BranchChanges, begun: Upgrade, *, yes: bool) -> None:
    """Check, show and ask; whatever goes wrong puts everything back to where it was."""
    from tripleo_gitops.cli.diff import print_diff
    from tripleo_gitops.operations.comparison.diff import diff_plans
    from tripleo_gitops.operations.upgrade import check_upgrade, report_upgrade

    try:
        check_upgrade(begun, cache=repository.cache)
        before = repository.tree(begun.head)
        print_diff(diff_plans(before, begun.tree, old_label=begun.head.short, new_label="upgraded"), err=True)
        _tell(report_upgrade(before, begun.tree, cache=repository.cache))
        if not yes:
            click.confirm("commit this?", abort=True, err=True)
    except BaseException:
        branch.abort_merge()
        raise
    branch.commit_merge(begun.merged, begun.message)
    click.echo(f"{repository.resolve()}: {begun.message.splitlines()[0]}; `tripleo-plan deploy` makes the stack follow")


def _tell(report: UpgradeReport) -> None:
    for name in report.values_without_parameter:
        note(f"{name}: the plan sets it, and no template has it any more")
    for name in report.required_without_value:
        note(f"{name}: required, and nothing gives it a value")
    for name in report.missing_passwords:
        note(f"{name}: a password that the plan lacks; `tripleo-plan passwords generate` makes it")
    for role in report.roles:
        parts = [f"+{name.removeprefix('OS::TripleO::Services::')}" for name in role.came]
        parts += [f"-{name.removeprefix('OS::TripleO::Services::')}" for name in role.went]
        note(f"role {role.name}: {' '.join(parts)}")
