"""`tripleo-plan status`: the clone, the mirror and the stack, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import emit, note, output_option, print_fields

if TYPE_CHECKING:
    from tripleo_gitops.operations.status import CloneStatus, CloudStatus
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.wiring.config import Config


@click.command()
@output_option
@configured
def status(config: Config, form: str) -> None:
    """Show what is committed, mirrored and deployed.

    \b
    Examples:
      tripleo-plan status
      tripleo-plan status --cloud undercloud -o json
    """
    from tripleo_gitops.operations.revisions import plan_name_of
    from tripleo_gitops.operations.status import clone_status, cloud_status
    from tripleo_gitops.wiring.local import open_repository, open_work_copy

    with open_repository(config) as repository:
        revision = repository.resolve() if repository.has_commits() else None
        clone = None if repository.is_bare else clone_status(open_work_copy(config))
        name = plan_name_of(repository.tree(revision)) if revision else None
    cloud = None
    if config.cloud is None:
        note("no cloud named: mirror and stack are not shown (--cloud or OS_CLOUD)")
    elif name is not None:
        from tripleo_gitops.wiring.cloud import open_cloud

        services = open_cloud(config)
        cloud = cloud_status(name, containers=services.containers, stacks=services.stacks)
    data = {"plan": name, "revision": str(revision) if revision else None} | _clone(clone) | _cloud(cloud)
    emit(data, form=form, table=lambda: print_fields(_words(name, revision, clone, cloud)))


def _clone(clone: CloneStatus | None) -> dict[str, Any]:
    if clone is None:
        return {}
    return {
        "changed": list(clone.changed),
        "upstream": clone.upstream,
        "ahead": clone.ahead,
        "behind": clone.behind,
    }


def _cloud(cloud: CloudStatus | None) -> dict[str, Any]:
    if cloud is None:
        return {}
    return {
        "mirrored": str(cloud.mirrored) if cloud.mirrored else None,
        "deployed": str(cloud.deployed) if cloud.deployed else None,
        "stack_status": cloud.stack.status if cloud.stack else None,
        "stack_reason": cloud.stack.reason if cloud.stack else None,
    }


def _words(
    name: str | None, revision: Revision | None, clone: CloneStatus | None, cloud: CloudStatus | None
) -> dict[str, str]:
    fields = {"plan": name or "-", "revision": str(revision) if revision else "nothing is committed yet"}
    if clone is not None:
        fields["work tree"] = f"{len(clone.changed)} changed files" if clone.changed else "clean"
        fields["upstream"] = (
            f"{clone.upstream}: {clone.ahead} ahead, {clone.behind} behind" if clone.upstream else "none"
        )
    if cloud is not None:
        fields["mirrored"] = _beside(cloud.mirrored, revision) if cloud.is_mirrored else "no container"
        fields["deployed"] = _beside(cloud.deployed, revision) if cloud.stack else "no stack"
        fields["stack"] = f"{cloud.stack.status}: {cloud.stack.reason}" if cloud.stack else "-"
    return fields


def _beside(there: Revision | None, here: Revision | None) -> str:
    if there is None:
        return "an unknown revision (not put there by this tool)"
    same = here is not None and there.commit == here.commit
    return f"{there}{'' if same else '  (differs from the revision here)'}"
