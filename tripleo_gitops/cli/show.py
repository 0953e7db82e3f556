"""`tripleo-plan show`: what a revision of the plan is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import local, revision_argument
from tripleo_gitops.cli.output import emit, output_option, print_fields

if TYPE_CHECKING:
    from tripleo_gitops.operations.revisions import PlanAtRevision
    from tripleo_gitops.repository.objects import CommitInfo
    from tripleo_gitops.wiring.config import Config


@click.command()
@revision_argument()
@output_option
@local
def show(config: Config, revision: str, form: str) -> None:
    """Show what the plan is at a revision.

    Its commit, template, selected environments, roles, networks and settings.

    \b
    Examples:
      tripleo-plan show
      tripleo-plan show HEAD~1 -o yaml
    """
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository:
        found = open_plan(repository, revision)
        data = _data(found, repository.describe(found.revision))
    emit(data, form=form, table=lambda: print_fields({key: _words(value) for key, value in data.items()}))


def _data(found: PlanAtRevision, commit: CommitInfo) -> dict[str, Any]:
    settings = found.plan.settings
    return {
        "plan": str(found.name),
        "description": found.plan.environment.description,
        "revision": str(found.revision),
        "author": commit.author,
        "date": datetime.fromtimestamp(commit.time, UTC).isoformat(),
        "subject": commit.subject,
        "template": found.plan.environment.template,
        "environments": list(found.plan.environment.selected_paths),
        "roles": [role.name for role in found.plan.roles],
        "networks": [network.name for network in found.plan.networks],
        "files": len(found.tree.paths()),
        "rendered_files": len(found.rendered.paths()),
        "sync_on_push": settings.sync.on_push,
        "deploy_on_push": settings.deploy.on_push,
    }


def _words(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
