"""`tripleo-plan export`: a revision as a tar archive, or the whole repository as a Git bundle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import local, revision_argument

if TYPE_CHECKING:
    from tripleo_gitops.operations.revisions import PlanAtRevision
    from tripleo_gitops.repository.objects import PlanRepository
    from tripleo_gitops.wiring.config import Config


@click.command()
@revision_argument()
@click.option(
    "-f",
    "--output-file",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write, `-` for standard output [default: PLAN.tar.gz here; in a clone, beside it].",
)
@click.option("--rendered", "kind", flag_value="rendered", help="The rendered plan instead of the plan as committed.")
@click.option("--bundle", "kind", flag_value="bundle", help="The repository with its history, as a Git bundle.")
@click.option(
    "--secrets",
    type=click.Choice(["sealed", "clear", "none"]),
    default="sealed",
    show_default=True,
    help="Leave secrets sealed, open them as TripleO keeps them (for its import), or leave them out.",
)
@click.option("--force-overwrite", is_flag=True, help="Replace a file that is there.")
@local
def export(
    config: Config, revision: str, target: Path | None, kind: str | None, secrets: str, force_overwrite: bool
) -> None:
    """Write a revision as a gzipped tar.

    As `openstack overcloud plan export` does; equal bytes for equal plans. With --secrets clear the file is
    its owner's only.

    \b
    Examples:
      tripleo-plan export
      tripleo-plan export HEAD~1 -f - | tar tz
      tripleo-plan export --secrets clear -f for-tripleo.tar.gz
      tripleo-plan export --bundle -f site1.bundle
    """
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository:
        found = open_plan(repository, revision)
        path = target or _folder(config, repository) / f"{found.name}.{'bundle' if kind == 'bundle' else 'tar.gz'}"
        if not force_overwrite and path.exists():
            raise click.UsageError(f"{path} exists; name another file, or pass --force-overwrite")
        if kind == "bundle":
            _write_bundle(config, path)
            return
        count = _write_archive(repository, found, path, is_rendered=kind == "rendered", secrets=secrets)
    click.echo(f"{found.revision}: {count} files in {path}", err=True)


def _folder(config: Config, repository: PlanRepository) -> Path:
    """Return where a file goes that nobody named: here; from within a clone beside it, where no commit takes it."""
    from tripleo_gitops.wiring.local import open_work_copy

    here = Path.cwd()
    if repository.is_bare or not here.is_relative_to(open_work_copy(config).path.resolve()):
        return Path()
    return open_work_copy(config).path.resolve().parent


def _write_bundle(config: Config, path: Path) -> None:
    from tripleo_gitops.repository.bundle import write_bundle

    path.unlink(missing_ok=True)
    write_bundle(config.directory, path)
    click.echo(f"every branch and tag in {path}", err=True)


def _write_archive(
    repository: PlanRepository, found: PlanAtRevision, path: Path, *, is_rendered: bool, secrets: str
) -> int:
    from tripleo_gitops.operations.export import SecretsAs, export_tree, write_archive
    from tripleo_gitops.repository.file_set import read_commit
    from tripleo_gitops.wiring.vault import open_vault

    committed = read_commit(Path(repository.git_dir), found.revision.commit)
    tree = export_tree(
        found.rendered if is_rendered else committed, secrets=SecretsAs(secrets), vault=open_vault(os.environ)
    )
    executables = [name for name in committed.paths() if committed.is_executable(name)]
    before = os.umask(0o077 if secrets == SecretsAs.CLEAR else 0o022)
    try:
        with click.open_file(str(path), "wb", atomic=str(path) != "-") as out:
            return write_archive(tree, out, time=repository.describe(found.revision).time, executables=executables)
    finally:
        os.umask(before)
