"""Provisioning against the real Ironic and Glance: to ACTIVE, again, back, and where something is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from platformdirs import user_state_path

if TYPE_CHECKING:
    from tests.provisioning.conftest import Place

pytestmark = pytest.mark.undercloud


def ready(place: Place, count: int, **files: str) -> None:
    place.plan(count, **files)
    place.run("image", "upload", str(place.build() / f"{place.image}.qcow2"), "--name", place.image)
    place.run("node", "register", "--provide")


def states(place: Place) -> dict[str, str]:
    found = place.services.ironic.nodes()
    return {one.label: one.state.provision_state for one in found if one.label.startswith(place.name)}


def test_instances_of_the_roles_reach_active_and_the_second_time_changes_nothing(place: Place) -> None:
    ready(place, 2)
    assert len(place.run("provision", "--dry-run", "-o", "json", code=1).data["instances"]) == 2
    assert set(states(place).values()) == {"available"}
    first = place.run("provision", "--environment-file", "out.yaml", "-o", "json").data
    assert set(states(place).values()) == {"active"}
    made = yaml.safe_load((place.directory / "out.yaml").read_text())
    assert made == first["environment"]
    hosts = [f"{place.name}-novacompute-{index}" for index in (0, 1)]
    assert made["parameter_defaults"]["HostnameMap"] == {host: host for host in hosts}
    assert {one["hostname"] for one in first["instances"]} == set(hosts)
    again = place.run("provision", "-o", "json").data
    assert {one["ending"] for one in again["nodes"]} == {"unchanged"}


def test_provisioning_as_a_run_keeps_the_environment_in_it_until_the_last_instance_is_gone(place: Place) -> None:
    ready(place, 1)
    place.run("provision", "--run")
    (run,) = place.run("run", "list", "-o", "json").data
    kept = place.run("run", "show", str(run["number"]), "-o", "json").data["steps"][-1]["outputs"]["environment"]
    host = f"{place.name}-novacompute-0"
    assert kept["parameter_defaults"]["HostnameMap"] == {host: host}
    file = user_state_path("tripleo-gitops") / "provisioned" / f"{place.name}.yaml"
    assert yaml.safe_load(file.read_text()) == kept
    place.run("unprovision", "--all", "--yes", "--run")
    assert set(states(place).values()) == {"available"}
    assert not file.exists()


def test_ironic_knows_what_it_writes(place: Place) -> None:
    ready(place, 1)
    place.run("provision")
    document = place.services.ironic.document(f"{place.name}-0")
    (image,) = place.undercloud.connect().image.images(name=place.image)
    told = document["instance_info"]
    assert (told["image_source"], told["root_gb"]) == (image.id, "49")
    assert told["display_name"] == f"{place.name}-novacompute-0"


def test_what_the_file_does_not_want_any_more_is_unprovisioned(place: Place) -> None:
    defaults = f"{{profile: prof-{place.name}, image: {{href: full-{place.name}}}}}"
    role = f"- name: Compute\n  count: %d\n  defaults: {defaults}\n"
    ready(place, 2, baremetal__deployment_DOT_yaml=role % 2)
    place.run("provision")
    assert set(states(place).values()) == {"active"}
    (place.directory / "baremetal" / "deployment.yaml").write_text(role % 1)
    place.git("commit", "--quiet", "--all", "-m", "fewer")
    place.run("unprovision", "--yes")
    assert sorted(states(place).values()) == ["active", "available"]
    place.run("unprovision", f"{place.name}-novacompute-0", "--yes")
    assert set(states(place).values()) == {"available"}


def test_too_few_nodes_reserve_none_and_say_why(place: Place) -> None:
    ready(place, 2)
    place.run("node", "maintenance", "set", f"{place.name}-1", "--reason", "broken fan")
    said = place.run("provision", code=2).err
    assert "1 of 2 instances cannot be placed" in said
    assert "in maintenance" in said
    assert set(states(place).values()) == {"available"}


def test_an_image_that_glance_does_not_have_reserves_nothing(place: Place) -> None:
    place.plan(1)
    place.run("node", "register", "--provide")
    assert place.image in place.run("provision", code=2).err
    assert set(states(place).values()) == {"available"}


def test_a_node_that_cannot_be_deployed_has_its_own_reason_and_the_rest_goes_on(place: Place) -> None:
    place.plan(2)
    place.commit(place.machine(0), place.machine(1, deploy_interface="direct"))
    place.run("image", "upload", str(place.build() / f"{place.image}.qcow2"), "--name", place.image)
    place.run("node", "register", "--provide")
    ended = place.run("provision", "-o", "json", code=2).data
    (failed,) = [one for one in ended["nodes"] if one["ending"] == "failed"]
    assert failed["node"] == f"{place.name}-1"
    assert failed["reason"]
    assert states(place)[f"{place.name}-0"] == "active"
