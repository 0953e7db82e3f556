"""The ramdisk that a machine boots to be introspected, played: it posts what a real one found in a machine."""

from __future__ import annotations

import copy
import threading
import time
from typing import TYPE_CHECKING, Any, Self

import requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.undercloud_fixture import RunningUndercloud

INVENTORY: dict[str, Any] = {
    "interfaces": [
        {
            "name": "eth0",
            "mac_address": "",
            "ipv4_address": "192.0.2.40",
            "ipv6_address": None,
            "has_carrier": True,
            "lldp": None,
            "vendor": "0x1af4",
            "product": "0x0001",
            "client_id": None,
            "biosdevname": None,
            "speed_mbps": 10000,
        }
    ],
    "disks": [
        {
            "name": "/dev/vda",
            "model": "QEMU HARDDISK",
            "size": 107374182400,
            "rotational": False,
            "wwn": "0x5000c500a0b1c2d3",
            "wwn_with_extension": "0x5000c500a0b1c2d3",
            "wwn_vendor_extension": None,
            "serial": "QM00001",
            "hctl": "0:0:0:0",
            "by_path": "/dev/disk/by-path/pci-0000:00:05.0",
            "vendor": "QEMU",
        },
        {
            "name": "/dev/vdb",
            "model": "QEMU HARDDISK",
            "size": 21474836480,
            "rotational": True,
            "wwn": None,
            "wwn_with_extension": None,
            "wwn_vendor_extension": None,
            "serial": "QM00002",
            "hctl": "0:0:1:0",
            "by_path": None,
            "vendor": "QEMU",
        },
    ],
    "memory": {"total": 16656629760, "physical_mb": 16384},
    "cpu": {
        "model_name": "Intel Core Processor (Broadwell)",
        "frequency": "2397.222",
        "count": 8,
        "architecture": "x86_64",
        "flags": ["aes", "vmx"],
        "socket_count": 2,
    },
    "bmc_address": "192.0.2.5",
    "bmc_v6address": "::/0",
    "bmc_mac": "52:54:00:00:99:01",
    "system_vendor": {
        "product_name": "KVM",
        "serial_number": "S-1",
        "manufacturer": "Red Hat",
        "firmware": {"vendor": "EDK II", "version": "1", "build_date": "2024"},
    },
    "boot": {"current_boot_mode": "uefi", "pxe_interface": ""},
    "hostname": "ramdisk",
}


def inventory(mac: str, *, cpus: int = 8, extra_mac: str | None = None) -> dict[str, Any]:
    """Return what a ramdisk finds in a machine with this network card."""
    found = copy.deepcopy(INVENTORY)
    found["interfaces"][0]["mac_address"] = mac
    found["boot"]["pxe_interface"] = mac
    found["cpu"]["count"] = cpus
    if extra_mac:
        found["interfaces"].append({**found["interfaces"][0], "name": "eth1", "mac_address": extra_mac})
    return found


def post_to_ironic(undercloud: RunningUndercloud, found: dict[str, Any]) -> int:
    """Post as the ramdisk does, without any login; return the status of the answer."""
    answer = requests.post(
        f"{undercloud.services['ironic']}/v1/continue_inspection",
        json={"inventory": found},
        headers={"X-OpenStack-Ironic-API-Version": "1.87"},
        timeout=30,
    )
    return answer.status_code


def post_to_inspector(undercloud: RunningUndercloud, found: dict[str, Any]) -> int:
    """Post to ironic-inspector, in its own words."""
    document = {
        "inventory": found,
        "boot_interface": f"01-{found['boot']['pxe_interface'].replace(':', '-')}",
        "root_disk": found["disks"][0],
    }
    answer = requests.post(f"{undercloud.services['ironic-inspector']}/v1/continue", json=document, timeout=30)
    return answer.status_code


class Ramdisk:
    """Posts again and again until it is taken, as a machine that boots a while after it was told to."""

    def __init__(self, post: Callable[[], int]) -> None:
        self._post, self._over = post, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._over.is_set():
            if self._post() in (200, 202):
                return
            time.sleep(0.3)
