"""Waiting until services really answer, and saying why one does not."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Unavailable
from tripleo_gitops.undercloud.client import ask
from tripleo_gitops.undercloud.errors import NotRunning, ServiceFailed
from tripleo_gitops.undercloud.logs import tail

if TYPE_CHECKING:
    from threading import Event

    from tripleo_gitops.undercloud.identity import Token
    from tripleo_gitops.undercloud.processes import Process
    from tripleo_gitops.undercloud.services.site import Description, Site

POLL = 0.1
ONE_ANSWER = 10.0
LOG_LINES = 20


def has_answered(site: Site, description: Description, token: Token, *, timeout: float = ONE_ANSWER) -> str:
    """Ask a service once with an administrator's token; return why it does not answer, empty if it does."""
    path = description.probe.format(project=token.project)
    port = site.ports[description.sockets[0]]
    try:
        answer = ask(port, "GET", path, token=token.value, timeout=timeout)
    except Unavailable as error:
        return str(error)
    if 200 <= answer.status < 300:
        return ""
    return f"GET {path} was answered by {answer.status}: {answer.body[:200].decode('utf-8', 'replace')}"


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
        why = has_answered(site, description, token, timeout=min(ONE_ANSWER, left))
        if not why:
            return
        time.sleep(POLL)
    raise failed(site, description, f"no answer in time; last: {why}")
