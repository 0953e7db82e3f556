"""`tripleo-plan undercloud`: a disposable real OpenStack on this machine's loopback."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from platformdirs import user_cache_path, user_state_path

from tripleo_gitops.cli.output import emit, note, output_option, print_rows
from tripleo_gitops.undercloud.config import DEFAULT_SERVICES, Service, Undercloud

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.undercloud.config import Progress, Running, ServiceStatus

NAMES = tuple(service.value for service in Service)
GROUPS = {"default": DEFAULT_SERVICES, "all": tuple(Service)}

state_dir_option = click.option(
    "--state-dir",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="TRIPLEO_UNDERCLOUD_STATE_DIR",
    default=user_state_path("tripleo-gitops") / "undercloud",
    show_default=False,
    help="Where everything is kept [env: TRIPLEO_UNDERCLOUD_STATE_DIR; default: below XDG state].",
)


def _parse_services(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[Service, ...]:
    """Return the services of a comma-separated list, in which `default` and `all` stand for several."""
    chosen: set[Service] = set()
    for word in value.replace(",", " ").split():
        if word not in (*GROUPS, *NAMES):
            raise click.BadParameter(f"{word!r} is none of {', '.join((*GROUPS, *NAMES))}")
        chosen.update(GROUPS.get(word) or (Service(word),))
    return tuple(service for service in Service if service in chosen)


@click.group()
def undercloud() -> None:
    """Run a disposable real OpenStack on 127.0.0.1: no root, no Docker, no broker.

    \b
    Examples:
      tripleo-plan undercloud up            Keystone, Swift and Heat, ready in seconds
      eval "$(tripleo-plan undercloud env)"
      openstack stack list
      tripleo-plan undercloud down          stops it; the next `up` finds its data

    The services come with the extra `tripleo-gitops[undercloud]`.
    """


@undercloud.command(short_help="Start what does not run yet; return when all answer.")
@state_dir_option
@click.option(
    "--services",
    callback=_parse_services,
    metavar="LIST",
    default="default",
    show_default="keystone,swift,heat",
    help=f"Comma-separated: {', '.join(NAMES)}; `default` and `all` stand for several.",
)
@click.option("--port-base", type=int, metavar="PORT", help="Use the ports from this one on [default: any free].")
@click.option("--ephemeral", is_flag=True, help="Remove all data at `down`.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=1.0),
    default=180.0,
    show_default=True,
    help="Seconds that the services have to answer.",
)
def up(state_dir: Path, services: tuple[Service, ...], port_base: int | None, ephemeral: bool, timeout: float) -> None:
    """Start the services that do not run yet, and return when each answers.

    \b
    Examples:
      tripleo-plan undercloud up
      tripleo-plan undercloud up --services default,ironic,mistral
      tripleo-plan undercloud up --state-dir /tmp/cloud --ephemeral
    """
    from tripleo_gitops.undercloud import supervisor  # start-up time of other commands

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    config = Undercloud(
        state_dir=state_dir.absolute(),
        cache_dir=user_cache_path("tripleo-gitops"),
        services=services,
        port_base=port_base,
        ephemeral=ephemeral,
        timeout=timeout,
    )
    running = supervisor.up(config, progress=_show_progress)
    _show_use(running, state_dir)


@undercloud.command(short_help="Stop every service; the data stays.")
@state_dir_option
def down(state_dir: Path) -> None:
    """Stop every service; the data stays for the next `up`, unless it was started with --ephemeral."""
    from tripleo_gitops.undercloud import supervisor  # start-up time

    stopped = supervisor.down(_located(state_dir))
    click.echo(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")


@undercloud.command(short_help="Show which services answer.")
@state_dir_option
@output_option
def status(state_dir: Path, form: str) -> None:
    """Ask each service that was started whether it answers: up, silent, dead (its process is gone) or down.

    \b
    Examples:
      tripleo-plan undercloud status
      tripleo-plan undercloud status -o json
    """
    from tripleo_gitops.undercloud import supervisor  # start-up time

    found = supervisor.status(_located(state_dir))
    emit([_document(one) for one in found], form=form, table=lambda: _print_statuses(found))


@undercloud.command(short_help="Print what points clients at it.")
@state_dir_option
@click.option(
    "--format",
    "form",
    type=click.Choice(("shell", "rclone", "json")),
    default="shell",
    show_default=True,
    help="Shell exports for OpenStack clients, for rclone's remote `undercloud:`, or both as JSON.",
)
def env(state_dir: Path, form: str) -> None:
    """Print what points OpenStack clients, or rclone, at the running undercloud.

    \b
    Examples:
      eval "$(tripleo-plan undercloud env)"; openstack container list
      eval "$(tripleo-plan undercloud env --format rclone)"; rclone lsd undercloud:
      openstack --os-cloud undercloud-reader stack list      (also: -member, -other)
    """
    from tripleo_gitops.undercloud import supervisor  # start-up time
    from tripleo_gitops.undercloud.clouds import rclone_environment

    openstack = supervisor.environment(_located(state_dir))
    rclone = rclone_environment(Path(openstack["OS_CLIENT_CONFIG_FILE"]))
    if form == "json":
        emit({**openstack, **rclone}, form="json", table=lambda: None)
    else:
        _print_exports(rclone if form == "rclone" else openstack)


@undercloud.command()
@click.argument("service", metavar="SERVICE", type=click.Choice(NAMES))
@state_dir_option
@click.option("-n", "--lines", type=click.IntRange(min=0), default=50, show_default=True, help="How many.")
@click.option("-f", "--follow", is_flag=True, help="Go on printing what is added, until Ctrl-C.")
def logs(service: str, state_dir: Path, lines: int, follow: bool) -> None:
    """Print the end of a service's log.

    \b
    Examples:
      tripleo-plan undercloud logs heat
      tripleo-plan undercloud logs heat -n 0 -f
    """
    from tripleo_gitops.undercloud import supervisor  # start-up time

    config = _located(state_dir)
    for line in supervisor.log_tail(config, Service(service), lines=lines):
        click.echo(line)
    if follow:
        for text in supervisor.log_follow(config, Service(service)):
            click.echo(text, nl=False)


def _located(state_dir: Path) -> Undercloud:
    return Undercloud(state_dir=state_dir.absolute(), cache_dir=user_cache_path("tripleo-gitops"))


def _leave(number: int, _frame: object) -> NoReturn:
    """Leave as Ctrl-C does, so that what was started is stopped."""
    sys.exit(128 + number)


def _show_progress(progress: Progress) -> None:
    click.echo(f"{progress.seconds:6.1f}s  {progress.service or '':16} {progress.text}", err=True)


def _show_use(running: Running, state_dir: Path) -> None:
    default = user_state_path("tripleo-gitops") / "undercloud"
    option = "" if state_dir == default else f" --state-dir {state_dir}"
    click.echo(f"{len(running.services)} services answer after {running.seconds:.1f} s; to use them:")
    click.echo(f'  eval "$(tripleo-plan undercloud env{option})"')
    note(f"clouds undercloud, undercloud-member, -reader and -other are in {running.clouds_file}")


def _document(status: ServiceStatus) -> dict[str, Any]:
    return {
        "service": status.service.value,
        "condition": status.condition.value,
        "url": status.url,
        "pid": status.pid,
        "rss_mb": status.rss_mb,
    }


def _print_statuses(found: tuple[ServiceStatus, ...]) -> None:
    rows = (["-" if value is None else str(value) for value in _document(one).values()] for one in found)
    print_rows(rows, headings=("service", "condition", "url", "pid", "rss MB"))


def _print_exports(variables: Mapping[str, str]) -> None:
    from shlex import quote  # start-up time

    for name, value in variables.items():
        click.echo(f"export {name}={quote(value)}")
