"""`tripleo-plan history`: the plan's commits, and where each of them is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import configured, revision_argument
from tripleo_gitops.cli.output import emit, output_option, print_rows

if TYPE_CHECKING:
    from tripleo_gitops.operations.status import CloudStatus
    from tripleo_gitops.plan.names import PlanName
    from tripleo_gitops.wiring.config import Config


@click.command()
@revision_argument()
@click.option("-n", "--limit", type=click.IntRange(1), default=20, show_default=True, help="How many commits.")
@output_option
@configured
def history(config: Config, revision: str, limit: int, form: str) -> None:
    """List the plan's commits, newest first.

    With a cloud (--cloud, OS_CLOUD) the mirrored and the deployed one are marked.

    \b
    Examples:
      tripleo-plan history
      tripleo-plan history main~5 -n 3 -o json
    """
    from tripleo_gitops.operations.commits import plan_history
    from tripleo_gitops.operations.revisions import plan_name_of
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository:
        start = repository.resolve(revision)
        cloud = _cloud(config, plan_name_of(repository.tree(start))) if config.cloud else None
        entries = plan_history(repository, start, limit=limit, cloud=cloud)
    data = [
        {
            "commit": entry.commit,
            "author": entry.author,
            "time": _time(entry.time),
            "subject": entry.subject,
            "mirrored": entry.is_mirrored,
            "deployed": entry.is_deployed,
        }
        for entry in entries
    ]
    rows = [
        (
            entry.commit[:12],
            _time(entry.time),
            entry.author.partition(" <")[0],
            ", ".join(
                word for word, is_so in (("mirrored", entry.is_mirrored), ("deployed", entry.is_deployed)) if is_so
            )
            or "-",
            entry.subject,
        )
        for entry in entries
    ]
    emit(data, form=form, table=lambda: print_rows(rows, headings=("COMMIT", "TIME", "AUTHOR", "CLOUD", "SUBJECT")))


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _cloud(config: Config, name: PlanName) -> CloudStatus:
    from tripleo_gitops.operations.status import cloud_status
    from tripleo_gitops.wiring.cloud import open_cloud

    cloud = open_cloud(config)
    return cloud_status(name, containers=cloud.containers, stacks=cloud.stacks)
