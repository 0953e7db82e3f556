"""`tripleo-plan completion`: the script that makes a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a shell's completion script.

    \b
    Example:
      tripleo-plan completion bash > ~/.local/share/bash-completion/completions/tripleo-plan
    """
    script = get_completion_class(shell)
    root = ctx.find_root()
    if script is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(script(root.command, {}, "tripleo-plan", "_TRIPLEO_PLAN_COMPLETE").source())
