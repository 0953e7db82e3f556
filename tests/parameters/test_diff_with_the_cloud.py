"""The diff beside a real container, and beside Heat's own preview of an update."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.undercloud_fixture import TenantAccess

pytestmark = pytest.mark.undercloud


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str], cloud: TenantAccess) -> CommandLine:
    """Return the command line in a clone of the example plan, with a project of its own."""
    CommandLine(tmp_path, capsys)("init", "site1")
    command_line = CommandLine(tmp_path / "site1", capsys)
    command_line("commit", "--all", "-m", "Begin")
    return command_line


def test_the_mirror_is_compared_object_by_object_and_in_heat_s_terms(plan: CommandLine, cloud: TenantAccess) -> None:
    assert "sync" in plan("diff", "--mirror", code=2).err
    plan("sync")
    plan("diff", "--mirror", code=0)
    swift = cloud.connect().object_store
    environment = (
        (plan.directory / "plan-environment.yaml").read_text().replace("ControllerCount: 1", "ControllerCount: 2")
    )
    swift.create_object("site1", "plan-environment.yaml", data=environment.encode())
    swift.delete_object("validations/endpoints.yaml", container="site1")
    said = plan("diff", "--mirror", "-o", "json", code=1).data
    assert said["files"] == [
        {"path": "plan-environment.yaml", "kind": "changed"},
        {"path": "validations/endpoints.yaml", "kind": "added"},
    ]
    values = [(one["old"]["value"], one["new"]["value"]) for one in said["heat"]["parameters"]]
    assert values == [(2, 1)]
    assert said["models"][0]["old_count"] == 2


def test_a_mirror_that_somebody_broke_is_compared_all_the_same(plan: CommandLine, cloud: TenantAccess) -> None:
    plan("sync")
    cloud.connect().object_store.create_object("site1", "overcloud.yaml", data=b"heat_template_version: [\n")
    said = plan("diff", "--mirror", "-o", "json", code=1).data
    assert said["files"] == [{"path": "overcloud.yaml", "kind": "changed"}]
    assert "overcloud.yaml" in said["old_refusal"]


def test_heat_s_preview_stands_beside_ours_and_what_differs_is_said(plan: CommandLine, cloud: TenantAccess) -> None:
    assert "no stack" in plan("diff", "--live", "--preview", code=2).err
    plan("deploy", "--yes")
    quiet = plan("diff", "--live", "--preview", "-o", "json", code=0).data
    differing = quiet["preview"]["differing"]
    assert {one["ours"] for one in differing} == {"unchanged"}
    assert "replaced" in {one["heat"] for one in differing}

    # Heat previews what gets attributes of a group as changed; that an update replaces nothing, it shows itself.
    ids = physical_ids(cloud)
    plan("deploy", "--yes")
    paths = [one["path"].removeprefix("/") for one in differing]
    assert {path: ids[path] for path in paths} == {path: physical_ids(cloud)[path] for path in paths}

    plan("parameters", "set", "ControllerCount=2")
    plan("commit", "--all", "-m", "Two")
    said = plan("diff", "--live", "--preview", "-o", "json", code=1).data
    assert "/Controller" in [one["path"] for one in said["preview"]["resources"]]
    assert said["preview"]["differing"] == []


def physical_ids(cloud: TenantAccess) -> dict[str, str]:
    heat = cloud.connect().orchestration
    return {found.name: found.physical_resource_id for found in heat.resources(heat.find_stack("site1"))}
