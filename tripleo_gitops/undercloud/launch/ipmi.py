"""Management controllers over IPMI 2.0, one a port, whose machines are a power state and a boot device."""

from __future__ import annotations

import json
import uuid
from typing import Any

from pyghmi.ipmi.bmc import Bmc
from pyghmi.ipmi.private import session

from tripleo_gitops.undercloud.launch.process import take_orders
from tripleo_gitops.undercloud.ports import HOST

# Where things are in an RMCP+ packet, and what they mean: IPMI 2.0, tables 13-8, 13-9, 13-15, 13-17.
PAYLOAD_TYPE, PAYLOAD, ALGORITHM = 5, 16, 28
OPEN_SESSION, HMAC_SHA1, NO_CIPHER_SUITE_MATCH = 0x10, 1, 0x11


class Machine(Bmc):  # type: ignore[misc]  # pyghmi has no annotations
    """A machine that is off until told otherwise, and forgets when its controller ends."""

    def __init__(self, *, login: dict[str, str], port: int, guid: uuid.UUID) -> None:
        super().__init__(login, port=port, bmcuuid=guid, address=HOST)
        self._power, self._boot = "off", "default"

    def sessionless_data(self, data: bytes, sockaddr: tuple[str, int]) -> None:
        """Refuse a session by another algorithm than HMAC-SHA1, as a controller that lacks it does.

        pyghmi's server would answer by SHA-1 what was asked by SHA-256, and neither side would understand.
        """
        opens = len(data) > ALGORITHM and data[PAYLOAD_TYPE] & 0x3F == OPEN_SESSION
        if opens and data[ALGORITHM] != HMAC_SHA1:
            answer = bytes([data[PAYLOAD], NO_CIPHER_SUITE_MATCH, 0, 0]) + data[PAYLOAD + 4 : PAYLOAD + 8]
            header = bytes([6, 0, 0xFF, 7, 6, OPEN_SESSION + 1, *bytes(8), len(answer), 0])
            self.serversocket.sendto(header + answer, sockaddr)
        else:
            super().sessionless_data(data, sockaddr)

    def get_system_guid(self) -> uuid.UUID:
        found: uuid.UUID = self.uuid
        return found

    def get_power_state(self) -> str:
        return self._power

    def power_on(self) -> None:
        self._power = "on"

    def power_off(self) -> None:
        self._power = "off"

    def power_shutdown(self) -> None:
        self._power = "off"

    def power_cycle(self) -> int | None:
        return self.power_reset()

    def power_reset(self) -> int | None:
        """Leave the machine on; answer `not supported in present state` if it is off, as the standard says."""
        return None if self._power == "on" else 0xD5

    def get_boot_device(self) -> str:
        return self._boot

    def set_boot_device(self, bootdevice: str) -> None:
        self._boot = bootdevice

    def cold_reset(self) -> int:
        return 0

    def is_active(self) -> bool:
        return self._power == "on"


def _start(machine: dict[str, Any]) -> Machine:
    login = {machine["username"]: machine["password"]}
    return Machine(login=login, port=machine["port"], guid=uuid.UUID(machine["uuid"]))


def main() -> None:
    """Serve the controllers until killed."""
    orders = take_orders()
    # pyghmi opens its sockets itself, of the kind of address that it finds first.
    session.ipv6support, session.myself = False, HOST
    for opened in orders.sockets.values():
        opened.close()
    machines = json.loads((orders.directory / "machines.json").read_text())["machines"]
    controllers = [_start(machine) for machine in machines]
    controllers[0].listen()


if __name__ == "__main__":
    main()
