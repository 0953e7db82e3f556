"""Devices that switch machines off follow from what lists the machines."""

from __future__ import annotations

from typing import Any

import pytest

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.nodes.fencing import FencingOptions, fencing_devices

LOGIN = {"pm_addr": "192.0.2.1", "pm_user": "admin", "pm_password": "hush"}
PARAMS = {"ipaddr": "192.0.2.1", "login": "admin", "passwd": "hush"}
MAC = "52:54:00:AA:00:01"


def _devices(*machines: Any, hosts: dict[str, str] | None = None, **options: Any) -> tuple[dict[str, Any], ...]:
    return fencing_devices(machines, hosts=hosts or {}, options=FencingOptions(**options))


@pytest.mark.parametrize("kind", ["ipmi", "pxe_ipmitool", "idrac", "pxe_drac", "ilo"])
def test_ipmi_and_its_kin_are_fenced_by_lan(kind: str) -> None:
    machine = {"pm_type": kind, **LOGIN, "pm_port": "6230", "ports": [{"address": MAC}]}
    params = {**PARAMS, "delay": 5, "lanplus": True, "ipport": "6230", "cipher": 17, "privlvl": "operator"}
    assert _devices(machine, delay=5, lanplus=True, cipher=17, level="operator") == (
        {"agent": "fence_ipmilan", "host_mac": MAC.lower(), "params": params},
    )


def test_redfish_names_its_system_and_says_whether_certificates_are_checked() -> None:
    machine = {"pm_type": "redfish", **LOGIN, "pm_system_id": "/redfish/v1/Systems/1"}
    assert _devices(machine, lanplus=True) == (
        {"agent": "fence_redfish", "params": {**PARAMS, "systems_uri": "/redfish/v1/Systems/1"}},
    )
    for verify, insecure in (("false", "true"), (False, "true"), ("true", "false"), (True, "false")):
        found = _devices({**machine, "redfish_verify_ca": verify})
        assert found[0]["params"]["ssl_insecure"] == insecure


def test_ovirt_names_its_machine() -> None:
    machine = {"pm_type": "staging-ovirt", **LOGIN, "pm_vm_name": "vm-1"}
    params = {**PARAMS, "port": "vm-1", "ssl": 1, "ssl_insecure": 1}
    assert _devices(machine) == ({"agent": "fence_rhevm", "params": params},)


def test_hosts_that_are_deployed_are_named_and_other_machines_left_out() -> None:
    first = {"pm_type": "ipmi", **LOGIN, "mac": [MAC]}
    second = {"pm_type": "ipmi", **LOGIN, "mac": ["52:54:00:AA:00:02"]}
    found = _devices(first, second, hosts={MAC.lower(): "controller-0"})
    assert [(one["host_mac"], one["params"]["pcmk_host_list"]) for one in found] == [(MAC.lower(), "controller-0")]
    assert len(_devices(first, second)) == 2


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        ({"pm_type": "fake-hardware", **LOGIN}, "no fence agent is known for fake-hardware"),
        ({"pm_type": "ipmi", "pm_addr": "192.0.2.1", "pm_user": "admin"}, "node #0: pm_password is missing"),
        ({**LOGIN}, "pm_type is missing"),
        ({"pm_type": "redfish", **LOGIN}, "pm_system_id is missing"),
        ("ipmi", "a mapping is needed"),
    ],
)
def test_a_machine_without_what_its_agent_needs_is_refused(machine: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        _devices(machine)
