"""sushy-tools' Redfish emulator on machines that exist in its memory only."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import bcrypt
from sushy_tools.emulator import main as emulator
from sushy_tools.emulator.resources.systems import fakedriver

from tripleo_gitops.undercloud.launch.process import Orders, take_orders
from tripleo_gitops.undercloud.launch.serving import serve

THREADS = 8
MEMORY_GIB = 16
# The emulator's page of a processor asks for `Id`, all else for `id`.
PROCESSOR = {
    "id": "CPU0",
    "Id": "CPU0",
    "socket": "CPU 0",
    "vendor": "QEMU",
    "model": "qemu64",
    "cores": 4,
    "threads": 8,
}

CONTROLLER = {"MemberId": "0", "Name": "Controller", "SpeedGbps": 12}
STORAGE = {"Id": "1", "Name": "Storage", "StorageControllers": [CONTROLLER], "Drives": ["0"]}
BIOS = {"BootMode": "Uefi", "EmbeddedSata": "Raid", "NicBoot1": "NetworkBoot", "ProcTurboMode": "Enabled"}
"""The settings that the emulator's registry of attributes describes, as a factory leaves them."""
DRIVE = {"Id": "0", "Name": "Drive", "CapacityBytes": 100 * 1024**3, "Protocol": "SAS"}


class Machine(fakedriver.FakeDriver):  # type: ignore[misc]  # sushy-tools has no types
    """A machine of the emulator, which has nothing but a network card, with what introspection and BIOS ask for."""

    def get_processors(self, _identity: str) -> list[dict[str, Any]]:
        return [PROCESSOR]

    def get_total_cpus(self, _identity: str) -> int:
        return 1

    def get_total_memory(self, _identity: str) -> int:
        return MEMORY_GIB

    def get_bios(self, identity: str) -> dict[str, str]:
        return dict(self._get(identity).get("bios", BIOS))

    def set_bios(self, identity: str, attributes: dict[str, str]) -> None:
        self._update(identity, bios={**self.get_bios(identity), **attributes})

    def reset_bios(self, identity: str) -> None:
        self._update(identity, bios=BIOS)


def _settings(orders: Orders) -> dict[str, object]:
    machines = json.loads((orders.directory / "machines.json").read_text())["machines"]
    login = orders.directory / "htpasswd"
    digest = bcrypt.hashpw(machines[0]["password"].encode(), bcrypt.gensalt(4)).decode()
    login.write_text(f"{machines[0]['username']}:{digest}\n")
    login.chmod(0o600)
    return {
        "SUSHY_EMULATOR_FAKE_DRIVER": True,
        "SUSHY_EMULATOR_STATE_DIR": str(orders.directory),
        "SUSHY_EMULATOR_AUTH_FILE": str(login),
        "SUSHY_EMULATOR_STORAGE": {machine["uuid"]: [STORAGE] for machine in machines},
        "SUSHY_EMULATOR_DRIVES": {(machine["uuid"], STORAGE["Id"]): [DRIVE] for machine in machines},
        "SUSHY_EMULATOR_FAKE_SYSTEMS": [
            {
                "uuid": machine["uuid"],
                "name": machine["name"],
                "power_state": "Off",
                "external_notifier": False,
                "nics": [{"mac": machine["mac"], "ip": ""}],
            }
            for machine in machines
        ],
    }


def main() -> None:
    """Serve the emulator until killed."""
    orders = take_orders()
    # Its machines take 1 to 11 random seconds to obey; ours obey at once.
    fakedriver.random = SimpleNamespace(randint=lambda _least, _most: 0)
    fakedriver.FakeDriver = Machine
    emulator.app.configure(extra_config=_settings(orders))
    serve(emulator.app, orders.sockets["redfish"], threads=THREADS)


if __name__ == "__main__":
    main()
