"""Which connections to a cloud were opened, so that whoever is done with them can let their sockets go."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openstack.connection import Connection

_OPENED: ContextVar[list[Connection] | None] = ContextVar("opened connections", default=None)


def note_opened(connection: Connection) -> None:
    """Note a connection for the innermost block of `closing_connections` that this thread is in."""
    opened = _OPENED.get()
    if opened is not None:
        opened.append(connection)


@contextmanager
def closing_connections() -> Iterator[None]:
    """Close the sockets of all connections that are opened in the block at its end; used again, they open new ones.

    A connection is part of a reference cycle: without this a server would keep its sockets until Python looks for
    garbage, which it does the more rarely the more it holds.
    """
    opened: list[Connection] = []
    before = _OPENED.set(opened)
    try:
        yield
    finally:
        _OPENED.reset(before)
        for connection in opened:
            connection.session.close()
