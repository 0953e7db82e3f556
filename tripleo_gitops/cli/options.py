"""What commands share: where the plan is, which cloud, and the configuration made of both."""

from __future__ import annotations

import functools
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


def revision_argument(default: str = "HEAD") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the argument REVISION: a branch, a tag, a commit id, `HEAD~1` or `main@sha1:…`."""
    return click.argument("revision", default=default, required=False)
