"""`tripleo-plan diff`: what changes, for the files and for Heat."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import emit, output_option

if TYPE_CHECKING:
    from tripleo_gitops.operations.diff import PlanDiff
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option("--live", is_flag=True, help="Compare the deployed stack with OLD [default: HEAD].")
@output_option
@configured
def diff(config: Config, old: str | None, new: str | None, live: bool, form: str) -> int:
    """Show what changes, for the files and for Heat.

    From OLD to NEW: files, capabilities, and every parameter, resource and output of Heat.
    Without NEW, the work tree is the newer side; without OLD, HEAD is the older one. Heat is not asked.
    Exits 0 when nothing differs, 1 when something does, 2 on an error.

    \b
    Examples:
      tripleo-plan diff                what committing everything would change
      tripleo-plan diff HEAD~1 HEAD    what the last commit changed
      tripleo-plan diff --live         what deploying HEAD would change
    """
    if live and new:
        raise click.UsageError("--live compares the stack with one revision, not two")
    found = _diff_live(config, old or "HEAD") if live else _diff_trees(config, old, new)
    emit(found.to_document(), form=form, table=lambda: print_diff(found))
    return 0 if found.is_empty else 1


def _diff_trees(config: Config, old: str | None, new: str | None) -> PlanDiff:
    from tripleo_gitops.operations.diff import diff_plans
    from tripleo_gitops.wiring.local import open_repository, work_tree

    with open_repository(config) as repository:
        before = repository.resolve(old or "HEAD") if old or repository.has_commits() else None
        after = repository.resolve(new) if new else None
        return diff_plans(
            repository.tree(before) if before else None,
            repository.tree(after) if after else work_tree(config),
            old_label=before.short if before else "nothing",
            new_label=after.short if after else "work tree",
        )


def _diff_live(config: Config, revision: str) -> PlanDiff:
    from tripleo_gitops.operations.live import diff_live
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.vault import open_vault

    stacks = open_cloud(config).stacks
    with open_repository(config) as repository:
        return diff_live(repository, stacks, open_plan(repository, revision), vault=open_vault(os.environ))


def print_diff(found: PlanDiff, *, err: bool = False) -> None:
    """Print a diff for people, on standard output or (`err`) on standard error."""
    from tripleo_gitops.heat.report import text

    styles: dict[str, dict[str, Any]] = {
        "added": {"fg": "green"},
        "removed": {"fg": "red"},
        "changed": {"fg": "yellow"},
        "heading": {"bold": True},
        "dim": {"dim": True},
        "path": {"fg": "cyan"},
    }
    click.secho(f"{found.old_label} → {found.new_label}", bold=True, err=err)
    if found.is_empty:
        click.echo("nothing differs", err=err)
    marks = {"added": "+", "removed": "-", "changed": "~"}
    if found.files:
        click.secho(f"Files ({len(found.files)})", bold=True, err=err)
    for change in found.files:
        click.secho(f"  {marks[change.kind]} {change.path}", err=err, **styles[change.kind])
    if found.selection:
        click.secho("Capabilities", bold=True, err=err)
    for selected in found.selection:
        kind, verb = ("added", "enabled") if selected.is_enabled else ("removed", "disabled")
        click.secho(f"  {marks[kind]} {selected.path} {verb}", err=err, **styles[kind])
    for line in text(found.parameters):
        click.echo("".join(click.style(segment.text, **styles.get(segment.style, {})) for segment in line), err=err)
