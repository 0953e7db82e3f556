"""What commands share: where the plan is, which cloud, and the configuration made of both."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.wiring.config import Config

R = TypeVar("R")

local = click.pass_obj
"""Hand the command its Config; the command asks no cloud."""


def configured(command: Callable[..., R]) -> Callable[..., R]:
    """Hand the command its Config; with an option `--cloud` that beats the one before the command's name."""

    def translated(config: Config, /, *, cloud: str | None, **options: Any) -> R:
        return command(config.with_cloud(cloud), **options)

    functools.update_wrapper(translated, command)
    named = click.option("--cloud", metavar="NAME", help="Cloud of clouds.yaml to use [default: OS_CLOUD].")
    return named(click.pass_obj(translated))


def revision_or_directory(command: Callable[..., R]) -> Callable[..., R]:
    """Hand the command its Config, REVISION and `--plan DIR`, of which only one may be named; it asks no cloud."""

    def translated(config: Config, /, *, revision: str | None, plan: Path | None, **options: Any) -> R:
        if revision is not None and plan is not None:
            raise click.UsageError("name a REVISION or --plan, not both")
        return command(config, revision=revision, plan=plan, **options)

    functools.update_wrapper(translated, command)
    directory = click.option(
        "--plan",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="A directory with a plan, or with templates alone, instead of a revision.",
    )
    return click.argument("revision", required=False)(directory(click.pass_obj(translated)))


def selection_group(name: str, what: str) -> click.Group:
    """Return the group of commands that list and select what a plan is made of."""
    words = f"""{what}

    They change in the work tree; look with `tripleo-plan diff`, then commit.
    """
    return click.Group(name, help=words)


def revision_argument(default: str = "HEAD") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the argument REVISION: a branch, a tag, a commit id, `HEAD~1` or `main@sha1:…`."""
    return click.argument("revision", default=default, required=False)
