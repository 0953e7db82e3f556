"""Every command that the documentation names exists, with the options that it is shown with."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from tripleo_gitops.cli.main import cli

PROJECT = Path(__file__).parents[2]
PAGES = [
    *sorted((PROJECT / "docs").glob("*.md")),
    *sorted((PROJECT / "docs" / "reference").glob("*.md")),
    PROJECT / "README.md",
    PROJECT / "examples" / "plan-repo" / "README.md",
]
INLINE = re.compile(r"`(tripleo-plan [^`]*)`")
SHOWN = re.compile(r"^\$ (tripleo-plan .*)$", re.MULTILINE)
SUBSTITUTED = re.compile(r"\$\((tripleo-plan [^)]*)\)")
ENDS = {"|", ";", "&&", "#"}


def commands_in(text: str) -> list[str]:
    """Every call of `tripleo-plan` in a page: after a prompt, in `$(…)`, or in a line as code."""
    return [call for form in (SHOWN, SUBSTITUTED, INLINE) for call in form.findall(text)]


def words_of(call: str) -> list[str]:
    words = shlex.split(call, comments=True)[1:]
    ends = [place for place, word in enumerate(words) if word in ENDS]
    return words[: ends[0]] if ends else words


def problem_with(call: str) -> str | None:
    """What is wrong with a call as it is written, or None; placeholders in capitals stand for any command."""
    command: click.Command = cli
    words = iter(words_of(call))
    for word in words:
        context = click.Context(command)
        if word.startswith("-"):
            option = next((p for p in command.params if word.split("=")[0] in p.opts + p.secondary_opts), None)
            if option is None and word not in command.get_help_option_names(context):
                return f"{command.name} has no option {word}"
            if isinstance(option, click.Option) and not option.is_flag and "=" not in word:
                next(words, None)
        elif isinstance(command, click.Group) and not word.isupper() and word != "…":
            found = command.get_command(context, word)
            if found is None:
                return f"{command.name} has no command {word}"
            command = found
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_commands_on_a_page_can_be_typed(page: Path) -> None:
    found = {call: problem_with(call) for call in commands_in(page.read_text())}
    assert {call: problem for call, problem in found.items() if problem} == {}


def test_pages_are_searched_for_what_people_type() -> None:
    calls = [call for page in PAGES for call in commands_in(page.read_text())]
    assert len(calls) > 30
    assert {call.split()[1] for call in calls} >= {"init", "commit", "diff", "deploy", "sync", "delete"}


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("tripleo-plan destroy", "cli has no command destroy"),
        ("tripleo-plan hook uninstall", "hook has no command uninstall"),
        ("tripleo-plan diff --nonsense", "diff has no option --nonsense"),
    ],
)
def test_a_command_that_is_not_there_is_found(call: str, problem: str) -> None:
    assert problem_with(call) == problem
