"""The command `tripleo-plan`: finds its commands by name, and turns errors into exit codes."""

from __future__ import annotations

import gc
import os
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click
from platformdirs import user_cache_path, user_data_path, user_state_path

from tripleo_gitops.errors import GitopsError
from tripleo_gitops.openstack.open_connections import closing_connections
from tripleo_gitops.wiring.config import Config

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, DIFFERS, FAILED, BUG, INTERRUPTED = 0, 1, 2, 70, 130
"""Exit codes: done (for diff: the same), differs (diff, drift, verify) or did not pass (validation run),
refused or failed, a bug of ours, Ctrl-C."""

GC_THRESHOLD = 100_000
"""Objects that come between two searches for garbage; at Python's 700 they took a third of a diff's time."""

RUN_THREADS, LEAVING_SECONDS = "dbos-executor-", 1.0
"""How DBOS names threads that work at runs; one that still lives for so long after the command waits for ever."""

COMMANDS = {
    "init": "tripleo_gitops.cli.init:init",
    "create": "tripleo_gitops.cli.create:create",
    "list": "tripleo_gitops.cli.listing:list_command",
    "show": "tripleo_gitops.cli.show:show",
    "status": "tripleo_gitops.cli.status:status",
    "check": "tripleo_gitops.cli.check:check",
    "diff": "tripleo_gitops.cli.diff:diff",
    "render": "tripleo_gitops.cli.render:render",
    "commit": "tripleo_gitops.cli.commit:commit",
    "push": "tripleo_gitops.cli.push:push",
    "sync": "tripleo_gitops.cli.sync:sync",
    "verify": "tripleo_gitops.cli.verify:verify",
    "drift": "tripleo_gitops.cli.drift:drift",
    "repair": "tripleo_gitops.cli.repair:repair",
    "fetch": "tripleo_gitops.cli.fetch:fetch",
    "adopt": "tripleo_gitops.cli.adopt:adopt",
    "deploy": "tripleo_gitops.cli.deploy:deploy",
    "cancel": "tripleo_gitops.cli.undeploy:cancel",
    "scale-down": "tripleo_gitops.cli.scale_down:scale_down",
    "undeploy": "tripleo_gitops.cli.undeploy:undeploy",
    "run": "tripleo_gitops.cli.run:run",
    "validation": "tripleo_gitops.cli.validation:validation",
    "post-deploy": "tripleo_gitops.cli.post_deploy:post_deploy",
    "inventory": "tripleo_gitops.cli.inventory:inventory",
    "delete": "tripleo_gitops.cli.delete:delete",
    "export": "tripleo_gitops.cli.export:export",
    "history": "tripleo_gitops.cli.history:history",
    "rollback": "tripleo_gitops.cli.rollback:rollback",
    "rename": "tripleo_gitops.cli.rename:rename",
    "upgrade": "tripleo_gitops.cli.upgrade:upgrade",
    "blame": "tripleo_gitops.cli.blame:blame",
    "log": "tripleo_gitops.cli.blame:log",
    "verify-signatures": "tripleo_gitops.cli.signatures:verify_signatures",
    "parameters": "tripleo_gitops.cli.parameters:parameters",
    "capabilities": "tripleo_gitops.cli.capabilities:capabilities",
    "roles": "tripleo_gitops.cli.roles:roles",
    "node": "tripleo_gitops.cli.node:node",
    "flavor": "tripleo_gitops.cli.flavor:flavor",
    "image": "tripleo_gitops.cli.image:image",
    "provision": "tripleo_gitops.cli.provision:provision",
    "unprovision": "tripleo_gitops.cli.provision:unprovision",
    "secrets": "tripleo_gitops.cli.secrets:secrets",
    "passwords": "tripleo_gitops.cli.passwords:passwords",
    "hook": "tripleo_gitops.triggers.hook:hook",
    "watch": "tripleo_gitops.triggers.watch:watch",
    "mistral": "tripleo_gitops.cli.mistral:mistral",
    "undercloud": "tripleo_gitops.cli.undercloud:undercloud",
    "completion": "tripleo_gitops.cli.completion:completion",
}


class CommandsByName(click.Group):
    """A group that imports a command when it is asked for; `--help` imports click and little else."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command), f"{COMMANDS[name]} is a command"
        return command


@click.command(cls=CommandsByName, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "-C",
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default="here",
    help="Run as if started in this directory.",
)
@click.option("--cloud", metavar="NAME", envvar="OS_CLOUD", help="Cloud of clouds.yaml to use [env: OS_CLOUD].")
@click.option(
    "--plans-dir",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="TRIPLEO_PLANS_DIR",
    default=user_data_path("tripleo-gitops") / "plans",
    show_default=False,
    help="Where `create` keeps bare plan repositories [env: TRIPLEO_PLANS_DIR; default: below XDG data].",
)
@click.version_option(package_name="tripleo-gitops", prog_name="tripleo-plan")
@click.pass_context
def cli(ctx: click.Context, directory: Path, cloud: str | None, plans_dir: Path) -> None:
    """GitOps for OpenStack Heat and TripleO: each deployment plan is a versioned Git repository.

    \b
    A plan from nothing to a stack:
      tripleo-plan init mycloud             a plan repository from the shipped example
      cd mycloud
      tripleo-plan commit --all -m "Begin"  checked, then committed
      tripleo-plan diff --live              what this revision would change for Heat
      tripleo-plan deploy                   mirror into Swift, then create or update the stack

    \b
    Exit codes: 0 done (diff: the same), 1 differs (diff, drift, verify) or did not pass (validation run),
    2 refused or failed, 70 a bug of the tool, 130 interrupted.
    """
    ctx.obj = Config(
        directory=directory.absolute(),
        cloud=cloud or None,
        plans_directory=plans_dir.absolute(),
        cache_directory=user_cache_path("tripleo-gitops"),
        state_directory=user_state_path("tripleo-gitops"),
    )


def main() -> None:
    """Run the command line and leave with its exit code."""
    collect_rarely()
    leave(run())


def leave(status: int) -> None:
    """End this process with its exit code, though a step of a run that was given up may hang in a thread of its own."""
    for thread in threading.enumerate():
        if thread.name.startswith(RUN_THREADS):
            thread.join(timeout=LEAVING_SECONDS)
            if thread.is_alive():
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
    sys.exit(status)


def collect_rarely() -> None:
    """Let this process look for garbage in cycles rarely: a command reads much, keeps it all, and ends."""
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command (that of the process, where none is given) and return its exit code."""
    try:
        with closing_connections():
            result = cli(arguments, standalone_mode=False, prog_name="tripleo-plan")
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; what was begun in the cloud goes on there", err=True)
        return INTERRUPTED
    except click.ClickException as exc:
        exc.show()
        return FAILED
    except GitopsError as exc:
        show_error(exc)
        return FAILED
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except Exception:  # noqa: BLE001  # the edge: what arrives here is a bug, and its trace is what mends it
        import traceback

        traceback.print_exc()
        click.echo("this is a bug of tripleo-plan; please report the lines above", err=True)
        return BUG
    return result if isinstance(result, int) else DONE


def show_error(error: GitopsError) -> None:
    """Print an error for people: what it holds in detail first, then its one line."""
    for finding in getattr(error, "findings", ()):
        place = f"{finding.path}:{finding.line}" if finding.line else finding.path
        click.secho(f"{place}: {finding.severity.value}: {finding.message} [{finding.code}]", err=True)
        if finding.hint:
            click.secho(f"    {finding.hint}", err=True, dim=True)
    for resource in getattr(error, "failed", ()):
        click.secho(f"{resource.path} ({resource.type}) {resource.status}: {resource.reason}", err=True)
    click.echo(f"{click.style('error:', fg='red', bold=True)} {error}", err=True)
