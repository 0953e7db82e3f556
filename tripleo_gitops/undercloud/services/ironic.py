"""Ironic: API and conductor in one process, with fake hardware, and BMCs over Redfish and IPMI."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.undercloud.processes import SEARCH_PATH
from tripleo_gitops.undercloud.services.site import Description, Endpoint, logging_options, sqlite

if TYPE_CHECKING:
    from pathlib import Path

    from tripleo_gitops.undercloud.services.site import Site

# Ironic's own rule for who may do everything with nodes: the `admin` project's administrator joins, so that one
# cloud of clouds.yaml reaches all services. Everybody else stays bound by node owner and lessee. Drivers and
# conductors are shown to system-scoped tokens only, as everywhere: the cloud `undercloud-system`.
POLICY = (
    '"service_role": "(role:service and project_name:%(config.service_project_name)s)'
    ' or (role:admin and project_name:admin)"\n'
)


def _configure(site: Site) -> None:
    directory = site.directory(Service.IRONIC)
    credentials = site.credentials(Service.IRONIC)
    site.state.write_text("ironic/policy.yaml", POLICY)
    site.write(
        Service.IRONIC,
        "ironic.conf",
        {
            "DEFAULT": {
                "auth_strategy": "keystone",
                "rpc_transport": "none",
                "rbac_service_role_elevated_access": "true",
                "host": "undercloud",
                "my_ip": "127.0.0.1",
                "state_path": directory,
                **logging_options("ironic"),
                **_hardware(),
            },
            "api": {"public_endpoint": site.url("ironic")},
            "conductor": {"automated_clean": "false", "sync_power_state_workers": 2},
            "database": sqlite(directory / "ironic.db"),
            "deploy": {
                "http_root": site.state.directory("ironic/http"),
                "http_url": site.url("ironic"),
                "external_callback_url": site.url("ironic"),
                "erase_devices_priority": 0,
            },
            "inspector": {"require_managed_boot": "false"},
            "inventory": {"data_backend": "database"},
            "ipmi": {"command_retry_timeout": 3, "min_command_interval": 1},
            "keystone_authtoken": site.authtoken(Service.IRONIC),
            "oslo_messaging_notifications": {"driver": "noop"},
            "oslo_policy": {"policy_file": directory / "policy.yaml"},
            "pxe": _images(site),
            "redfish": {"connection_attempts": 2, "connection_retry_interval": 1},
            "service_catalog": {**credentials, "endpoint_override": site.url("ironic")},
            "nova": {**credentials, "send_power_notifications": "false"},
        },
    )


def _images(site: Site) -> dict[str, object]:
    names = ("tftp_root", "images_path", "tftp_master_path", "instance_master_path")
    return {name: _directory(site, name) for name in names}


def _directory(site: Site, name: str) -> Path:
    return site.state.directory(f"ironic/{name}")


def _hardware() -> dict[str, object]:
    """Return the enabled drivers; ipmitool's only where that program is, or the conductor would not start."""
    ipmi = shutil.which("ipmitool", path=SEARCH_PATH) is not None
    bmc = "ipmitool,redfish" if ipmi else "redfish"
    return {
        "enabled_hardware_types": "fake-hardware,manual-management,redfish" + (",ipmi" if ipmi else ""),
        "enabled_bios_interfaces": "fake,no-bios,redfish",
        "enabled_boot_interfaces": "fake,ipxe,pxe,redfish-virtual-media",
        "enabled_console_interfaces": "fake,no-console",
        "enabled_deploy_interfaces": "fake,direct,ramdisk",
        "enabled_firmware_interfaces": "fake,no-firmware",
        "enabled_inspect_interfaces": "fake,no-inspect,agent,redfish",
        "enabled_management_interfaces": f"fake,noop,{bmc}",
        "enabled_network_interfaces": "noop",
        "default_network_interface": "noop",
        "enabled_power_interfaces": f"fake,{bmc}",
        "enabled_raid_interfaces": "fake,no-raid,agent,redfish",
        "enabled_rescue_interfaces": "fake,no-rescue,agent",
        "enabled_storage_interfaces": "fake,noop",
        "default_storage_interface": "noop",
        "enabled_vendor_interfaces": "fake,no-vendor,redfish" + (",ipmitool" if ipmi else ""),
    }


IRONIC = Description(
    service=Service.IRONIC,
    packages=("ironic", "keystonemiddleware", "waitress"),
    sockets=("ironic",),
    configure=_configure,
    probe="/v1/nodes?limit=1",
    endpoints=(Endpoint("ironic", "baremetal"),),
)
