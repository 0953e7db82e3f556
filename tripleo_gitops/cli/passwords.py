"""`tripleo-plan passwords`: what the templates need, made once, kept until it is rotated."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import local
from tripleo_gitops.cli.output import emit, note, output_option, print_rows
from tripleo_gitops.cli.secrets import chosen_recipients, recipient_option

if TYPE_CHECKING:
    from tripleo_gitops.operations.secrets.passwords import NewPasswords
    from tripleo_gitops.wiring.config import Config


@click.group()
def passwords() -> None:
    """Make, list and rotate the plan's passwords.

    They are in secrets.yaml, sealed. What is there is never made again unless it is rotated.
    """


@passwords.command("list")
@output_option
@local
def list_command(config: Config, form: str) -> None:
    """List the passwords that the templates need, and whether the plan has them; no key is needed."""
    from tripleo_gitops.operations.secrets.passwords import list_passwords
    from tripleo_gitops.wiring.local import work_tree

    found = list_passwords(work_tree(config))
    data = [
        {
            "name": password.name,
            "format": password.format,
            "needed": password.is_needed,
            "set": password.is_set,
            "kept_because": password.kept_because or None,
        }
        for password in found
    ]
    rows = [
        (
            password.name,
            password.format,
            "yes" if password.is_needed else "no",
            "yes" if password.is_set else "no",
            f"only by name: {password.kept_because}" if password.kept_because else "yes",
        )
        for password in found
    ]
    emit(data, form=form, table=lambda: print_rows(rows, headings=("NAME", "FORMAT", "NEEDED", "SET", "ROTATES")))


@passwords.command()
@recipient_option
@local
def generate(config: Config, recipients: tuple[str, ...]) -> None:
    """Make what is missing; what is there stays.

    \b
    Example:
      tripleo-plan passwords generate
    """
    from tripleo_gitops.operations.secrets.passwords import generate_passwords
    from tripleo_gitops.wiring.local import work_tree
    from tripleo_gitops.wiring.vault import open_vault, system_randomness

    made = generate_passwords(
        work_tree(config),
        open_vault(os.environ),
        randomness=system_randomness(time.time),
        recipients=chosen_recipients(recipients),
    )
    if made is None:
        note("nothing is missing")
    else:
        _write(config, made, "made")


@passwords.command()
@click.argument("names", nargs=-1)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@local
def rotate(config: Config, names: tuple[str, ...], yes: bool) -> None:
    """Replace passwords: those named, or all that nothing but the stack depends on.

    \b
    Examples:
      tripleo-plan passwords rotate NovaPassword RabbitPassword
      tripleo-plan passwords rotate --yes
    """
    from tripleo_gitops.operations.secrets.passwords import rotate_passwords
    from tripleo_gitops.plan.passwords import skipped_passwords
    from tripleo_gitops.wiring.local import work_tree
    from tripleo_gitops.wiring.vault import open_vault, system_randomness

    if not names and not yes:
        click.confirm("rotate every password that may be?", abort=True, err=True)
    tree = work_tree(config)
    done = rotate_passwords(tree, open_vault(os.environ), names, randomness=system_randomness(time.time))
    _write(config, done, "rotated")
    if not names:
        from tripleo_gitops.operations.secrets.secrets_file import sealed_secrets

        for name, reason in skipped_passwords(sealed_secrets(tree).values.passwords).items():
            note(f"kept {name}: {reason}")


@passwords.command("fernet-rotate")
@local
def fernet_rotate(config: Config) -> None:
    """Rotate Keystone's Fernet keys once: the staged key becomes the primary one."""
    from tripleo_gitops.operations.secrets.passwords import rotate_fernet_keys
    from tripleo_gitops.wiring.local import work_tree
    from tripleo_gitops.wiring.vault import open_vault, system_randomness

    done = rotate_fernet_keys(work_tree(config), open_vault(os.environ), randomness=system_randomness(time.time))
    _write(config, done, "rotated")


def _write(config: Config, done: NewPasswords, verb: str) -> None:
    from tripleo_gitops.plan.secrets_file import SECRETS_FILE
    from tripleo_gitops.wiring.local import open_work_copy

    open_work_copy(config).write(SECRETS_FILE, done.content)
    for name in done.names:
        click.echo(f"{verb} {name}")
    note(f"{len(done.names)} passwords in {SECRETS_FILE}; not committed yet")
