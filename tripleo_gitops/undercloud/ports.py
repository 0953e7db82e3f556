"""Which port each service listens on: chosen once, remembered, and opened before the service starts."""

from __future__ import annotations

import random
import socket
from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.errors import BadState, InvalidPortBase, PortTaken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tripleo_gitops.undercloud.state import State

HOST = "127.0.0.1"
FILE = "ports.json"
BACKLOG = 1024
# Below the kernel's range for outgoing connections, which would take a remembered port at any time.
LOWEST, HIGHEST = 20000, 32000
TRIES = 500


def assign_ports(state: State, names: Iterable[str], *, base: int | None) -> Mapping[str, int]:
    """Return a port for each name: the remembered one, or one from `base` on, or any that is free now."""
    ports = _remembered(state)
    wanted = tuple(names)
    if base is not None:
        ports |= _counted(wanted, base=base)
    for name in wanted:
        if name not in ports:
            ports[name] = _any_free(taken=set(ports.values()), name=name)
    if ports != _remembered(state):
        state.write(FILE, dict(ports))
    return ports


def remembered_ports(state: State) -> Mapping[str, int]:
    """Return the ports that an earlier start chose."""
    return _remembered(state)


def open_port(port: int, *, name: str, kind: int = socket.SOCK_STREAM) -> socket.socket:
    """Return a socket that listens on a port of 127.0.0.1; raise PortTaken if it cannot be had.

    It listens from here on: who connects before the service serves waits, and nobody else can take the port.
    """
    opened = socket.socket(socket.AF_INET, kind)
    try:
        if kind == socket.SOCK_STREAM:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((HOST, port))
        if kind == socket.SOCK_STREAM:
            opened.listen(BACKLOG)
    except OSError as error:
        opened.close()
        raise PortTaken(service=name, port=port, why=(error.strerror or str(error)).lower()) from error
    return opened


def _remembered(state: State) -> dict[str, int]:
    ports = state.read(FILE)
    for name, port in ports.items():
        if not isinstance(port, int) or not 0 < port < 65536:
            raise BadState(path=state.path / FILE, why=f"{port!r} is not a port (of {name})")
    return ports


def _counted(names: tuple[str, ...], *, base: int) -> dict[str, int]:
    if not 1024 <= base <= 65535 - len(names):
        raise InvalidPortBase(base=base, highest=65535 - len(names))
    return {name: base + number for number, name in enumerate(names)}


def _any_free(*, taken: set[int], name: str) -> int:
    for _ in range(TRIES):
        port = random.randint(LOWEST, HIGHEST)  # noqa: S311  # no secret depends on it
        if port not in taken and _is_free(port):
            return port
    raise PortTaken(service=name, port=LOWEST, why=f"no free port among {TRIES} from {LOWEST} to {HIGHEST}")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError:
            return False
    return True
