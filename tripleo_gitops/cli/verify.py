"""`tripleo-plan verify`: prove that the mirror is a revision."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import configured, revision_argument
from tripleo_gitops.cli.output import emit, output_option

if TYPE_CHECKING:
    from tripleo_gitops.operations.mirror.verification import Verification
    from tripleo_gitops.wiring.config import Config


@click.command()
@revision_argument()
@click.option("--deep", is_flag=True, help="Read every object, instead of believing the checksums of the listing.")
@output_option
@configured
def verify(config: Config, revision: str, deep: bool, form: str) -> int:
    """Prove that the mirror is REVISION, and nothing else.

    Exits 0 when it is, 1 when anything differs.

    \b
    Examples:
      tripleo-plan verify
      tripleo-plan verify main --deep -o json
    """
    from tripleo_gitops.operations.mirror.secrets import plan_history
    from tripleo_gitops.operations.mirror.verification import verify_mirror
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.vault import open_vault

    with open_repository(config) as repository:
        plan = open_plan(repository, revision)
        mirror = open_cloud(config).mirror(plan.name)
        wanted = plan_history(repository, mirror.memory, open_vault(os.environ)).manifest(plan.revision)
    assert wanted is not None, "a revision that was opened is known"
    found = verify_mirror(mirror.store, mirror.container, wanted, deep=deep)
    emit(document_of(found), form=form, table=lambda: _print(found))
    return 0 if found.is_exact else 1


def document_of(found: Verification) -> dict[str, object]:
    """Return a verification as data."""
    return {
        "plan": found.container,
        "revision": str(found.revision),
        "mirrored": str(found.mirrored) if found.mirrored else None,
        "exact": found.is_exact,
        "deep": found.is_deep,
        "objects": found.objects,
        "manifest": found.is_manifest_right,
        "changes": [{"path": change.path, "kind": change.kind.value} for change in found.changes],
    }


def print_changes(found: Verification) -> None:
    """Print each object that differs, a line each."""
    colours = {"added": "green", "removed": "red", "changed": "yellow"}
    for change in found.changes:
        click.secho(f"{change.kind.value:8} {change.path}", fg=colours[change.kind.value])


def _print(found: Verification) -> None:
    print_changes(found)
    at = found.mirrored or "no revision (a sync is under way, or broke off)"
    how = "every byte read" if found.is_deep else "by the listing"
    if found.is_exact:
        click.echo(f"container {found.container} is {found.revision}: {found.objects} objects, {how}")
    else:
        click.echo(
            f"container {found.container} is not {found.revision}: it is at {at}, {len(found.changes)} objects differ"
            + ("" if found.is_manifest_right else ", its manifest is another one")
        )
