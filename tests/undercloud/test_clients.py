"""What OpenStack's own clients and other people's see of the session's undercloud."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import keystoneauth1.exceptions
import openstack.exceptions
import pytest
import requests

from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.config import Condition

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.undercloud_fixture import RunningUndercloud, TenantAccess

pytestmark = pytest.mark.undercloud


def test_every_default_service_answers_with_a_real_token(undercloud: RunningUndercloud) -> None:
    found = {one.service.value: one.condition for one in supervisor.status(undercloud.config)}
    assert {name: found[name] for name in ("keystone", "swift", "heat")} == dict.fromkeys(
        ("keystone", "swift", "heat"), Condition.UP
    )


def test_the_catalog_names_what_runs_at_its_address(undercloud: RunningUndercloud) -> None:
    connection = undercloud.connect()
    services = undercloud.services
    assert connection.endpoint_for("identity").startswith(services["keystone"])
    assert connection.endpoint_for("object-store").startswith(services["swift"])
    assert connection.endpoint_for("orchestration").startswith(services["heat"])


def test_only_the_loopback_address_is_listened_on(undercloud: RunningUndercloud) -> None:
    assert {urlsplit(url).hostname for url in undercloud.services.values()} == {"127.0.0.1"}


def test_objects_go_in_and_come_out(tenant: TenantAccess) -> None:
    store = tenant.connect().object_store
    store.create_container("plans")
    store.upload_object("plans", "a/b.yaml", data=b"a: 1\n")
    assert [one.name for one in store.objects("plans")] == ["a/b.yaml"]
    assert store.download_object("a/b.yaml", container="plans") == b"a: 1\n"


def test_another_tenant_sees_no_container_of_the_first(
    undercloud: RunningUndercloud, tenant: TenantAccess, tmp_path: Path
) -> None:
    tenant.connect().object_store.create_container("private")
    other = undercloud.new_tenant(tmp_path).connect()
    assert list(other.object_store.containers()) == []
    url = f"{undercloud.services['swift']}/v1/AUTH_{tenant.project_id}/private"
    assert requests.get(url, headers={"X-Auth-Token": other.auth_token}, timeout=10).status_code == 403


def test_another_tenant_sees_no_stack_of_the_first(
    undercloud: RunningUndercloud, tenant: TenantAccess, tmp_path: Path
) -> None:
    create_stack(tenant, {"nothing": {"type": "OS::Heat::None"}})
    assert list(undercloud.new_tenant(tmp_path).connect().orchestration.stacks()) == []


def test_a_reader_reads_and_cannot_write(undercloud: RunningUndercloud, tenant: TenantAccess, tmp_path: Path) -> None:
    tenant.connect().object_store.create_container("plans")
    reader = undercloud.new_tenant(tmp_path, roles=("reader",), beside=tenant.tenant.project).connect()
    assert [one.name for one in reader.object_store.containers()] == ["plans"]
    assert list(reader.orchestration.stacks()) == []
    with pytest.raises(openstack.exceptions.ForbiddenException):
        reader.object_store.upload_object("plans", "a", data=b"")
    with pytest.raises(openstack.exceptions.ForbiddenException):
        reader.orchestration.create_stack(name="no", template=template({}))


def test_a_wrong_password_is_refused(undercloud: RunningUndercloud, tenant: TenantAccess) -> None:
    text = tenant.clouds_file.read_text()
    tenant.clouds_file.write_text(text.replace(tenant.tenant.password, "wrong"))
    with pytest.raises(keystoneauth1.exceptions.Unauthorized):
        tenant.connect().session.get_token()


@pytest.mark.parametrize("cloud", ["undercloud-member", "undercloud-reader", "undercloud-other"])
def test_each_cloud_of_the_file_can_log_in(undercloud: RunningUndercloud, cloud: str) -> None:
    assert undercloud.as_cloud(cloud).connect().current_project.name == (
        "other" if cloud.endswith("-other") else "demo"
    )


def test_the_command_openstack_lists_what_the_library_stored(tenant: TenantAccess) -> None:
    tenant.connect().object_store.create_container("from-the-library")
    command = [sys.executable, "-m", "openstackclient.shell", "container", "list", "-f", "json"]
    done = subprocess.run(command, env={**tenant.environment}, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == [{"Name": "from-the-library"}]


def test_a_stack_of_heats_own_resources_is_created_updated_and_deleted(tenant: TenantAccess) -> None:
    resources: dict[str, Any] = {
        "script": {"type": "OS::Heat::SoftwareConfig", "properties": {"group": "script", "config": "true"}},
        "structure": {"type": "OS::Heat::StructuredConfig", "properties": {"config": {"a": 1}}},
        "random": {"type": "OS::Heat::RandomString"},
        "value": {"type": "OS::Heat::Value", "properties": {"value": {"get_attr": ["random", "value"]}}},
        "nothing": {"type": "OS::Heat::None"},
        "test": {"type": "OS::Heat::TestResource", "properties": {"value": "x"}},
        "group": {
            "type": "OS::Heat::ResourceGroup",
            "properties": {"count": 2, "resource_def": {"type": "OS::Heat::RandomString"}},
        },
        "chain": {"type": "OS::Heat::ResourceChain", "properties": {"resources": ["OS::Heat::None"]}},
        "server": {
            "type": "OS::Heat::DeployedServer",
            "properties": {"name": "one", "software_config_transport": "POLL_SERVER_HEAT"},
        },
        "deployment": {
            "type": "OS::Heat::SoftwareDeployment",
            "properties": {
                "config": {"get_resource": "script"},
                "server": {"get_resource": "server"},
                "signal_transport": "NO_SIGNAL",
            },
        },
    }
    orchestration = tenant.connect().orchestration
    stack = create_stack(tenant, resources)
    resources["group"]["properties"]["count"] = 3
    orchestration.update_stack(stack.id, name=stack.name, template=template(resources))
    updated = orchestration.wait_for_status(
        stack, status="UPDATE_COMPLETE", failures=["UPDATE_FAILED"], interval=0.2, wait=120
    )
    assert updated.status == "UPDATE_COMPLETE"
    orchestration.delete_stack(stack)
    until(lambda: not list(orchestration.stacks()), seconds=60)


def test_heat_waits_for_a_server_that_signals_through_swift(tenant: TenantAccess) -> None:
    resources = {
        "script": {
            "type": "OS::Heat::SoftwareConfig",
            "properties": {"group": "script", "config": "true", "outputs": [{"name": "said"}]},
        },
        "server": {
            "type": "OS::Heat::DeployedServer",
            "properties": {"name": "one", "software_config_transport": "POLL_TEMP_URL"},
        },
        "deployment": {
            "type": "OS::Heat::SoftwareDeployment",
            "properties": {
                "config": {"get_resource": "script"},
                "server": {"get_resource": "server"},
                "signal_transport": "TEMP_URL_SIGNAL",
            },
        },
    }
    orchestration = tenant.connect().orchestration
    stack = orchestration.create_stack(name="stack", template=template(resources))
    until(lambda: bool(signal_urls(orchestration, stack)), seconds=30)
    assert orchestration.get_stack(stack.id).status == "CREATE_IN_PROGRESS"
    (url,) = signal_urls(orchestration, stack)
    assert requests.put(url, json={"deploy_status_code": 0, "said": "done"}, timeout=10).status_code == 201
    until(lambda: orchestration.get_stack(stack.id).status == "CREATE_COMPLETE", seconds=30)


def signal_urls(orchestration: Any, stack: Any) -> list[str]:
    """Return where the server of a stack is told to say that it is done."""
    path = f"/stacks/{stack.name}/{stack.id}/resources/server/metadata"
    answer = orchestration.get(path)
    deployments = answer.json()["metadata"].get("deployments", []) if answer.ok else []
    inputs = [one for deployment in deployments for one in deployment["inputs"]]
    return [one["value"] for one in inputs if one["name"] == "deploy_signal_id"]


def until(condition: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(0.2)


def template(resources: dict[str, Any]) -> str:
    return json.dumps({"heat_template_version": "2018-08-31", "resources": resources})


def create_stack(tenant: TenantAccess, resources: dict[str, Any]) -> Any:
    orchestration = tenant.connect().orchestration
    made = orchestration.create_stack(name="stack", template=template(resources))
    return orchestration.wait_for_status(
        made, status="CREATE_COMPLETE", failures=["CREATE_FAILED"], interval=0.2, wait=120
    )
