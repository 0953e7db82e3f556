"""Bringing an undercloud up, taking it down, and saying how it is."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Unavailable
from tripleo_gitops.undercloud import processes, readiness
from tripleo_gitops.undercloud.clouds import client_environment
from tripleo_gitops.undercloud.config import Condition, Progress, Running, Service, ServiceStatus
from tripleo_gitops.undercloud.errors import BadState, NotRunning, Refusal
from tripleo_gitops.undercloud.identity import Token, administrator, seed
from tripleo_gitops.undercloud.logs import follow, tail
from tripleo_gitops.undercloud.packages import check_packages, schemas_directory
from tripleo_gitops.undercloud.ports import open_port
from tripleo_gitops.undercloud.preparation import begun_services, describe, open_site, prepare
from tripleo_gitops.undercloud.services import DESCRIPTIONS
from tripleo_gitops.undercloud.state import MARK, State

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping

    from tripleo_gitops.undercloud.config import Reporter, Undercloud
    from tripleo_gitops.undercloud.processes import Process
    from tripleo_gitops.undercloud.services.site import Description, Site

KEYSTONE = DESCRIPTIONS[Service.KEYSTONE]
DOWN_TIMEOUT = 60.0
STATUS_TIMEOUT = 5.0


def up(config: Undercloud, *, progress: Reporter, owner: Process | None = None) -> Running:
    """Return an undercloud whose services all answer; what runs already is left alone.

    With an `owner`, each service ends by itself within seconds of that process: nothing is left behind.
    Raises PackagesMissing, BadState, Busy, PortTaken, ServiceFailed; what this call started is stopped then.
    """
    begun = time.monotonic()
    descriptions = describe(config.services)
    check_packages(descriptions)
    state = State(config.state_dir)
    with state.locked(timeout=config.timeout):
        site = prepare(config, state, descriptions)
        running = _Start(config, site, begun=begun, progress=progress, owner=owner)
        started = running.bring_up(descriptions)
        services = tuple(_look(site, description, answers=True) for description in descriptions)
        return Running(services, started, state.clouds_file, round(time.monotonic() - begun, 2))


def down(config: Undercloud) -> tuple[Service, ...]:
    """Stop every service; return those that were running. An ephemeral undercloud's data is removed."""
    state = State(config.state_dir)
    if not state.is_begun():
        return ()
    with state.locked(timeout=DOWN_TIMEOUT):
        running = {service: one for service in Service if (one := _found(state, service)) and one.is_alive()}
        processes.stop(running.values())
        for service in Service:
            processes.recorded(state, service)  # a record that cannot be read is told when the others are stopped
            processes.forget(state, service)
        if state.read(MARK).get("ephemeral"):
            state.wipe()
    return tuple(running)


def _found(state: State, service: Service) -> Process | None:
    try:
        return processes.recorded(state, service)
    except BadState:
        return None


def status(config: Undercloud) -> tuple[ServiceStatus, ...]:
    """Return how each service is that was ever started here; each is asked with a real token."""
    state = State(config.state_dir)
    site = open_site(state)
    token = _token(site)
    descriptions = [DESCRIPTIONS[service] for service in begun_services(state)]
    with ThreadPoolExecutor(len(descriptions)) as pool:
        return tuple(pool.map(lambda one: _status(site, one, token=token), descriptions))


def environment(config: Undercloud) -> Mapping[str, str]:
    """Return the variables that point OpenStack clients at this undercloud; raise NotRunning without one."""
    state = State(config.state_dir)
    if not state.clouds_file.exists():
        raise NotRunning(what="an undercloud", path=state.path)
    return client_environment(state.clouds_file)


def log_tail(config: Undercloud, service: Service, *, lines: int) -> tuple[str, ...]:
    """Return the last lines of a service's log; raise NotRunning if it was never started."""
    return tail(State(config.state_dir), service.value, lines=lines)


def log_follow(config: Undercloud, service: Service) -> Iterator[str]:
    """Yield what is added to a service's log from now on, without end."""
    return follow(State(config.state_dir), service.value)


def _token(site: Site) -> Token | None:
    try:
        return administrator(site, timeout=STATUS_TIMEOUT)
    except Unavailable:
        return None


def _status(site: Site, description: Description, *, token: Token | None) -> ServiceStatus:
    answers = token is not None and not readiness.why_silent(site, description, token, timeout=STATUS_TIMEOUT)
    return _look(site, description, answers=answers)


def _look(site: Site, description: Description, *, answers: bool) -> ServiceStatus:
    process = processes.recorded(site.state, description.service)
    alive = process is not None and process.is_alive()
    condition = Condition.UP if answers else Condition.SILENT
    if not alive:
        condition = Condition.DOWN if process is None else Condition.DEAD
    return ServiceStatus(
        service=description.service,
        condition=condition,
        url=site.address(description),
        pid=process.pid if process and alive else None,
        rss_mb=processes.rss_mb(process) if process and alive else None,
    )


class _Start:
    """One call of `up`: starts what does not run, waits for all, and takes back its own on failure."""

    def __init__(
        self, config: Undercloud, site: Site, *, begun: float, progress: Reporter, owner: Process | None
    ) -> None:
        self._config, self._site, self._begun = config, site, begun
        self._progress, self._owner = progress, owner
        self._deadline = time.monotonic() + config.timeout
        self._abandoned = threading.Event()
        self._running: dict[Service, Process] = {}
        self._started: list[Service] = []

    def bring_up(self, descriptions: tuple[Description, ...]) -> tuple[Service, ...]:
        """Return the services that had to be started, when all of them answer."""
        try:
            for description in descriptions:
                self._run(description)
            self._await_all(descriptions)
        except BaseException:
            self._take_back()
            raise
        return tuple(self._started)

    def _say(self, service: Service | None, text: str) -> None:
        self._progress(Progress(service, text, round(time.monotonic() - self._begun, 1)))

    def _run(self, description: Description) -> None:
        service, state = description.service, self._site.state
        process = processes.recorded(state, service)
        if process is not None and process.is_alive():
            self._running[service] = process
            self._say(service, f"runs already (process {process.pid})")
            return
        with ExitStack() as opened:
            sockets = {name: opened.enter_context(self._open(name, description)) for name in description.sockets}
            self._started.append(service)
            self._say(service, "starts")
            self._running[service] = processes.start(
                state,
                processes.Launch(
                    name=service.value,
                    module=description.module,
                    directory=self._site.directory(service),
                    schemas=schemas_directory(self._config.cache_dir, description),
                    sockets=sockets,
                    owner=self._owner,
                ),
            )

    def _open(self, name: str, description: Description) -> socket.socket:
        return open_port(self._site.ports[name], name=name, kind=description.transport.value)

    def _await_all(self, descriptions: tuple[Description, ...]) -> None:
        token = self._await_keystone()
        try:
            seed(self._site, token, descriptions)
        except Unavailable as error:
            raise readiness.failed(self._site, KEYSTONE, str(error)) from error
        with ThreadPoolExecutor(len(descriptions)) as pool:
            waits = {pool.submit(self._await, one, token): one for one in descriptions}
            try:
                for done in as_completed(waits):
                    done.result()
                    self._say(waits[done].service, f"answers at {self._site.address(waits[done])}")
            except BaseException:
                self._abandoned.set()
                self._take_back()  # within the pool, which waits for threads that wait for these processes
                raise

    def _await(self, description: Description, token: Token) -> None:
        readiness.wait_for_answer(
            self._site,
            description,
            token,
            process=self._running[description.service],
            patience=readiness.Patience(self._deadline, self._abandoned),
        )

    def _await_keystone(self) -> Token:
        """Return the first token that Keystone gives; raise ServiceFailed if it gives none in time."""
        process, why = self._running[Service.KEYSTONE], "no answer in time"
        while (left := self._deadline - time.monotonic()) > 0:
            if not process.is_alive():
                why = "its process ended"
                break
            try:
                return administrator(self._site, timeout=min(readiness.ONE_ANSWER, left))
            except Unavailable as error:
                why = str(error)
                if isinstance(error, Refusal) and error.is_final:
                    break
                time.sleep(readiness.POLL)
        raise readiness.failed(self._site, KEYSTONE, why)

    def _take_back(self) -> None:
        processes.stop(self._running[service] for service in self._started if service in self._running)
        for service in self._started:
            processes.forget(self._site.state, service)
