"""`tripleo-plan drift`: what was changed in the mirror behind the tool's back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import emit, note, output_option

if TYPE_CHECKING:
    from tripleo_gitops.operations.mirror.drift import Drift, ObjectDrift
    from tripleo_gitops.wiring.config import Config

LINES_SHOWN = 40
"""How much of one object's diff the table shows: a file that was removed is in Git, whole."""


@click.command()
@click.option("--deep", is_flag=True, help="Read every object, instead of believing the checksums of the listing.")
@click.option("--repair", "repairs", is_flag=True, help="Put it back at once.")
@output_option
@configured
def drift(config: Config, deep: bool, repairs: bool, form: str) -> int:
    """Show what was changed in the mirror behind the tool's back.

    Each object that was changed, added or removed since the last sync, with a text diff;
    the table shows the first 40 lines of each, JSON and YAML have all.
    Exits 0 when nothing was, 1 when something was (also when it was put back).

    \b
    Examples:
      tripleo-plan drift
      tripleo-plan drift --repair
    """
    from tripleo_gitops.operations.mirror.drift import find_drift
    from tripleo_gitops.operations.mirror.repair import repair_mirror
    from tripleo_gitops.operations.mirror.secrets import plan_history
    from tripleo_gitops.operations.revisions import plan_name_of
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.vault import open_vault

    with open_repository(config) as repository:
        mirror = open_cloud(config).mirror(plan_name_of(repository.tree(repository.resolve())))
        history = plan_history(repository, mirror.memory, open_vault(os.environ))
        found = find_drift(mirror.store, mirror.container, history, deep=deep)
        emit(_document(found), form=form, table=lambda: _print(found))
        if repairs and not found.verification.is_exact:
            done = repair_mirror(mirror, history)
            note(f"put back: {done.put} put, {done.deleted} deleted")
    return 0 if found.verification.is_exact else 1


def _document(found: Drift) -> dict[str, object]:
    verified = found.verification
    return {
        "plan": verified.container,
        "revision": str(verified.revision),
        "manifest": verified.is_manifest_right,
        "objects": [
            {
                "path": drifted.change.path,
                "kind": drifted.change.kind.value,
                "diff": list(drifted.lines),
                "secret": drifted.is_secret,
            }
            for drifted in found.objects
        ],
    }


def _print(found: Drift) -> None:
    verified = found.verification
    for drifted in found.objects:
        _print_object(drifted)
    if not verified.is_manifest_right:
        click.echo(f"the manifest of {verified.container} is not that of {verified.revision}")
    if found.objects:
        click.echo(f"{len(found.objects)} objects of {verified.container} are not as {verified.revision} has them")
    elif verified.is_exact:
        click.echo(f"container {verified.container} is as {verified.revision} has it")


def _print_object(drifted: ObjectDrift) -> None:
    click.secho(f"{drifted.change.kind.value} {drifted.change.path}", bold=True)
    colours = {"+": "green", "-": "red", "@": "cyan"}
    if drifted.is_secret:
        click.echo("  not shown: it has secrets in clear")
    for line in drifted.lines[:LINES_SHOWN]:
        click.secho(f"  {line}", fg=colours.get(line[:1]))
    if left := drifted.lines[LINES_SHOWN:]:
        click.echo(f"  … {len(left)} more lines (JSON and YAML have them)")
