"""The life of a plan where it meets a real cloud: secrets that are deployed, names that are taken, deletion."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import yaml

from tests.command_line import CommandLine
from tests.lifecycle.conftest import git
from tests.lifecycle.test_creation import cloned, opened, server
from tripleo_gitops.undercloud.config import Service

if TYPE_CHECKING:
    from tests.undercloud_fixture import RunningUndercloud, TenantAccess

pytestmark = pytest.mark.undercloud
__all__ = ["server"]


@pytest.fixture
def site(server: CommandLine, recipient: str, tmp_path: Path) -> CommandLine:
    """Return the command line in a clone of a small plan with passwords, made without asking the cloud."""
    made = server("create", "site1", "--adopt", "-o", "json").data
    clone = CommandLine(cloned(made, tmp_path), server._capture)
    clone("parameters", "set", "ComputeCount=0", "ControllerCount=1", "AllNodesValidationSeconds=0")
    clone("commit", "--all", "-m", "Smaller")
    return clone


def test_heat_gets_the_passwords_and_nobody_else_sees_them(
    site: CommandLine, cloud: TenantAccess, tmp_path: Path
) -> None:
    password = opened(site.directory)["AdminPassword"]
    said = site("deploy", "--yes", "-o", "json")
    assert said.data["stack_status"] == "CREATE_COMPLETE"
    connection = cloud.connect()
    outputs = connection.orchestration.find_stack("site1").outputs
    assert {one["output_key"]: one["output_value"] for one in outputs}["AdminPassword"] == password
    same = site("deploy", "--yes")
    assert "AdminPassword:" not in same.err
    mirrored = connection.object_store.download_object("secrets.yaml", "site1")
    assert password.encode() not in mirrored
    site("passwords", "rotate", "AdminPassword")
    site("commit", "--all", "-m", "Rotate")
    changed = site("diff", "--live", code=1)
    assert "AdminPassword" in changed.out
    entries = site("history", "-o", "json").data
    assert [(one["subject"], one["deployed"]) for one in entries][:2] == [("Rotate", False), ("Smaller", True)]
    elsewhere = tmp_path / "others"
    adopted = site("--plans-dir", str(elsewhere), "create", "site1", "--adopt", "-o", "json")
    assert adopted.data["generated"] == []
    assert adopted.data["lacking"] == ["AdminPassword"]
    assert "Heat tells 1 to nobody: before you deploy, `tripleo-plan secrets set NAME`" in adopted.err
    (Path.home() / ".config" / "sops" / "age" / "keys.txt").unlink()
    refused = site("deploy", "--yes", code=2)
    assert "opens for: age1" in refused.err
    everything = said.out + said.err + same.out + same.err + changed.out + changed.err + refused.err
    assert password not in everything


def test_a_name_that_the_cloud_uses_is_not_taken_unasked(server: CommandLine, cloud: TenantAccess) -> None:
    store = cloud.connect().object_store
    store.create_container("site1")
    refused = server("create", "site1", code=2)
    assert "container that is no plan's" in refused.err
    store.create_container("site2")
    store.set_container_metadata("site2", **{"usage-tripleo": "plan"})
    assert "a plan container" in server("create", "site2", code=2).err
    server("create", "site2", "--adopt")
    server("create", "site3")


def test_a_name_that_is_taken_in_one_place_only_is_refused_with_that_place(
    server: CommandLine, cloud: TenantAccess, undercloud: RunningUndercloud
) -> None:
    undercloud.with_services(Service.MISTRAL)
    connection = cloud.connect()
    workflow: Any = connection.workflow
    server("create", "in-git")
    connection.object_store.create_container("in-swift")
    workflow.post("/environments", json={"name": "in-mistral", "variables": "{}"})
    template = {"heat_template_version": "rocky", "resources": {"one": {"type": "OS::Heat::None"}}}
    connection.orchestration.create_stack(name="in-heat", template=template)
    workflow.post("/environments", json={"name": "in-heat", "variables": "{}"})
    assert "in-git.git exists" in server("create", "in-git", code=2).err
    assert "taken in the cloud: a container that is no plan's; take" in server("create", "in-swift", code=2).err
    assert "taken in the cloud: a Mistral environment; take" in server("create", "in-mistral", code=2).err
    assert "CREATE_" in (both := server("create", "in-heat", code=2).err)
    assert "; a Mistral environment; take" in both
    assert "a Mistral environment" in server("rename", "in-git", "in-mistral", code=2).err
    assert "CREATE_" in server("rename", "in-git", "in-heat", code=2).err
    for name in ("in-mistral", "in-heat", "in-swift"):
        server("create", name, "--adopt")
    assert "Mistral environment in-mistral is the plan's" in server("rename", "in-mistral", "other", code=2).err


TEMPLATE = """heat_template_version: rocky
parameters:
  AdminPassword: {type: string, hidden: true, default: ""}
  CephClusterFSID: {type: string, default: ""}
  HeatPassword: {type: string, hidden: true, default: ""}
  NovaPassword: {type: string, hidden: true, default: ""}
  PcsdPassword: {type: string, hidden: true, default: ""}
  RabbitCookie: {type: string, hidden: true, default: ""}
  SnmpdReadonlyUserPassword: {type: string, hidden: true, default: ""}
  SwiftPassword: {type: string, hidden: true, default: ""}
"""
GENERATING = """heat_template_version: rocky
resources:
  Services: {type: services.yaml}
  PcsdPassword: {type: "OS::Heat::RandomString", properties: {length: 16}}
  RabbitCookie: {type: "OS::Heat::RandomString", properties: {length: 20}}
"""


def test_passwords_of_a_live_stack_are_taken_over_as_far_as_the_cloud_tells_them(
    server: CommandLine, cloud: TenantAccess, undercloud: RunningUndercloud, recipient: str, tmp_path: Path
) -> None:
    undercloud.with_services(Service.MISTRAL)
    connection = cloud.connect()
    heat, store, workflow = connection.orchestration, connection.object_store, cast("Any", connection.workflow)
    given = {"AdminPassword": "of-the-stack", "CephClusterFSID": "told-by-heat", "RabbitCookie": "hidden-by-heat"}
    stack = heat.create_stack(
        name="site1",
        template=yaml.safe_load(GENERATING),
        environment={"parameter_defaults": given},
        files={"services.yaml": TEMPLATE},
    )
    heat.wait_for_status(stack, "CREATE_COMPLETE", failures=["CREATE_FAILED"], interval=1, wait=60)
    store.create_container("site1")
    passwords = {"AdminPassword": "in-swift", "HeatPassword": "******"}
    store.upload_object("site1", "plan-environment.yaml", data=yaml.safe_dump({"passwords": passwords}))
    beside = {"passwords": {"HeatPassword": "in-mistral", "AdminPassword": "older"}}
    workflow.post("/environments", json={"name": "site1", "variables": json.dumps(beside)})
    undercloud_config = json.dumps({"undercloud_ceilometer_snmpd_password": "of-the-undercloud"})
    workflow.post("/environments", json={"name": "tripleo.undercloud-config", "variables": undercloud_config})
    generated = heat.get(f"/stacks/site1/{stack.id}/resources/PcsdPassword").json()["resource"]["attributes"]["value"]
    source = tmp_path / "templates"
    source.mkdir()
    (source / "overcloud.yaml").write_text(GENERATING)
    (source / "services.yaml").write_text(TEMPLATE)
    made = server("create", "site1", "--from", str(source), "--adopt", "-o", "json")
    assert opened(cloned(made.data, tmp_path)) == {
        "AdminPassword": "in-swift",
        "CephClusterFSID": "told-by-heat",
        "HeatPassword": "in-mistral",
        "PcsdPassword": generated,
        "SnmpdReadonlyUserPassword": "of-the-undercloud",
    }
    assert made.data["lacking"] == ["NovaPassword", "RabbitCookie", "SwiftPassword"]
    assert made.data["generated"] == []
    everything = made.out + made.err
    assert not [value for value in ("in-swift", "told-by", "in-mistral", generated, "of-the-u") if value in everything]


def test_a_plan_that_tripleo_keeps_in_a_container_becomes_a_repository(
    server: CommandLine, cloud: TenantAccess, plan: CommandLine, recipient: str, tmp_path: Path
) -> None:
    plan("render", "--output", str(tmp_path / "rendered"))
    environment = tmp_path / "rendered" / "plan-environment.yaml"
    environment.write_text(environment.read_text() + "passwords: {AdminPassword: canary-in-swift}\n")
    store = cloud.connect().object_store
    store.create_container("overcloud")
    for path in (tmp_path / "rendered").rglob("*"):
        if path.is_file():
            name = path.relative_to(tmp_path / "rendered").as_posix()
            store.upload_object("overcloud", name, data=path.read_bytes())
    made = server("create", "site1", "--from", "container:overcloud", "-o", "json")
    assert made.data["source"] == "container:overcloud"
    clone = cloned(made.data, tmp_path)
    assert opened(clone)["AdminPassword"] == "canary-in-swift"
    assert "canary" not in git(clone, "log", "-p", "--all") + made.out + made.err
    assert not (clone / "overcloud.yaml").exists()


def container_names(cloud: TenantAccess) -> set[str]:
    return {one.name for one in cloud.connect().object_store.containers()}


def test_deletion_takes_what_tripleo_leaves_and_archives_the_repository(
    server: CommandLine, site: CommandLine, cloud: TenantAccess, undercloud: RunningUndercloud, tmp_path: Path
) -> None:
    undercloud.with_services(Service.MISTRAL)
    connection = cloud.connect()
    site("sync")
    for name in ("site1-swift-rings", "site1-messages", "site1-config", "site1_ceph_ansible_fetch_dir", "site1-other"):
        connection.object_store.create_container(name)
        connection.object_store.upload_object(name, "x", data=b"x")
    workflow: Any = connection.workflow
    workflow.post("/environments", json={"name": "site1", "variables": "{}"})
    assert workflow.get("/environments/site1").status_code == 200
    deleted = server("delete", "site1", "--yes")
    assert container_names(cloud) == {"site1-other"}
    assert workflow.get("/environments/site1").status_code == 404
    (archived,) = (tmp_path / "plans" / ".archive").iterdir()
    assert str(archived) in deleted.out
    assert server("list", "-o", "json").data == []
    subprocess.run(["git", "clone", "--quiet", str(archived), str(tmp_path / "again")], check=True)
    assert "no plan site1" in server("delete", "site1", "--yes", code=2).err


def test_purging_removes_the_repository_for_good(server: CommandLine, cloud: TenantAccess, tmp_path: Path) -> None:
    server("create", "site1")
    server("delete", "site1", "--keep-repository", "--yes", code=2)
    server("delete", "site1", "--purge", "--yes")
    assert list((tmp_path / "plans").iterdir()) == []


def test_a_plan_with_a_stack_or_a_mirror_is_not_renamed(
    server: CommandLine, site: CommandLine, cloud: TenantAccess, tmp_path: Path
) -> None:
    site("sync")
    assert "mirrors the plan" in server("rename", "site1", "berlin", code=2).err
    server("delete", "site1", "--keep-repository", "--yes")
    cloud.connect().object_store.create_container("berlin")
    assert "taken" in server("rename", "site1", "berlin", code=2).err
    server("rename", "site1", "bonn")
    assert [one["plan"] for one in server("list", "-o", "json").data] == ["bonn"]
    clone = tmp_path / "bonn"
    subprocess.run(["git", "clone", "--quiet", str(tmp_path / "plans" / "bonn.git"), str(clone)], check=True)
    assert "name: bonn" in (clone / "plan-environment.yaml").read_text()
    assert git(clone, "log", "-1", "--format=%s") == "Rename plan site1 to bonn"
