"""The switches of Ironic's nodes: power, boot device, maintenance, BIOS, RAID."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.openstack.ironic_requests import IronicRequests


class IronicSwitches:
    """What is switched on single nodes, by their ids."""

    def __init__(self, requests: IronicRequests) -> None:
        self._requests = requests

    def power(self, uuid: str) -> tuple[str | None, bool, str | None]:
        """Return a machine's power state, whether it is being switched, and what Ironic last failed at."""
        found = self._requests.get(f"/nodes/{uuid}", fields="power_state,target_power_state,last_error")
        return found.get("power_state"), bool(found.get("target_power_state")), found.get("last_error")

    def set_power(self, uuid: str, target: str, *, timeout: int) -> None:
        """Ask for `power on`, `power off`, `rebooting` or their soft forms; Ironic gives up after `timeout` s."""
        body: dict[str, Any] = {"target": target}
        self._requests.send("PUT", f"/nodes/{uuid}/states/power", body=body | {"timeout": timeout})

    def set_maintenance(self, uuid: str, reason: str | None) -> None:
        """Take a node out for a reason, or back with None."""
        if reason is None:
            self._requests.send("DELETE", f"/nodes/{uuid}/maintenance")
        else:
            self._requests.send("PUT", f"/nodes/{uuid}/maintenance", body={"reason": reason})

    def boot_device(self, uuid: str) -> tuple[str | None, bool]:
        """Return what a node boots from, and whether that stays; the management controller is asked."""
        found = self._requests.get(f"/nodes/{uuid}/management/boot_device")
        return found.get("boot_device"), bool(found.get("persistent"))

    def set_boot_device(self, uuid: str, device: str, *, persistent: bool) -> None:
        """Let a node boot from a device, once or always."""
        body = {"boot_device": device, "persistent": persistent}
        self._requests.send("PUT", f"/nodes/{uuid}/management/boot_device", body=body)

    def bios(self, uuid: str) -> Mapping[str, str | None]:
        """Return the BIOS settings that Ironic knows of a node."""
        found = self._requests.get(f"/nodes/{uuid}/bios")
        return {one["name"]: one.get("value") for one in found["bios"]}

    def raid(self, uuid: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return a node's RAID as it is and as it is to become."""
        found = self._requests.get(f"/nodes/{uuid}", fields="raid_config,target_raid_config")
        return found.get("raid_config") or {}, found.get("target_raid_config") or {}

    def set_target_raid(self, uuid: str, config: Mapping[str, Any]) -> None:
        """Say what RAID a node is to get when it is cleaned for that."""
        self._requests.send("PUT", f"/nodes/{uuid}/states/raid", body=dict(config))
