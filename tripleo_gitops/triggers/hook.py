"""`tripleo-plan hook`: put our hooks into a repository, and be what they call."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config

MEANINGS = {
    "pre-receive": "refuses pushes that break a rule of the plan",
    "post-receive": "mirrors at each push, and deploys where the plan's settings say so",
    "post-commit": "mirrors at each commit, and deploys where the plan's settings say so",
}


@click.group()
def hook() -> None:
    """Let a commit or a push mirror and deploy.

    The plan's settings (tripleo-plan.toml) say which of the two.
    """


@hook.command()
@click.option("--cloud", metavar="NAME", help="Cloud that the hook uses [default: OS_CLOUD].")
@click.option(
    "--signatures",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, resolve_path=True),
    metavar="FILE",
    help="What is demanded of signatures here: a signatures.toml outside the repository.",
)
@click.pass_obj
def install(config: Config, cloud: str | None, signatures: Path | None) -> None:
    """Put the hooks into the repository here.

    A bare one gets pre-receive, which refuses what breaks a rule of the plan, and post-receive; a clone post-commit.

    The cloud and the clouds.yaml of now are kept in the repository's Git configuration (tripleo-gitops.*):
    whoever pushes needs no cloud of their own.

    \b
    Examples:
      tripleo-plan -C /srv/plans/site1.git hook install --cloud undercloud
      tripleo-plan -C /srv/plans/site1.git hook install --signatures /etc/tripleo-gitops/site1.toml
      tripleo-plan hook install
    """
    from tripleo_gitops.repository.hooks import install_hooks
    from tripleo_gitops.wiring.shipped import shipped_directory

    config = config.with_cloud(cloud)
    settings = {"command": str(_command())}
    if config.cloud:
        settings["cloud"] = config.cloud
    if clouds_file := os.environ.get("OS_CLIENT_CONFIG_FILE"):
        settings["clouds-file"] = str(Path(clouds_file).absolute())
    if signatures is not None:
        settings["signatures"] = str(signatures)
    for installed in install_hooks(config.directory, shipped_directory("hooks"), settings):
        click.echo(f"{installed.path}: {MEANINGS[installed.name]}")
    click.echo(f"for cloud {config.cloud or 'OS_CLOUD'}")


def _command() -> Path:
    """Return the `tripleo-plan` that runs now, for git to call where no PATH leads to it."""
    beside = Path(sys.executable).with_name("tripleo-plan")
    found = str(beside) if beside.exists() else shutil.which("tripleo-plan")
    if found is None:
        raise click.UsageError("no command tripleo-plan is installed that git could call")
    return Path(found).absolute()


@hook.command()
@click.argument("name", type=click.Choice(list(MEANINGS)))
@click.pass_obj
def run(config: Config, name: str) -> None:
    """What the hooks call: check a push, or make the cloud follow the repository's branch.

    Which refs a push moved is only a hint: refs, mirror and stack are read, so that a lost or doubled
    call changes nothing. A failure is told to whoever pushed; the commits stay.
    """
    from tripleo_gitops.errors import GitopsError
    from tripleo_gitops.triggers.reconciling import reconcile_repository

    if name == "pre-receive":
        _check_push(config)
        return
    if name == "post-receive" and not sys.stdin.isatty():
        sys.stdin.read()  # drained, so that git does not see a broken pipe; what it says is only a hint
    try:
        reconcile_repository(config, say=lambda line: click.echo(f"tripleo-plan: {line}", err=True), clock=time)
    except GitopsError:
        click.echo(
            "tripleo-plan: the commits are kept; the cloud does not follow them yet. "
            "Once mended, push again or run `tripleo-plan sync`",
            err=True,
        )
        raise


def _check_push(config: Config) -> None:
    """Refuse a push that nobody signed who may, with secrets in clear, or whose new revision breaks a rule."""
    from tripleo_gitops.operations.checking import check_push
    from tripleo_gitops.operations.secrets.pushed_secrets import check_pushed_secrets
    from tripleo_gitops.operations.signatures import check_signed_push
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.signatures import signature_demands

    incoming = os.environ.get("GIT_OBJECT_DIRECTORY")
    with open_repository(config, incoming=Path(incoming) if incoming else None) as repository:
        updates = sys.stdin.read()
        check_signed_push(repository, signature_demands(config, repository), updates, now=time.time())
        check_pushed_secrets(repository, updates, cache=repository.cache)
        check_push(repository, updates)
