"""An HTTP proxy between the tool and a real service, that breaks requests as it is told and counts them all."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import struct
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "host", "content-length", "expect"}
WRONG_ETAG = "0" * 32
SLOW_SECONDS, SILENT_SECONDS = 0.1, 2.0


class Kind(StrEnum):
    """How a request is broken."""

    KILL_BEFORE = "kill-before"
    KILL_AFTER = "kill-after"
    STATUS = "status"
    RESET_BEFORE = "reset-before"
    RESET_AFTER = "reset-after"
    CUT_BODY = "cut-body"
    SLOW_BODY = "slow-body"
    SILENT = "silent"
    WRONG_ETAG = "wrong-etag"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to break one request; `status` is what is answered instead, `process` who is killed."""

    kind: Kind
    status: int = 0
    process: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrives: its number since the last reset, who sent it, what it asks for."""

    number: int
    actor: str
    method: str
    target: str


@dataclass(frozen=True, slots=True)
class Response:
    """What the service answered."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class FaultProxy:
    """Stands before a service at a URL; asks `decide` about every request, and `alter` about every answer.

    A first part of the path that begins with `~` names the actor and is not sent on.
    """

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self.upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.decide: Callable[[Request], Fault | None] = lambda _request: None
        self.alter: Callable[[Request, Response], Response] = lambda _request, response: response
        self.seen: list[Request] = []
        self._turn = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where the proxy listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def reset(self) -> None:
        """Forget what was seen, break nothing."""
        self.decide, self.alter = lambda _request: None, lambda _request, response: response
        with self._turn:
            self.seen = []

    def note(self, actor: str, method: str, target: str) -> Request:
        """Write a request down and number it."""
        with self._turn:
            request = Request(len(self.seen), actor, method, target)
            self.seen.append(request)
        return request


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    proxy: FaultProxy

    def handle_error(self, *_arguments: Any) -> None:
        """Say nothing of clients that were cut off: that is what they are here for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server
    upstream: http.client.HTTPConnection | None = None

    def log_message(self, *_arguments: Any) -> None:
        """Keep quiet."""

    def answer(self) -> None:
        """Send one request on, or break it."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        actor, target = _actor_of(self.path)
        proxy = self.server.proxy
        request = proxy.note(actor, self.command, target)
        fault = proxy.decide(request)
        if fault is not None and fault.kind in {Kind.KILL_BEFORE, Kind.RESET_BEFORE}:
            self._break_off(fault)
            return
        if fault is not None and fault.kind is Kind.STATUS:
            self._send(Response(fault.status, "Broken", (("Content-Type", "text/plain"),), b"broken on purpose"))
            return
        response = proxy.alter(request, self._forward(target, body))
        if fault is None:
            self._send(response)
        else:
            self._send_broken(fault, response)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_COPY = answer  # noqa: N815  # names of http.server

    def _forward(self, target: str, body: bytes) -> Response:
        headers = {key: value for key, value in self.headers.items() if key.lower() not in HOP_BY_HOP}
        headers["Content-Length"] = str(len(body))
        if self.upstream is None:
            self.upstream = http.client.HTTPConnection(*self.server.proxy.upstream, timeout=120)
            self.upstream.connect()
            self.upstream.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.upstream.request(self.command, target, body, headers)
        found = self.upstream.getresponse()
        kept = tuple((key, value) for key, value in found.getheaders() if key.lower() not in HOP_BY_HOP)
        length = found.getheader("Content-Length")
        content = found.read()
        if self.command == "HEAD" and length is not None:
            kept = (*kept, ("Content-Length", length))
        return Response(found.status, found.reason, kept, content)

    def _send_broken(self, fault: Fault, response: Response) -> None:
        if fault.kind in {Kind.KILL_AFTER, Kind.RESET_AFTER}:
            self._break_off(fault)
        elif fault.kind is Kind.CUT_BODY:
            self._send_head(response)
            self.wfile.write(response.body[: len(response.body) // 2])
            self._break_off(fault)
        elif fault.kind is Kind.WRONG_ETAG:
            headers = tuple((key, WRONG_ETAG if key.lower() == "etag" else value) for key, value in response.headers)
            self._send(Response(response.status, response.reason, headers, response.body))
        else:
            time.sleep(SLOW_SECONDS if fault.kind is Kind.SLOW_BODY else SILENT_SECONDS)
            self._send(response)

    def _send(self, response: Response) -> None:
        self._send_head(response)
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def _send_head(self, response: Response) -> None:
        self.send_response_only(response.status, response.reason)
        for key, value in response.headers:
            self.send_header(key, value)
        if self.command != "HEAD" or not any(key.lower() == "content-length" for key, _ in response.headers):
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()

    def _break_off(self, fault: Fault) -> None:
        """Kill whoever asked where that is wanted, and reset the connection, so that no answer arrives."""
        if fault.kind in {Kind.KILL_BEFORE, Kind.KILL_AFTER}:
            os.kill(fault.process, signal.SIGKILL)
        if fault.kind is Kind.CUT_BODY:
            self.wfile.flush()
        else:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def finish(self) -> None:
        """Close what is open; a broken connection is closed already."""
        if self.upstream is not None:
            self.upstream.close()
        try:
            super().finish()
        except (OSError, ValueError):
            return


def _actor_of(path: str) -> tuple[str, str]:
    if not path.startswith("/~"):
        return "", path
    actor, _, rest = path[2:].partition("/")
    return actor, f"/{rest}"
