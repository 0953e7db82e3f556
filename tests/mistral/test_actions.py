"""The tool's actions on a real Mistral: what they give, what they commit, whom they refuse."""

from __future__ import annotations

import io
import subprocess
import tarfile
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import pytest
import requests

from tests.command_line import CommandLine
from tests.mistral.conftest import ActionFailed, Mistral, files_below, mistral_as
from tripleo_gitops.mistral_actions.table import ROWS
from tripleo_gitops.openstack.mistral import MistralEnvironments
from tripleo_gitops.repository.objects import PlanRepository

if TYPE_CHECKING:
    from pathlib import Path

    from tests.undercloud_fixture import RunningUndercloud

pytestmark = pytest.mark.undercloud


def test_entry_points_name_each_row_of_the_table() -> None:
    installed = {
        point.name: point.value for point in entry_points(group="mistral.actions") if point.name.startswith("tripleo.")
    }
    assert installed == {row.name: f"tripleo_gitops.mistral_actions.actions:{row.class_name}" for row in ROWS}


def test_mistral_lists_every_action_with_its_inputs(mistral: Mistral) -> None:
    answer = mistral.connection.workflow.get("/actions?limit=1000").json()["actions"]
    listed = {one["name"]: one["input"] for one in answer if one["name"].startswith("tripleo.")}
    assert listed.keys() == {row.name for row in ROWS}
    assert listed["tripleo.parameters.update"] == (
        'parameters, container="overcloud", key="parameter_defaults", validate=true'
    )


def test_an_uploaded_container_becomes_a_plan_whose_container_is_its_mirror(mistral: Mistral, plan: str) -> None:
    assert mistral.call("tripleo.plan.list") == [plan]
    found = mistral.call("tripleo.git.verify", container=plan, deep=True)
    assert found["exact"], found
    history = mistral.call("tripleo.git.revisions", container=plan)
    assert [one["subject"] for one in history] == [f"Create plan {plan}"]
    assert history[0]["mirrored"]
    assert mistral.access.tenant.user in history[0]["author"]


def test_parameters_are_set_by_a_commit_of_the_caller_and_mirrored(mistral: Mistral, plan: str) -> None:
    mistral.call("tripleo.parameters.update", parameters={"CloudDomain": "example.net"}, container=plan)
    with PlanRepository.open(mistral.plans / f"{plan}.git") as repository:
        newest = repository.describe(repository.resolve())
    assert newest.subject == "Set CloudDomain"
    assert newest.author.startswith(mistral.access.tenant.user)
    assert b"example.net" in (mistral.containers.get(plan, "plan-environment.yaml") or b"")
    assert mistral.call("tripleo.git.verify", container=plan)["exact"]


def test_a_commit_is_signed_where_the_machine_signs(mistral: Mistral, plan: str, tmp_path: Path) -> None:
    key, repository = tmp_path / "signing", mistral.plans / f"{plan}.git"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in {"gpg.format": "ssh", "user.signingkey": str(key), "commit.gpgsign": "true"}.items():
        subprocess.run(["git", "config", name, value], cwd=repository, check=True)
    mistral.call("tripleo.parameters.update", parameters={"CloudDomain": "example.net"}, container=plan)
    newest = subprocess.run(["git", "cat-file", "commit", "HEAD"], cwd=repository, check=True, capture_output=True)
    assert b"-----BEGIN SSH SIGNATURE-----" in newest.stdout
    assert f"author {mistral.access.tenant.user} <".encode() in newest.stdout


def test_a_value_that_heat_would_refuse_changes_nothing(mistral: Mistral, plan: str) -> None:
    before = mistral.call("tripleo.git.revisions", container=plan)
    with pytest.raises(ActionFailed, match="nothing was changed"):
        mistral.call("tripleo.parameters.update", parameters={"ControllerCount": "many"}, container=plan)
    assert mistral.call("tripleo.git.revisions", container=plan) == before


def test_a_hidden_parameter_is_sealed_and_never_given_back(mistral: Mistral, plan: str) -> None:
    answer = mistral.call("tripleo.parameters.update", parameters={"AdminPassword": "canary-7431"}, container=plan)
    assert "canary-7431" not in str(answer)
    for path in ("plan-environment.yaml", "secrets.yaml"):
        assert b"canary-7431" not in (mistral.containers.get(plan, path) or b"")
    for action in ("tripleo.parameters.get", "tripleo.parameters.get_flatten", "tripleo.templates.process"):
        assert "canary-7431" not in str(mistral.call(action, container=plan))
    with pytest.raises(ActionFailed, match="secrets show"):
        mistral.call("tripleo.parameters.get_passwords", container=plan)


def test_capabilities_are_listed_and_selected(mistral: Mistral, plan: str) -> None:
    topics = mistral.call("tripleo.heat_capabilities.get", container=plan)
    offered = {
        one["file"]: one["enabled"]
        for topic in topics.values()
        for group in topic["environment_groups"]
        for one in group["environments"]
    }
    path = next(path for path, enabled in offered.items() if not enabled and "telemetry" in path)
    environment = mistral.call("tripleo.heat_capabilities.update", environments={path: True}, container=plan)
    assert {"path": path} in environment["environments"]


def test_roles_are_listed_by_name_and_in_detail(mistral: Mistral, plan: str) -> None:
    names = mistral.call("tripleo.role.list", container=plan)
    detail = mistral.call("tripleo.role.list", container=plan, detail=True)
    assert names
    assert [role["name"] for role in detail] == names


def test_a_rollback_is_a_commit_that_undoes(mistral: Mistral, plan: str) -> None:
    mistral.call("tripleo.parameters.update", parameters={"CloudDomain": "example.net"}, container=plan)
    changed = mistral.call("tripleo.git.diff", container=plan)
    assert [one["path"] for one in changed["files"]] == ["plan-environment.yaml"]
    mistral.call("tripleo.git.rollback", container=plan)
    assert mistral.call("tripleo.git.diff", container=plan, old="HEAD~2")["files"] == []
    assert len(mistral.call("tripleo.git.revisions", container=plan)) == 3


def test_what_was_uploaded_past_git_becomes_a_commit(mistral: Mistral, plan: str) -> None:
    mistral.upload(
        plan, {"environments/mine.yaml": b"parameter_defaults: {CloudDomain: mine.example.org}\n"}, usage=False
    )
    assert mistral.call("tripleo.git.drift", container=plan)["changes"] == [
        {"path": "environments/mine.yaml", "kind": "added"}
    ]
    mistral.call("tripleo.git.update_plan", container=plan)
    assert mistral.call("tripleo.git.verify", container=plan, deep=True)["exact"]
    assert [one["path"] for one in mistral.call("tripleo.git.diff", container=plan)["files"]] == [
        "environments/mine.yaml"
    ]


def test_what_was_changed_on_both_sides_is_refused_by_name(mistral: Mistral, plan: str, example: Path) -> None:
    path = "plan-environment.yaml"
    mirrored = mistral.containers.get(plan, path) or b""
    # Git goes on, and its mirror does not follow: the container still is what it was, but for the upload.
    mistral.call("tripleo.parameters.update", parameters={"CloudDomain": "git.example.org"}, container=plan)
    mistral.call("tripleo.git.sync", container=plan, revision="HEAD~1", allow_older=True)
    mistral.upload(plan, {path: mirrored + b"# by hand\n"}, usage=False)
    with pytest.raises(ActionFailed, match=rf"changed in Git and in the container.*{path}"):
        mistral.call("tripleo.git.update_plan", container=plan)
    assert len(mistral.call("tripleo.git.revisions", container=plan)) == 2


def test_another_project_sees_no_plan(
    undercloud: RunningUndercloud, mistral: Mistral, plan: str, tmp_path: Path
) -> None:
    other = mistral_as(undercloud, undercloud.new_tenant(tmp_path))
    for action in ("tripleo.role.list", "tripleo.git.revisions", "tripleo.parameters.get", "tripleo.git.sync"):
        with pytest.raises(ActionFailed, match="no plan"):
            other.call(action, container=plan)
    assert other.call("tripleo.plan.list") == []


def test_a_reader_reads_and_changes_nothing(
    undercloud: RunningUndercloud, mistral: Mistral, plan: str, tmp_path: Path
) -> None:
    reader = mistral_as(
        undercloud, undercloud.new_tenant(tmp_path, roles=("reader",), beside=mistral.access.tenant.project)
    )
    assert reader.call("tripleo.role.list", container=plan)
    with pytest.raises(ActionFailed, match=r"one of .*member.* is needed"):
        reader.call("tripleo.parameters.update", parameters={"CloudDomain": "x.example.org"}, container=plan)


def test_a_plan_is_deleted_with_its_container_and_its_repository_put_aside(mistral: Mistral, plan: str) -> None:
    mistral.call("tripleo.plan.delete", container=plan)
    assert mistral.call("tripleo.plan.list") == []
    assert not (mistral.plans / f"{plan}.git").exists()
    assert list((mistral.plans / ".archive").glob(f"{plan}-*.git"))


def test_an_export_can_be_fetched_by_its_temporary_address(mistral: Mistral, plan: str) -> None:
    exported = mistral.call("tripleo.plan.export", plan=plan, delete_after=3600, exports_container="plan-exports")
    url = mistral.call("tripleo.swift.tempurl", container="plan-exports", obj=exported)
    answer = requests.get(url, timeout=30)
    assert answer.status_code == 200, answer.text
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as archive:
        assert "plan-environment.yaml" in archive.getnames()


@pytest.mark.parametrize("source", ["/etc", "file:///etc", "ext::sh -c true", "plan:other", "container:x"])
def test_a_server_fetches_from_nowhere_but_remote_repositories(mistral: Mistral, name: str, source: str) -> None:
    with pytest.raises(ActionFailed):
        mistral.call("tripleo.git.import_plan", container=name, source_url=source)
    with pytest.raises(ActionFailed, match="templates"):
        mistral.call("tripleo.templates.upload", container=name, dir_to_upload="/etc")
    assert not (mistral.plans / f"{name}.git").exists()


def test_names_that_lead_out_of_the_directory_are_refused(mistral: Mistral) -> None:
    for name in ("../x", "a/b", "plan\n", ""):
        with pytest.raises(ActionFailed):
            mistral.call("tripleo.role.list", container=name)


@pytest.mark.parametrize(
    ("heat", "tripleo"),
    [
        (None, "UNDEPLOYED"),
        ("DELETE_COMPLETE", "UNDEPLOYED"),
        ("UPDATE_IN_PROGRESS", "DEPLOYING"),
        ("DELETE_IN_PROGRESS", "UNDEPLOYING"),
        ("CREATE_COMPLETE", "DEPLOY_SUCCESS"),
        ("UPDATE_FAILED", "DEPLOY_FAILED"),
        ("DELETE_FAILED", "UNDEPLOY_FAILED"),
        ("WHATEVER", "UNKNOWN"),
    ],
)
def test_states_of_stacks_have_tripleos_words(mistral: Mistral, heat: str | None, tripleo: str) -> None:
    assert mistral.call("tripleo.deployment.convert_status", status=heat) == tripleo


def test_files_of_the_example_are_what_was_uploaded(mistral: Mistral, plan: str, example: Path) -> None:
    uploaded = files_below(example)
    with PlanRepository.open(mistral.plans / f"{plan}.git") as repository:
        tree = repository.tree(repository.resolve())
        committed = {path: tree.read(path) for path in tree.paths()}
    changed = {path for path in uploaded if committed.get(path) != uploaded[path]}
    assert changed <= {"plan-environment.yaml"}
    assert committed.keys() - uploaded.keys() <= {"secrets.yaml"}


def test_a_write_to_the_mistral_environment_becomes_a_commit(mistral: Mistral, plan: str) -> None:
    environments = MistralEnvironments(mistral.connection)
    variables = dict(environments.variables(plan) or {})
    variables["parameter_defaults"] = {**variables["parameter_defaults"], "CloudDomain": "old-client.example.org"}
    environments.put(plan, variables)
    mistral.call("tripleo.git.sync", container=plan)
    assert b"old-client.example.org" in (mistral.containers.get(plan, "plan-environment.yaml") or b"")
    newest = mistral.call("tripleo.git.revisions", container=plan, limit=1)[0]
    assert newest["subject"] == "Take in what was written to the Mistral environment"


def test_a_sync_from_elsewhere_does_not_lose_what_an_older_client_wrote(
    mistral: Mistral, plan: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in mistral.access.environment.items():
        monkeypatch.setenv(name, value)
    clone = CommandLine(tmp_path / "clone", capsys)
    subprocess.run(["git", "clone", "-q", mistral.plans / f"{plan}.git", clone.directory], check=True)
    environments = MistralEnvironments(mistral.connection)
    variables = dict(environments.variables(plan) or {})
    variables["parameter_defaults"] = {**variables["parameter_defaults"], "CloudDomain": "old-client.example.org"}
    environments.put(plan, variables)
    clone("parameters", "set", "TimeZone=Europe/Berlin")
    clone("commit", "--all", "-m", "Elsewhere")
    refused = clone("sync", code=2)
    assert "parameter_defaults.CloudDomain" in refused.err
    assert (environments.variables(plan) or {})["parameter_defaults"]["CloudDomain"] == "old-client.example.org"
    clone("parameters", "set", "CloudDomain=old-client.example.org")
    clone("commit", "--all", "-m", "Taken")
    clone("sync")
    assert clone("verify").code == 0
