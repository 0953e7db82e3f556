"""Doubles of machines' management controllers: three over Redfish (sushy-tools), three over IPMI (pyghmi)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.undercloud.ports import HOST
from tripleo_gitops.undercloud.services.site import Description, Transport

if TYPE_CHECKING:
    from tripleo_gitops.undercloud.services.site import Site

COUNT = 3
USER = "admin"
# Names of identity, so that a machine is the same one in every undercloud and after every start.
NAMESPACE = uuid.UUID("7d6c0b51-5a0d-4f0f-8a8e-2f6f4a5d9d11")
IPMI_SOCKETS = tuple(f"ipmi-{number}" for number in range(COUNT))


def system_uuid(name: str) -> str:
    """Return the hardware id of a machine."""
    return str(uuid.uuid5(NAMESPACE, name))


def _mac(kind: int, number: int) -> str:
    return f"52:54:00:00:{kind:02x}:{number:02x}"


def _configure_redfish(site: Site) -> None:
    machines = [
        {
            "name": f"redfish-{number}",
            "driver": "redfish",
            "address": site.url("redfish"),
            "system": f"/redfish/v1/Systems/{system_uuid(f'redfish-{number}')}",
            "uuid": system_uuid(f"redfish-{number}"),
            "mac": _mac(1, number),
            **_login(site, "redfish"),
        }
        for number in range(COUNT)
    ]
    site.state.write("redfish/machines.json", {"machines": machines})


def _configure_ipmi(site: Site) -> None:
    machines = [
        {
            "name": name,
            "driver": "ipmi",
            "address": HOST,
            "port": site.ports[name],
            "uuid": system_uuid(name),
            "mac": _mac(2, number),
            **_login(site, "ipmi"),
        }
        for number, name in enumerate(IPMI_SOCKETS)
    ]
    site.state.write("ipmi/machines.json", {"machines": machines})


def _login(site: Site, kind: str) -> dict[str, Any]:
    # IPMI 2.0 takes passwords of at most 20 bytes.
    return {"username": USER, "password": site.passwords[kind][:16]}


REDFISH = Description(
    service=Service.REDFISH,
    packages=("sushy-tools", "waitress"),
    sockets=("redfish",),
    configure=_configure_redfish,
    probe="/redfish/v1",
    user_roles=(),
)

IPMI = Description(
    service=Service.IPMI,
    packages=("pyghmi",),
    sockets=IPMI_SOCKETS,
    configure=_configure_ipmi,
    probe="",
    user_roles=(),
    transport=Transport.UDP,
)
