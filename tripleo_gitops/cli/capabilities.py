"""`tripleo-plan capabilities`: which environments are selected, and which may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import local, selection_group
from tripleo_gitops.cli.output import emit, output_option

if TYPE_CHECKING:
    from tripleo_gitops.plan.capabilities import Topic
    from tripleo_gitops.wiring.config import Config


capabilities = selection_group("capabilities", "List, enable and disable environments.")


@capabilities.command("list")
@output_option
@local
def list_command(config: Config, form: str) -> None:
    """List topics, groups and environments of the work tree, and which are enabled.

    \b
    Example:
      tripleo-plan capabilities list -o json
    """
    from tripleo_gitops.operations.editing import capabilities_of
    from tripleo_gitops.wiring.local import work_tree

    found = capabilities_of(work_tree(config))
    emit(_data(found), form=form, table=lambda: _table(found))


@capabilities.command()
@click.argument("paths", nargs=-1, required=True, metavar="ENVIRONMENT...")
@local
def enable(config: Config, paths: tuple[str, ...]) -> None:
    """Select environments, by their paths; what they require has to be selected too.

    \b
    Example:
      tripleo-plan capabilities enable environments/telemetry.yaml
    """
    _select(config, dict.fromkeys(paths, True))


@capabilities.command()
@click.argument("paths", nargs=-1, required=True, metavar="ENVIRONMENT...")
@local
def disable(config: Config, paths: tuple[str, ...]) -> None:
    """Take environments out of the selection.

    \b
    Example:
      tripleo-plan capabilities disable environments/telemetry.yaml
    """
    _select(config, dict.fromkeys(paths, False))


def _select(config: Config, changes: dict[str, bool]) -> None:
    from tripleo_gitops.operations.editing import select_environments
    from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
    from tripleo_gitops.wiring.local import open_work_copy, work_tree

    open_work_copy(config).write(PLAN_ENVIRONMENT_FILE, select_environments(work_tree(config), changes))
    verb = "enabled" if True in changes.values() else "disabled"
    click.echo(f"{PLAN_ENVIRONMENT_FILE}: {verb} {', '.join(changes)}; not committed yet")


def _data(found: tuple[Topic, ...]) -> list[dict[str, Any]]:
    return [
        {
            "topic": topic.title,
            "groups": [
                {
                    "group": group.title,
                    "mutually_exclusive": group.mutually_exclusive,
                    "environments": [
                        {
                            "file": one.file,
                            "title": one.title,
                            "enabled": one.enabled,
                            "requires": list(one.requires),
                        }
                        for one in group.environments
                    ],
                }
                for group in topic.groups
            ],
        }
        for topic in found
    ]


def _table(found: tuple[Topic, ...]) -> None:
    for topic in found:
        click.secho(topic.title, bold=True)
        for group in topic.groups:
            exclusive = "  (only one of these)" if group.mutually_exclusive else ""
            if group.title and len(group.environments) > 1:
                click.echo(f"  {group.title}{exclusive}")
            for one in group.environments:
                mark = click.style("[x]", fg="green") if one.enabled else "[ ]"
                click.echo(f"    {mark} {one.file}  {click.style(one.title, dim=True)}")
