"""How commands print: tables for people, JSON and YAML for programs, errors and progress on standard error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

FORMS = ("table", "json", "yaml")

output_option = click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice(FORMS),
    default="table",
    show_default=True,
    help="How to print: for people, or as data for programs.",
)


def emit(data: Any, *, form: str, table: Callable[[], None]) -> None:
    """Print `data` as JSON or YAML, or call `table` to print it for people.

    `data` holds only what JSON can: mappings, lists, text, numbers, booleans, None.
    """
    if form == "json":
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    elif form == "yaml":
        import yaml

        click.echo(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), nl=False)
    else:
        table()


def print_rows(rows: Iterable[Sequence[str]], *, headings: Sequence[str]) -> None:
    """Print a table whose columns are as wide as they must be; nothing is cut, so that it can be read by `awk`."""
    lines = [tuple(headings), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for number, line in enumerate(lines):
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        click.secho(text, bold=number == 0)


def print_fields(fields: Mapping[str, str]) -> None:
    """Print names and values, one a line, aligned."""
    width = max(map(len, fields), default=0)
    for name, value in fields.items():
        click.echo(f"{click.style(name.ljust(width), bold=True)}  {value}")


def note(text: str) -> None:
    """Say something to the person that is not the command's result."""
    click.secho(text, err=True, dim=True)
