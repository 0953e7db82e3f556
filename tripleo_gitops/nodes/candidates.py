"""Addresses at which management controllers are looked for: those that an operator names, and no others."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tripleo_gitops.nodes.secret import Secret

MOST_ADDRESSES = 1024
MOST_PROBES = 8192


@dataclass(frozen=True, slots=True)
class Credential:
    """A login that is tried."""

    user: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Probe:
    """One controller to try: kind `ipmi` or `redfish`, where, and as whom."""

    kind: str
    address: str
    port: int
    credential: Credential


@dataclass(frozen=True, slots=True)
class Candidate:
    """A controller that answered a login; `system` is the path of the machine behind a Redfish one."""

    probe: Probe
    system: str | None = None

    def fields(self) -> dict[str, Any]:
        """Return the machine as a file of nodes names it; the password is a Secret."""
        found: dict[str, Any] = {"pm_type": self.probe.kind, "pm_user": self.probe.credential.user}
        found["pm_password"] = self.probe.credential.password
        if self.system is not None:
            return {**found, "pm_addr": f"{self.probe.address}:{self.probe.port}", "pm_system_id": self.system}
        return {**found, "pm_addr": self.probe.address, "pm_port": self.probe.port}


def expand_ranges(ranges: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses of single ones, of `first-last` and of networks such as 192.0.2.0/28, each once.

    Raises InvalidInput for what is no address, Refused for more than the limit.
    """
    found: dict[str, None] = {}
    for text in ranges:
        for address in _addresses(text.strip()):
            found[str(address)] = None
            if len(found) > MOST_ADDRESSES:
                raise Refused(f"{', '.join(ranges)}: more than {MOST_ADDRESSES} addresses; name a smaller range")
    return tuple(found)


def plan_probes(
    addresses: Sequence[str], ports: Sequence[tuple[str, int]], credentials: Sequence[Credential]
) -> tuple[Probe, ...]:
    """Return every controller to try; raise Refused for more than the limit."""
    count = len(addresses) * len(ports) * len(credentials)
    if count > MOST_PROBES:
        raise Refused(f"{count} logins to try are over the limit of {MOST_PROBES}; name fewer of something")
    return tuple(
        Probe(kind, address, port, credential)
        for address in addresses
        for kind, port in ports
        for credential in credentials
    )


def _addresses(text: str) -> Sequence[Any] | Any:
    try:
        if "-" in text:
            first, last = (ipaddress.ip_address(part.strip()) for part in text.split("-", 1))
            count = int(last) - int(first) + 1
            if first.version != last.version or count < 1:
                raise InvalidInput(f"{text}: the last address comes before the first")
            return (first + offset for offset in range(min(count, MOST_ADDRESSES + 1)))
        if "/" in text:
            network = ipaddress.ip_network(text, strict=False)
            return network.hosts() if network.num_addresses > 1 else iter([network.network_address])
        return [ipaddress.ip_address(text)]
    except ValueError as exc:
        raise InvalidInput(f"{text!r} is no address, no range first-last and no network: {exc}") from exc
