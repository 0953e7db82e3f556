"""`python -m benchmarks NAME [--json FILE] [--sample]`: run one benchmark, print its table, keep its rows."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

import benchmarks
from tripleo_gitops.errors import GitopsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.measure import Row

COLUMNS = ("case", "ours_s", "peer", "peer_s", "ratio", "requests", "peak_rss_mb")
PRINTED_WIDTH = 120
"""Columns where there is no terminal to ask."""

INTERNAL = {"__main__", "first_request", "heat_peer", "measure", "one_diff", "one_sync", "run_processes"}


def names() -> tuple[str, ...]:
    """Return the benchmarks that there are: the modules beside this one that have rows."""
    found = (module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    return tuple(sorted(name for name in found if name not in INTERNAL))


def table(title: str, rows: Iterable[Row]) -> Table:
    """Return the rows as a table, figures to the right, a dash for what does not apply."""
    shown = Table(title=title)
    for column in COLUMNS:
        shown.add_column(column, justify="left" if column in {"case", "peer"} else "right", no_wrap=True)
    for row in rows:
        document = row.to_document()
        shown.add_row(*(_cell(document[column]) for column in COLUMNS))
    return shown


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows as a JSON list of objects."""
    documents = [{column: row.to_document()[column] for column in COLUMNS} for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(documents, indent=1) + "\n")


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


@click.command()
@click.argument("name", type=click.Choice(names()))
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the rows here.")
@click.option("--sample", is_flag=True, help="Few runs of the cheapest cases: does it work at all?")
def main(name: str, json_file: Path | None, *, sample: bool) -> None:
    """Run the benchmark NAME, print its table and, with --json, keep its rows."""
    module = importlib.import_module(f"benchmarks.{name}")
    try:
        rows = tuple(module.rows(sample=sample))
    except GitopsError as exc:
        raise click.ClickException(str(exc)) from exc
    Console(width=None if sys.stdout.isatty() else PRINTED_WIDTH).print(table(name, rows))
    if json_file is not None:
        write_rows(json_file, rows)


if __name__ == "__main__":
    main()
