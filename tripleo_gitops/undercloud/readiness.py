"""Waiting until services really answer, and saying why one does not."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Unavailable
from tripleo_gitops.undercloud.client import ask
from tripleo_gitops.undercloud.errors import NotRunning, ServiceFailed
from tripleo_gitops.undercloud.logs import tail
from tripleo_gitops.undercloud.ports import HOST
from tripleo_gitops.undercloud.services.site import Transport

if TYPE_CHECKING:
    from threading import Event

    from tripleo_gitops.undercloud.identity import Token
    from tripleo_gitops.undercloud.processes import Process
    from tripleo_gitops.undercloud.services.site import Description, Site

POLL = 0.1
ONE_ANSWER = 10.0
LOG_LINES = 20
UDP_ANSWER = 1.0
# IPMI 2.0, 22.13: Get Channel Authentication Capabilities of the present channel for an administrator.
GET_AUTHENTICATION = bytes.fromhex("0600ff07 00 00000000 00000000 09 2018c881 00388e04b5".replace(" ", ""))


def why_silent(site: Site, description: Description, token: Token, *, timeout: float) -> str:
    """Ask a service once with an administrator's token; return why it does not answer, empty if it does."""
    if description.transport is Transport.UDP:
        return _why_silent_controller(site, description, timeout=timeout)
    path = description.probe.format(project=token.project)
    port = site.ports[description.sockets[0]]
    secret = token.value if description.is_openstack else ""
    try:
        answer = ask(port, "GET", path, token=secret, timeout=timeout)
    except Unavailable as error:
        return str(error)
    if 200 <= answer.status < 300:
        return ""
    return f"GET {path} was answered by {answer.status}: {answer.body[:200].decode('utf-8', 'replace')}"


def _why_silent_controller(site: Site, description: Description, *, timeout: float) -> str:
    """Ask each IPMI controller how it authenticates; return which does not answer, empty if all do."""
    for name in description.sockets:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(min(timeout, UDP_ANSWER))
            try:
                asking.connect((HOST, site.ports[name]))
                asking.send(GET_AUTHENTICATION)
                asking.recv(1024)
            except OSError as error:
                return f"{name} does not answer: {error}"
    return ""


def failed(site: Site, description: Description, why: str) -> ServiceFailed:
    """Return the error that says why a service did not come up, with the end of its log."""
    name = description.service.value
    try:
        log = tail(site.state, name, lines=LOG_LINES)
    except NotRunning:
        log = ()
    return ServiceFailed(service=name, why=why, log_file=site.state.log_file(name), log=log)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait: until a moment of the monotonic clock, or until another service has failed."""

    deadline: float
    abandoned: Event

    def left(self) -> float:
        """Return the seconds that are left, 0 if it is over."""
        return 0.0 if self.abandoned.is_set() else max(0.0, self.deadline - time.monotonic())


def wait_for_answer(
    site: Site, description: Description, token: Token, *, process: Process, patience: Patience
) -> None:
    """Return when a service answers; raise ServiceFailed when it ended, or patience has."""
    why = "it was not asked yet"
    while (left := patience.left()) > 0:
        if not process.is_alive():
            raise failed(site, description, "its process ended")
        why = why_silent(site, description, token, timeout=min(ONE_ANSWER, left))
        if not why:
            return
        time.sleep(POLL)
    raise failed(site, description, f"no answer in time; last: {why}")
