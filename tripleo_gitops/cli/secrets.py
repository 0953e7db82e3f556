"""`tripleo-plan secrets`: what is sealed in the plan, for whom, and what stands in clear."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import local
from tripleo_gitops.cli.output import emit, note, output_option, print_rows

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config

recipient_option = click.option(
    "--recipient",
    "recipients",
    multiple=True,
    metavar="KEY",
    help="Public age key (age1…) or SSH key that may open the secrets; repeatable [default: your own age keys].",
)


@click.group()
def secrets() -> None:
    """Keep passwords and hidden parameters in the plan, sealed.

    They are in secrets.yaml: names in clear, values sealed with SOPS for age keys. The stock `sops` edits the
    same file. Keys come from SOPS_AGE_KEY_FILE, SOPS_AGE_KEY, SOPS_AGE_KEY_CMD or sops/age/keys.txt.
    """


@secrets.command("key")
@click.option("--file", "target", type=click.Path(path_type=Path, dir_okay=False), help="Where [default: sops' own].")
@local
def key_command(_config: Config, target: Path | None) -> None:
    """Make an age key of your own and print its public half.

    \b
    Example:
      tripleo-plan secrets key
    """
    from tripleo_gitops.secrets.keys import create_key
    from tripleo_gitops.wiring.vault import key_source

    path = target or key_source(os.environ).default_file
    recipient = create_key(path)
    note(f"the secret half is in {path}; back it up: whoever loses every key loses the secrets")
    click.echo(recipient)


@secrets.command()
@recipient_option
@local
def init(config: Config, recipients: tuple[str, ...]) -> None:
    """Begin secrets.yaml.

    \b
    Examples:
      tripleo-plan secrets init
      tripleo-plan secrets init --recipient age1… --recipient age1…
    """
    from tripleo_gitops.operations.secrets.secrets_file import init_secrets
    from tripleo_gitops.wiring.vault import open_vault

    tree, chosen = _tree(config), chosen_recipients(recipients)
    _write(config, init_secrets(tree, open_vault(os.environ), recipients=chosen), f"sealed for {', '.join(chosen)}")


@secrets.command("list")
@output_option
@local
def list_command(config: Config, form: str) -> None:
    """List the secrets by name, and who can open them; no key is needed."""
    from tripleo_gitops.operations.secrets.secrets_file import list_secrets, sealed_secrets

    tree = _tree(config)
    found, recipients = list_secrets(tree), sealed_secrets(tree).recipients
    data = {
        "recipients": list(recipients),
        "secrets": [{"name": secret.name, "section": secret.section.value} for secret in found],
    }

    def table() -> None:
        print_rows([(secret.name, secret.section.value) for secret in found], headings=("NAME", "SECTION"))
        for recipient in recipients:
            click.echo(f"opens for {recipient}")

    emit(data, form=form, table=table)


@secrets.command("set")
@click.argument("name")
@click.option(
    "--from-file", "source", type=click.File("rb"), help="File with the value, `-` for standard input [default: ask]."
)
@click.option("--yaml", "as_yaml", is_flag=True, help="The value is YAML: a mapping, a list, a number.")
@local
def set_command(config: Config, name: str, source: IO[bytes] | None, as_yaml: bool) -> None:
    """Seal one value; it is asked for, or read from a file, never an argument.

    \b
    Examples:
      tripleo-plan secrets set CinderNetappPassword
      tripleo-plan secrets set SSLKey --from-file key.pem
      echo '{a: 1}' | tripleo-plan secrets set RhsmVars --yaml --from-file -
    """
    from tripleo_gitops.operations.secrets.secrets_file import set_secret
    from tripleo_gitops.wiring.vault import open_vault

    value = _value(name, source, as_yaml=as_yaml)
    _write(config, set_secret(_tree(config), open_vault(os.environ), name, value), f"set {name}")


@secrets.command()
@click.argument("name")
@local
def unset(config: Config, name: str) -> None:
    """Remove one secret."""
    from tripleo_gitops.operations.secrets.secrets_file import unset_secret
    from tripleo_gitops.wiring.vault import open_vault

    _write(config, unset_secret(_tree(config), open_vault(os.environ), name), f"removed {name}")


@secrets.command("add-recipient")
@click.argument("recipient")
@local
def add_command(config: Config, recipient: str) -> None:
    """Let one more key open the secrets."""
    from tripleo_gitops.operations.secrets.secrets_file import add_recipient
    from tripleo_gitops.secrets.keys import parse_recipient
    from tripleo_gitops.wiring.vault import open_vault

    key = parse_recipient(recipient)
    _write(config, add_recipient(_tree(config), open_vault(os.environ), key), f"sealed for {key}, too")


@secrets.command("remove-recipient")
@click.argument("recipient")
@local
def remove_command(config: Config, recipient: str) -> None:
    """Seal everything anew, for one key less."""
    from tripleo_gitops.operations.secrets.secrets_file import remove_recipient
    from tripleo_gitops.wiring.vault import open_vault

    _write(
        config,
        remove_recipient(_tree(config), open_vault(os.environ), recipient.strip()),
        f"no longer for {recipient}",
    )
    note("what that key could open stays open to it in the history: `tripleo-plan passwords rotate` makes it worthless")


@secrets.command()
@local
def edit(config: Config) -> None:
    """Edit the opened secrets in your editor, through `sops edit`."""
    from tripleo_gitops.operations.secrets.secrets_file import sealed_content
    from tripleo_gitops.wiring.vault import edit_secrets

    content = sealed_content(_tree(config))
    edited = edit_secrets(content, os.environ)
    if edited == content:
        note("nothing was changed")
    else:
        _write(config, edited, "edited")


@secrets.command()
@recipient_option
@local
def seal(config: Config, recipients: tuple[str, ...]) -> None:
    """Move passwords and hidden parameters that stand in clear into secrets.yaml.

    What Heat gets stays the same. What was committed in clear stays in the history: `secrets audit` shows it.
    """
    from tripleo_gitops.operations.secrets.sealing import apply_sealing, plan_sealing
    from tripleo_gitops.plan.secrets_file import SECRETS_FILE
    from tripleo_gitops.wiring.local import open_work_copy
    from tripleo_gitops.wiring.vault import open_vault

    tree = _tree(config)
    planned = plan_sealing(tree)
    if not planned.found:
        note("nothing stands in clear where the plan selects it")
        return
    sealed = tree.read(SECRETS_FILE) if SECRETS_FILE in tree.paths() else None
    chosen = chosen_recipients(recipients) if sealed is None else ()
    work_copy = open_work_copy(config)
    for path, content in apply_sealing(planned, sealed, open_vault(os.environ), recipients=chosen).items():
        work_copy.write(path, content)
    for secret in planned.found:
        click.echo(f"{secret.name}: from {secret.source}")
    note(f"{SECRETS_FILE} holds them now; not committed yet")


@secrets.command()
@output_option
@local
def audit(config: Config, form: str) -> int:
    """Find secrets that were ever committed in clear; exits 1 when there are any.

    Reads every commit of every branch, and every file that can hold a secret, selected or not.

    \b
    Example:
      tripleo-plan secrets audit
    """
    from tripleo_gitops.operations.secrets.audit import audit_history
    from tripleo_gitops.wiring.cache import open_cache
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository:
        found = audit_history(repository, cache=open_cache(config))
    data = [
        {
            "name": secret.name,
            "path": secret.path,
            "line": secret.line,
            "first": str(secret.first),
            "subject": secret.subject,
            "now": secret.is_there_now,
            "selected": secret.was_selected,
        }
        for secret in found
    ]

    def table() -> None:
        rows = [
            (
                secret.name,
                f"{secret.path}:{secret.line}" if secret.line else secret.path,
                secret.first.short,
                "yes" if secret.is_there_now else "no",
                "yes" if secret.was_selected else "no",
            )
            for secret in found
        ]
        print_rows(rows, headings=("NAME", "PLACE", "SINCE", "NOW", "SELECTED"))
        if found:
            note(
                "whoever can read the repository knows them: rotate them (`tripleo-plan passwords rotate NAME…`); "
                "`git filter-repo --replace-text` takes them out of the history, which changes every commit since; "
                "what was never selected may be a sample of the templates"
            )
        else:
            note("no password and no hidden parameter was ever committed in clear")

    emit(data, form=form, table=table)
    return 1 if found else 0


def chosen_recipients(named: tuple[str, ...]) -> tuple[str, ...]:
    """Return the recipients that are named, checked; without any, those of the person's own keys."""
    from tripleo_gitops.secrets.keys import parse_recipient
    from tripleo_gitops.wiring.vault import key_source

    return tuple(parse_recipient(text) for text in named) or key_source(os.environ).recipients()


def _tree(config: Config) -> Any:
    from tripleo_gitops.wiring.local import work_tree

    return work_tree(config)


def _write(config: Config, content: bytes, what: str) -> None:
    from tripleo_gitops.plan.secrets_file import SECRETS_FILE
    from tripleo_gitops.wiring.local import open_work_copy

    open_work_copy(config).write(SECRETS_FILE, content)
    click.echo(f"{SECRETS_FILE}: {what}; not committed yet")


def _value(name: str, source: IO[bytes] | None, *, as_yaml: bool) -> Any:
    from tripleo_gitops.documents.yaml import parse_yaml

    if source is None:
        text = click.prompt(name, hide_input=True, confirmation_prompt=True, err=True).encode()
    else:
        text = source.read()
    if as_yaml:
        return parse_yaml(text, source=f"value of {name}")
    try:
        decoded: str = text.decode()
    except UnicodeDecodeError:
        raise click.UsageError(f"the value of {name} is not UTF-8") from None
    return decoded.removesuffix("\n") if decoded.count("\n") == 1 else decoded
