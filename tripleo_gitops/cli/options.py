"""What commands share: where the plan is, which cloud, and the configuration made of both."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.wiring.config import Config

P = ParamSpec("P")
R = TypeVar("R")


def configured(command: Callable[Concatenate[Config, P], R]) -> Callable[P, R]:
    """Hand the command its Config; with an option `--cloud` that beats the one before the command's name."""

    @click.option("--cloud", metavar="NAME", help="Cloud of clouds.yaml to use [default: OS_CLOUD].")
    @click.pass_obj
    @functools.wraps(command)
    def translated(config: Config, cloud: str | None, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return command(config.with_cloud(cloud), *args, **kwargs)

    return translated  # type: ignore[no-any-return,unused-ignore]


def local(command: Callable[Concatenate[Config, P], R]) -> Callable[P, R]:
    """Hand the command its Config; the command asks no cloud."""

    @click.pass_obj
    @functools.wraps(command)
    def translated(config: Config, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return command(config, *args, **kwargs)

    return translated  # type: ignore[no-any-return,unused-ignore]


def revision_argument(default: str | None = "HEAD") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the argument REVISION: a branch, a tag, a commit id, `HEAD~1` or `main@sha1:…`."""
    return click.argument("revision", default=default, required=False)
