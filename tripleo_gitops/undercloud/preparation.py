"""What must be in the state directory before services start, and how to find it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.undercloud import processes
from tripleo_gitops.undercloud.clouds import write_clouds
from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.undercloud.errors import BadState, NotRunning, PortsInUse
from tripleo_gitops.undercloud.passwords import ensure_passwords
from tripleo_gitops.undercloud.ports import assign_ports, remembered_ports
from tripleo_gitops.undercloud.services import DESCRIPTIONS
from tripleo_gitops.undercloud.services.site import Site
from tripleo_gitops.undercloud.state import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tripleo_gitops.undercloud.config import Undercloud
    from tripleo_gitops.undercloud.services.site import Description
    from tripleo_gitops.undercloud.state import State


def describe(services: Iterable[Service]) -> tuple[Description, ...]:
    """Return the descriptions of services and of those they need, Keystone first: all the others ask it."""
    wanted = {Service.KEYSTONE, *services}
    wanted |= {needed for service in wanted for needed in DESCRIPTIONS[service].needs}
    return tuple(description for service, description in DESCRIPTIONS.items() if service in wanted)


def begun_services(state: State) -> tuple[Service, ...]:
    """Return the services that were ever started here; raise NotRunning if none was."""
    names = state.read(MARK).get("services", ())
    if not names:
        raise NotRunning(what="an undercloud", path=state.path)
    try:
        return tuple(Service(name) for name in names)
    except (TypeError, ValueError) as error:
        raise BadState(path=state.path / MARK, why=f"names a service that there is not: {error}") from error


def prepare(config: Undercloud, state: State, descriptions: tuple[Description, ...]) -> Site:
    """Write what services need to start: the mark, ports, secrets, configuration."""
    mark = state.read(MARK)
    begun = set(begun_services(state)) if mark else set()
    begun |= {description.service for description in descriptions}
    ephemeral = config.ephemeral or bool(mark.get("ephemeral"))
    state.write(MARK, {"services": [one.value for one in Service if one in begun], "ephemeral": ephemeral})
    _assign_ports(config, state)
    site = _site(state, descriptions)
    for description in descriptions:
        description.configure(site)
    write_clouds(site)
    return site


def open_site(state: State) -> Site:
    """Return the undercloud that was prepared here before; raise NotRunning if none was."""
    begun = begun_services(state)
    if not remembered_ports(state):
        raise NotRunning(what="an undercloud", path=state.path)
    return _site(state, describe(begun))


def _assign_ports(config: Undercloud, state: State) -> None:
    names = [name for description in DESCRIPTIONS.values() for name in description.sockets]
    before = dict(remembered_ports(state))
    running = [one for one in Service if (found := processes.recorded(state, one)) and found.is_alive()]
    if running and config.port_base is not None and before.get(names[0]) != config.port_base:
        raise PortsInUse(running=[one.value for one in running], base=config.port_base)
    assign_ports(state, names, base=config.port_base)


def _site(state: State, descriptions: Iterable[Description]) -> Site:
    names = [name for one in descriptions for name in (one.service.value, *one.secrets)]
    return Site(state, remembered_ports(state), ensure_passwords(state, names))
