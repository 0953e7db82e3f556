"""Progress on standard error, on a terminal only, for what takes longer than a second."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tripleo_gitops.openstack.stack import Stack
    from tripleo_gitops.operations.stacks.deploy import Progress as Moment


@contextmanager
def counted(what: str, *, total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar that grows by one each time the function handed out is called with what is done."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[now]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total, now="")
        yield lambda done: bar.update(task, advance=1, now=done)


def followed(what: str, moments: Iterable[Moment]) -> Stack:
    """Show a stack's resources as they change, until the last moment; return the stack as it is then."""
    begun, last = time.monotonic(), None
    with _counter(what) as show:
        for last in moments:
            for resource in last.changed:
                click.echo(f"{time.monotonic() - begun:6.1f}s  {resource.status:20} {resource.path}", err=True)
            show(last.done, last.known)
    assert last is not None, "following a stack yields at least one moment"
    return last.stack


@contextmanager
def _counter(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how many of how many below what is printed, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _known: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, known: bar.update(task, completed=done, total=known)
