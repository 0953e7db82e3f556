"""Glance behind a connection that can break: what is sent beyond a limit never arrives."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def cutting_proxy(target: str, *, most: int) -> Iterator[str]:
    """Yield the address of a way to a service on which each connection breaks after `most` bytes of request."""
    place = urlsplit(target)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection((place.hostname or "", place.port or 80))
            threading.Thread(target=_copy, args=(server, client, None), daemon=True).start()
            threading.Thread(target=_copy, args=(client, server, most), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def _copy(source: socket.socket, sink: socket.socket, most: int | None) -> None:
    passed = 0
    try:
        while piece := source.recv(65536):
            passed += len(piece)
            if most is not None and passed > most:
                break
            sink.sendall(piece)
    except OSError:
        pass
    for one in (source, sink):
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue
