"""`tripleo-plan diff`: what changes, for the files and for Heat."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import emit

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.comparison.diff import PlanDiff
    from tripleo_gitops.wiring.config import Config

FORMS = ("text", "table", "json", "yaml", "markdown", "html")
STYLES: dict[str, dict[str, Any]] = {
    "added": {"fg": "green"},
    "removed": {"fg": "red"},
    "changed": {"fg": "yellow"},
    "heading": {"bold": True},
    "dim": {"dim": True},
    "path": {"fg": "cyan"},
}


@click.command()
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option("--staged", is_flag=True, help="The newer side is what is staged, not the whole work tree.")
@click.option("--live", is_flag=True, help="Compare the deployed stack with OLD [default: HEAD].")
@click.option("--mirror", is_flag=True, help="Compare the plan's Swift container with OLD [default: HEAD].")
@click.option("--preview", is_flag=True, help="With --live: ask Heat for its own preview, and say where it differs.")
@click.option(
    "--exit-code/--no-exit-code", default=True, show_default=True, help="Exit with 1 when something differs, as Git."
)
@click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice(FORMS),
    default="text",
    show_default=True,
    help="For people, as data for programs, for a pull request, or as a page. table is text.",
)
@configured
def diff(config: Config, old: str | None, new: str | None, exit_code: bool, form: str, **against: bool) -> int:
    """Show what changes, for the files and for Heat.

    From OLD to NEW: files, capabilities, roles, and every parameter, resource and output of Heat.
    Without NEW, the work tree is the newer side; without OLD, HEAD is the older one. Heat is not asked,
    but with --live. Exits 0 when nothing differs, 1 when something does, 2 on an error.

    \b
    Examples:
      tripleo-plan diff                   what committing everything would change
      tripleo-plan diff --staged          what committing what is staged would change
      tripleo-plan diff HEAD~1 HEAD       what the last commit changed
      tripleo-plan diff main -o markdown  for a pull request
      tripleo-plan diff --live --preview  what deploying HEAD would change, and what Heat says
      tripleo-plan diff --mirror          what syncing HEAD would change
    """
    found = _find(config, old, new, **against)
    emit_diff(found, form=form)
    return 1 if exit_code and not found.is_empty else 0


def _find(
    config: Config, old: str | None, new: str | None, *, staged: bool, live: bool, mirror: bool, preview: bool
) -> PlanDiff:
    chosen = [name for name, is_on in (("--staged", staged), ("--live", live), ("--mirror", mirror)) if is_on]
    if len(chosen) > 1 or (chosen and new):
        raise click.UsageError(f"{' and '.join(chosen)} name a side: only one of them goes, with one revision")
    if preview and not live:
        raise click.UsageError("--preview goes with --live: Heat previews updates of a stack that is there")
    if live:
        return _diff_live(config, old or "HEAD", preview=preview)
    if mirror:
        return _diff_mirror(config, old or "HEAD")
    return _diff_trees(config, old, new, staged=staged)


def _diff_trees(config: Config, old: str | None, new: str | None, *, staged: bool) -> PlanDiff:
    from tripleo_gitops.operations.comparison.diff import diff_plans
    from tripleo_gitops.wiring.cache import open_cache
    from tripleo_gitops.wiring.local import open_repository, open_work_copy, work_tree

    with open_repository(config) as repository:
        before = repository.resolve(old or "HEAD") if old or repository.has_commits() else None
        after = repository.resolve(new) if new else None
        tree: PlanTree
        if after is not None:
            tree, label = repository.tree(after), after.short
        elif staged:
            tree, label = repository.tree_of(open_work_copy(config).index_tree()), "index"
        else:
            tree, label = work_tree(config), "work tree"
        return diff_plans(
            repository.tree(before) if before else None,
            tree,
            old_label=before.short if before else "nothing",
            new_label=label,
            cache=open_cache(config),
        )


def _diff_live(config: Config, revision: str, *, preview: bool) -> PlanDiff:
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.operations.stacks.live import diff_live, preview_live
    from tripleo_gitops.wiring.cache import open_cache
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.vault import open_vault

    stacks, cache, vault = open_cloud(config).stacks, open_cache(config), open_vault(os.environ)
    with open_repository(config) as repository:
        found = open_plan(repository, revision)
        ask = preview_live if preview else diff_live
        return ask(repository, stacks, found, vault=vault, cache=cache)


def _diff_mirror(config: Config, revision: str) -> PlanDiff:
    from tripleo_gitops.operations.comparison.mirror_diff import diff_mirror
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.wiring.cache import open_cache
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.local import open_repository

    containers = open_cloud(config).containers
    with open_repository(config) as repository:
        return diff_mirror(containers, open_plan(repository, revision), cache=open_cache(config))


def emit_diff(found: PlanDiff, *, form: str) -> None:
    """Print a diff in one of the forms."""
    from tripleo_gitops.operations.comparison import diff_report

    if form == "markdown":
        click.echo(diff_report.markdown(found), nl=False)
    elif form == "html":
        click.echo(diff_report.html(found, is_page=True))
    else:
        emit(found.to_document(), form=form, table=lambda: print_diff(found))


def print_diff(found: PlanDiff, *, err: bool = False) -> None:
    """Print a diff for people, on standard output or (`err`) on standard error."""
    from tripleo_gitops.operations.comparison.diff_report import lines

    click.secho(f"{found.old_label} → {found.new_label}", bold=True, err=err)
    if found.is_empty:
        click.echo("nothing differs", err=err)
    for line in lines(found):
        click.echo("".join(click.style(segment.text, **STYLES.get(segment.style, {})) for segment in line), err=err)
