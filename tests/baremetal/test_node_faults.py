"""Machines that cannot be had, on the real Ironic: each has its own reason, the rest goes on, the next run finishes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.baremetal.test_driver_families import ipmi_node, redfish_node, register
from tripleo_gitops.undercloud.config import Service

if TYPE_CHECKING:
    from tests.baremetal.conftest import Site

pytestmark = pytest.mark.undercloud


def ended(data: dict[str, Any], verb: str = "manageable") -> dict[str, dict[str, Any]]:
    return {one["node"]: one for one in data["nodes"] if one["verb"] == verb}


def check_one_failed_and_is_mended(site: Site, wrong: dict[str, Any], right: dict[str, Any], *, tries: int = 3) -> str:
    """Register a machine that cannot be had beside one that can, then the machine as it is right; return the reason."""
    site.commit(**{"tripleo-plan_DOT_toml": f"[nodes]\ntries = {tries}\n"})
    found = ended(register(site, wrong, site.fake(0), code=2))
    assert (found[f"{site.name}-0"]["ending"], found[f"{site.name}-0"]["after"]) == ("done", "manageable")
    failed = found[wrong["name"]]
    assert (failed["ending"], failed["after"], failed["tries"]) == ("failed", "enroll", tries)
    again = ended(register(site, right, site.fake(0)))
    assert [name for name, one in again.items() if one["ending"] == "done"] == [wrong["name"]]
    assert site.node(wrong["name"]).state.provision_state == "manageable"
    return str(failed["reason"])


@pytest.mark.xdist_group("ipmi")
def test_a_wrong_ipmi_password_is_said_and_the_right_one_mends_it(site: Site) -> None:
    reason = check_one_failed_and_is_mended(site, ipmi_node(site, 0, pm_password="wrong-4711"), ipmi_node(site, 0))
    assert reason.startswith("manage failed after 3 tries: ")
    assert "wrong-4711" not in reason


@pytest.mark.xdist_group("redfish-2")
def test_a_redfish_controller_that_does_not_answer_is_said_and_the_right_address_mends_it(site: Site) -> None:
    dead = redfish_node(site, 2, pm_addr="http://127.0.0.1:9")
    reason = check_one_failed_and_is_mended(site, dead, redfish_node(site, 2), tries=1)  # Ironic takes a minute a try
    assert reason.startswith("manage failed: ")


def test_a_node_that_another_conductor_holds_is_given_up_and_taken_up_by_the_next_command(site: Site) -> None:
    site.commit(site.fake(0), site.fake(1))
    site.run("node", "register", "--no-manage")
    names = [f"{site.name}-0", f"{site.name}-1"]
    hold(site, site.node(names[0]).uuid, "another-conductor")
    found = ended(site.run("node", "manage", *names, "--node-timeout", "3", "-o", "json", code=2).data)
    assert "locked by host another-conductor" in found[names[0]]["reason"]
    assert found[names[1]]["after"] == "manageable"
    hold(site, site.node(names[0]).uuid, None)
    again = ended(site.run("node", "manage", *names, "-o", "json").data)
    assert [again[name]["ending"] for name in names] == ["done", "unchanged"]


def test_a_held_node_is_not_changed_and_the_next_registration_changes_it(site: Site) -> None:
    site.commit(site.fake(0, resource_class="gold"), site.fake(1))
    site.run("node", "register")
    uuid = site.node(f"{site.name}-0").uuid
    hold(site, uuid, "another-conductor")
    site.commit(site.fake(0, resource_class="silver"), site.fake(1, resource_class="silver"))
    found = ended(site.run("node", "register", "-o", "json", code=2).data, "change")
    assert "locked by host" in found[f"{site.name}-0"]["reason"]
    assert site.node(f"{site.name}-1").resource_class == "silver"
    hold(site, uuid, None)
    site.run("node", "register")
    assert site.node(uuid).resource_class == "silver"


def hold(site: Site, uuid: str, holder: str | None) -> None:
    """Let another conductor have a node, as Ironic itself writes it down."""
    database = site.undercloud.config.state_dir / Service.IRONIC.value / "ironic.db"
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        connection.execute("UPDATE nodes SET reservation = ? WHERE uuid = ?", (holder, uuid))
