"""What the commands that look at parameters are asked about: a revision, the work tree, a directory, a template."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.operations.resolution import Resolved
    from tripleo_gitops.wiring.config import Config

R = TypeVar("R")

_ENVIRONMENT = click.option(
    "-e",
    "--environment",
    "environments",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Environment to add, lowest precedence first; with --plan a path of that directory.",
)
_TEMPLATE = click.option(
    "--template",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A template for Heat with its -e, as `openstack stack create -t` takes them.",
)
_PLAN = click.option(
    "--plan",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A directory with a plan, or with templates, instead of a repository.",
)


def subject_options(command: Callable[..., R]) -> Callable[..., R]:
    """Hand the command, as `resolved`, what its REVISION, `--plan`, `--template` and `-e` name."""

    def translated(
        config: Config, /, *, revision: str | None, plan: Path | None, template: Path | None, **options: Any
    ) -> R:
        environments: tuple[Path, ...] = options.pop("environments")
        if revision is not None and (plan or template or environments):
            raise click.UsageError("name a REVISION, or --plan, or --template, but one of them")
        if environments and not (plan or template):
            raise click.UsageError("-e goes with --template FILE or --plan DIR")
        return command(resolved=_resolve(config, revision, plan, template, environments), **options)

    functools.update_wrapper(translated, command)
    for option in (_ENVIRONMENT, _TEMPLATE, _PLAN):
        translated = option(translated)
    return click.pass_obj(translated)


def _resolve(
    config: Config, revision: str | None, plan: Path | None, template: Path | None, environments: tuple[Path, ...]
) -> Resolved:
    from tripleo_gitops.operations.resolution import Reader, resolve_plan
    from tripleo_gitops.operations.subjects import resolve_directory, resolve_files
    from tripleo_gitops.repository.directory import DirectoryTree
    from tripleo_gitops.wiring.cache import open_cache
    from tripleo_gitops.wiring.local import open_repository, work_tree

    reader = Reader(open_cache(config))
    if plan is not None:
        names = [path.as_posix() for path in environments]
        root = template.as_posix() if template else None
        return resolve_directory(
            DirectoryTree(config.directory / plan), template=root, environments=names, reader=reader
        )
    if template is not None:
        here = config.directory
        return resolve_files(here / template, [here / path for path in environments], reader=reader)
    repository = open_repository(config)
    if revision is None and not repository.is_bare:
        return resolve_plan(work_tree(config), reader=reader)
    return resolve_plan(repository.tree(repository.resolve(revision or "HEAD")), reader=reader)
