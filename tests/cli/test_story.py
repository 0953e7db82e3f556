"""The main job from a commit to an updated stack, against the real services, and its bad days."""

from __future__ import annotations

import io
import json
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.undercloud_fixture import TenantAccess

pytestmark = pytest.mark.undercloud


def git(plan: CommandLine, *command: str) -> str:
    done = subprocess.run(["git", "-C", str(plan.directory), *command], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def small(plan: CommandLine, *, controllers: int = 1) -> None:
    """Make the plan as small as it can be: deploying the whole of it is the story's, not every test's."""
    plan("parameters", "set", "ComputeCount=0", f"ControllerCount={controllers}", "AllNodesValidationSeconds=0")
    plan("commit", "--all", "-m", "Smaller")


def test_a_plan_is_committed_pushed_mirrored_deployed_changed_and_updated(
    plan: CommandLine, cloud: TenantAccess, tmp_path: Path
) -> None:
    server = CommandLine(tmp_path / "server.git", plan._capture)
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch", "main", str(server.directory)], check=True)
    git(plan, "remote", "add", "origin", "../server.git")
    server("hook", "install")
    pushed = plan("push")
    assert "mirrored main@" in pushed.out
    first = f"main@sha1:{git(plan, 'rev-parse', 'HEAD')}"

    connection = cloud.connect()
    names = {found.name for found in connection.object_store.objects("site1")}
    assert {"overcloud.yaml", "puppet/controller-role.yaml", "roles_data.yaml"} <= names
    planned = plan("sync", "--plan-only", "-o", "json").data
    assert (planned["put"], planned["delete"], planned["revision"]) == ([], [], first)

    assert "stack site1 (none)" in plan("diff", "--live", code=1).out
    created = plan("deploy", "--yes", "-o", "json")
    assert (created.data["stack_status"], created.data["revision"]) == ("CREATE_COMPLETE", first)
    assert created.data["outputs"]["AdminPassword"] == "******"
    assert "Controller/0" in created.err
    live = connection.orchestration.find_stack("site1")
    assert live.status == "CREATE_COMPLETE"
    assert "nothing differs" in plan("diff", "--live").out

    plan("parameters", "set", "NtpServer=[ntp.example.org]", "ControllerCount=2")
    plan("capabilities", "enable", "environments/telemetry.yaml")
    diff = plan("diff", "-o", "json", code=1).data
    assert diff["capabilities"] == [{"environment": "environments/telemetry.yaml", "enabled": True}]
    assert "ntp.example.org" in json.dumps(diff["heat"])
    plan("commit", "--all", "-m", "Telemetry")
    second = f"main@sha1:{git(plan, 'rev-parse', 'HEAD')}"
    status = plan("status", "-o", "json").data
    assert (status["deployed"], status["mirrored"], status["revision"]) == (first, first, second)

    updated = plan("deploy", "--yes", "-o", "json").data
    assert (updated["stack_status"], updated["revision"]) == ("UPDATE_COMPLETE", second)
    assert "telemetry" in json.dumps(updated["outputs"]["EnabledServices"]).lower()
    assert "nothing differs" in plan("diff", "--live").out
    listed = plan("list", "-o", "json").data
    assert [(one["plan"], one["mirrored"], one["deployed"]) for one in listed] == [("site1", second, second)]

    assert "exists" in plan("delete", "site1", "--yes", code=2).err
    plan("delete", "site1", "--stack", "--yes")
    assert connection.orchestration.find_stack("site1") is None
    assert "site1" not in {found.name for found in connection.object_store.containers()}


def test_a_stack_that_fails_names_the_resource_and_heats_reason(plan: CommandLine, cloud: TenantAccess) -> None:
    small(plan)
    plan("parameters", "set", "AllNodesValidationFails=true")
    plan("commit", "--all", "-m", "Rehearse a failure")
    said = plan("deploy", "--yes", code=2)
    assert "AllNodesValidation (OS::Heat::TestResource) CREATE_FAILED" in said.err
    assert "stack site1 is CREATE_FAILED" in said.err
    assert plan("status", "-o", "json").data["stack_status"] == "CREATE_FAILED"
    plan("parameters", "set", "AllNodesValidationFails=false")
    plan("commit", "--all", "-m", "Mend it")
    assert plan("deploy", "--yes", "-o", "json").data["stack_status"] == "UPDATE_COMPLETE"


def test_what_is_gone_from_the_plan_is_gone_from_the_stack(plan: CommandLine, cloud: TenantAccess) -> None:
    small(plan)
    plan("parameters", "set", "CloudDomain=example.org")
    plan("commit", "--all", "-m", "Domain")
    plan("deploy", "--yes")
    plan("parameters", "unset", "CloudDomain")
    plan("commit", "--all", "-m", "No domain")
    plan("deploy", "--yes")
    connection = cloud.connect()
    stack = connection.orchestration.find_stack("site1")
    environment = connection.orchestration.get(f"/stacks/site1/{stack.id}/environment").json()
    assert "CloudDomain" not in environment["parameter_defaults"]


def test_a_no_leaves_everything_as_it_was(
    plan: CommandLine, cloud: TenantAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    said = plan("deploy", code=130)
    assert "create stack site1" in said.err
    assert plan("status", "-o", "json").data["stack_status"] is None
    assert plan("status", "-o", "json").data["mirrored"] is None


def test_what_is_not_committed_is_not_deployed_and_that_is_said(plan: CommandLine, cloud: TenantAccess) -> None:
    small(plan)
    plan("parameters", "set", "CloudDomain=uncommitted.example.org")
    said = plan("deploy", "--yes")
    assert "1 changed files are not committed" in said.err
    assert "uncommitted.example.org" not in said.out + said.err


def test_a_template_that_heat_refuses_fails_with_the_reason_and_leaves_no_stack(
    plan: CommandLine, cloud: TenantAccess
) -> None:
    template = plan.directory / "overcloud.j2.yaml"
    template.write_text(template.read_text().replace("type: OS::Heat::RandomString", "type: OS::Nova::NoSuchThing"))
    git(plan, "commit", "--quiet", "--all", "-m", "A type that no Heat has")
    said = plan("deploy", "--yes", code=2)
    assert "OS::Nova::NoSuchThing" in said.err
    assert plan("status", "-o", "json").data["stack_status"] is None


def test_a_container_of_that_name_that_is_not_a_plans_is_left_alone(plan: CommandLine, cloud: TenantAccess) -> None:
    store = cloud.connect().object_store
    store.create_container("site1")
    store.upload_object("site1", "precious", data=b"mine")
    assert "not a plan's" in plan("sync", code=2).err
    assert [found.name for found in store.objects("site1")] == ["precious"]


def clouds_with(cloud: TenantAccess, directory: Path, **changes: object) -> str:
    """Write a clouds.yaml whose cloud `broken` is the test's own with some keys changed; return its path."""
    entry = yaml.safe_load(cloud.clouds_file.read_text())["clouds"][cloud.cloud]
    path = directory / "broken-clouds.yaml"
    path.write_text(yaml.safe_dump({"clouds": {"broken": entry | changes}}))
    return str(path)


def test_without_a_network_to_swift_the_error_says_so_and_the_next_sync_succeeds(
    plan: CommandLine, cloud: TenantAccess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = clouds_with(cloud, tmp_path, object_store_endpoint_override="http://127.0.0.1:9/v1/AUTH_nobody")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", broken)
    assert "Swift: cannot be reached" in plan("sync", "--cloud", "broken", code=2).err
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(cloud.clouds_file))
    assert plan("sync", "-o", "json").data["put"] > 0


@pytest.mark.parametrize(
    ("auth_type", "secret"), [("v3token", {"token": "gAAAAexpired-canary"}), ("password", {"password": "wrong-canary"})]
)
def test_credentials_that_are_not_accepted_are_told_and_not_repeated(
    plan: CommandLine,
    cloud: TenantAccess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    auth_type: str,
    secret: dict[str, str],
) -> None:
    auth = yaml.safe_load(cloud.clouds_file.read_text())["clouds"][cloud.cloud]["auth"]
    kept = {key: value for key, value in auth.items() if key not in {"password", "username", "user_domain_name"}}
    changed = (auth if auth_type == "password" else kept) | secret
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", clouds_with(cloud, tmp_path, auth=changed, auth_type=auth_type))
    said = plan("sync", "--cloud", "broken", code=2)
    assert "Keystone does not accept the credentials" in said.err
    assert "canary" not in said.out + said.err


def test_a_cloud_that_is_not_configured_is_told(plan: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "clouds.yaml" in plan("sync", "--cloud", "nowhere", code=2).err
    assert "OS_CLOUD" in plan("sync", code=2).err
