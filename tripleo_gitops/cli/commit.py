"""`tripleo-plan commit`: check, then commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import local
from tripleo_gitops.cli.output import emit, output_option

if TYPE_CHECKING:
    from tripleo_gitops.operations.commit import Committed
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.option("-m", "--message", required=True, help="The commit's message.")
@click.option("-a", "--all", "stage_all", is_flag=True, help="Everything that changed, new files too.")
@output_option
@local
def commit(config: Config, message: str, stage_all: bool, form: str) -> None:
    """Check the plan, then commit.

    What is staged is committed; what breaks a rule is refused with file, line and way out.

    The commit is made by git as you: your hooks, your identity, your signature.

    \b
    Examples:
      tripleo-plan commit --all -m "Three controllers"
      git add environments/tls.yaml; tripleo-plan commit -m "Settings for TLS"
    """
    from tripleo_gitops.operations.commit import commit_plan
    from tripleo_gitops.wiring.cache import open_cache
    from tripleo_gitops.wiring.local import open_repository, open_work_copy

    cache = open_cache(config)
    work_copy = open_work_copy(config)
    with open_repository(config) as repository:
        done = commit_plan(repository, work_copy, message=message, stage_all=stage_all, cache=cache)
    data = {
        "revision": str(done.revision),
        "files": [{"path": change.path, "kind": change.kind} for change in done.files],
        "warnings": [
            {"code": found.code, "path": found.path, "line": found.line, "message": found.message}
            for found in done.warnings
        ],
    }
    emit(data, form=form, table=lambda: _table(done))


def _table(done: Committed) -> None:
    from tripleo_gitops.cli.check import print_findings

    if done.warnings:
        print_findings(done.warnings)
    kinds = [change.kind for change in done.files]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("added", "changed", "removed") if kind in kinds)
    click.echo(f"{done.revision}: {counts}")
