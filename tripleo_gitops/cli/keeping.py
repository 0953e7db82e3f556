"""What commands that make plans share: whom to seal for, and what to say about it."""

from __future__ import annotations

import functools
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tripleo_gitops.cli.output import note
from tripleo_gitops.cli.secrets import chosen_recipients, recipient_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.operations.adoption import AdoptedPlan, SecretKeeper
    from tripleo_gitops.wiring.config import Config

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class NamedSource:
    """What a person named to make a plan from."""

    text: str
    ref: str | None


def from_source(default: str | None = "example") -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Hand the command `source`: what --from and --ref name."""

    def decorated(command: Callable[..., R]) -> Callable[..., R]:
        def translated(*arguments: Any, text: str, ref: str | None, **options: Any) -> R:
            return command(*arguments, source=NamedSource(text, ref), **options)

        functools.update_wrapper(translated, command)
        ref_option = click.option("--ref", help="Branch, tag or commit of a repository; wins over @REF.")
        return _source_option(default)(ref_option(translated))

    return decorated


def _source_option(default: str | None) -> Callable[[Callable[..., R]], Callable[..., R]]:
    return click.option(
        "--from",
        "text",
        metavar="SOURCE",
        default=default,
        show_default=default is not None,
        required=default is None,
        help="Directory, tar or zip, Git URL[@REF], plan:NAME[@REF], container:NAME, `default` for the installed "
        "tripleo-heat-templates, `example` for the shipped plan.",
    )


def keeping_secrets(command: Callable[..., R]) -> Callable[..., R]:
    """Hand the command `keeper`: who seals a new plan's secrets, for those named, else for the person's own keys."""

    def translated(*arguments: Any, recipients: tuple[str, ...], no_passwords: bool, **options: Any) -> R:
        return command(*arguments, keeper=_keeper(recipients, no_passwords=no_passwords), **options)

    functools.update_wrapper(translated, command)
    without = click.option("--no-passwords", is_flag=True, help="Make no passwords; seal those that are there.")
    return recipient_option(without(translated))


def _keeper(recipients: tuple[str, ...], *, no_passwords: bool) -> SecretKeeper:
    from tripleo_gitops.operations.adoption import SecretKeeper
    from tripleo_gitops.wiring.vault import open_vault, system_randomness

    return SecretKeeper(
        vault=open_vault(os.environ),
        recipients=chosen_recipients(recipients),
        randomness=system_randomness(time.time),
        makes_passwords=not no_passwords,
    )


def keeping_live_passwords(config: Config, name: str, keeper: SecretKeeper) -> SecretKeeper:
    """Return a keeper that takes over what the cloud has for a plan; for a live stack it makes no password."""
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.plan_steps import with_live_passwords

    return with_live_passwords(keeper, open_cloud(config), name)


def tell_adopted(adopted: AdoptedPlan, keeper: SecretKeeper) -> None:
    """Say what was done to a source's files, on standard error."""
    if adopted.sealed:
        note(f"{len(adopted.sealed)} secrets were in clear and are sealed now: {', '.join(adopted.sealed)}")
    if adopted.taken:
        note(f"{len(adopted.taken)} passwords were taken over from the cloud: {', '.join(adopted.taken)}")
    if adopted.lacking and keeper.has_stack:
        note(
            f"the stack has passwords of its own, and none were made; Heat tells {len(adopted.lacking)} to nobody: "
            f"before you deploy, `tripleo-plan secrets set NAME` to what services have: {', '.join(adopted.lacking)}"
        )
    if adopted.generated:
        note(f"{len(adopted.generated)} passwords were made, sealed for {', '.join(keeper.recipients) or 'all'}")
    elif keeper.makes_passwords and not keeper.recipients:
        note("no age key at hand: no passwords were made; `tripleo-plan secrets key`, then `passwords generate`")
    if adopted.dropped:
        note(f"{len(adopted.dropped)} files were left out: rendering makes the same ones")
