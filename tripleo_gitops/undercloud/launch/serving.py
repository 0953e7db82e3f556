"""Serving a WSGI application on a socket that is already open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import waitress

if TYPE_CHECKING:
    import socket

BODY_LIMIT = 1 << 30


def serve(application: Any, listener: socket.socket, *, threads: int) -> None:
    """Answer requests until the process is killed."""
    waitress.serve(
        application,
        sockets=[listener],
        threads=threads,
        max_request_body_size=BODY_LIMIT,
        channel_timeout=300,
        connection_limit=1000,
        asyncore_use_poll=True,
        ident=None,
        clear_untrusted_proxy_headers=True,
    )
