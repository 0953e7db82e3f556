"""The commands of the mirror, from a clone to a real Swift."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.undercloud_fixture import TenantAccess

pytestmark = pytest.mark.undercloud


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Return the command line in a clone of the example plan with one commit."""
    CommandLine(tmp_path, capsys)("init", "site1")
    command_line = CommandLine(tmp_path / "site1", capsys)
    command_line("commit", "--all", "-m", "Begin")
    return command_line


def test_sync_says_what_it_did_and_the_second_one_costs_one_request(cloud: TenantAccess, plan: CommandLine) -> None:
    done = plan("sync", "-o", "json").data
    assert set(done) == {"plan", "revision", "digest", "put", "deleted", "unchanged", "requests", "seconds"}
    assert done["put"] > 30
    again = plan("sync", "-o", "json").data
    assert (again["put"], again["deleted"], again["unchanged"], again["requests"]) == (0, 0, done["put"], 1)
    assert again["digest"] == done["digest"]


def test_mirror_is_verified_drifts_and_is_put_back(cloud: TenantAccess, plan: CommandLine) -> None:
    plan("sync")
    plan("verify", "--deep")
    cloud.connect().object_store.request("/site1/plan-environment.yaml", "PUT", data=b"x: 1\n")
    assert plan("verify", "-o", "json", code=1).data["changes"] == [
        {"path": "plan-environment.yaml", "kind": "changed"}
    ]
    assert "+x: 1" in plan("drift", code=1).out
    plan("repair")
    plan("drift")
    plan("verify")


def test_drift_of_a_long_file_shows_its_first_lines_and_counts_the_rest(cloud: TenantAccess, plan: CommandLine) -> None:
    plan("sync")
    lines = "".join(f"# line {number}\n" for number in range(100))
    swift = cloud.connect().object_store
    swift.request("/site1/long.yaml", "PUT", data=lines.encode())
    swift.request("/site1/zz.yaml", "PUT", data=b"x: 1\n")
    shown = plan("drift", code=1).out
    assert "+# line 30\n" in shown
    assert "+# line 50\n" not in shown
    assert "63 more lines" in shown
    assert "+x: 1" in shown
    objects = plan("drift", "-o", "json", code=1).data["objects"]
    assert len(next(one["diff"] for one in objects if one["path"] == "long.yaml")) == 103


def test_drift_can_repair_by_itself(cloud: TenantAccess, plan: CommandLine) -> None:
    plan("sync")
    cloud.connect().object_store.request("/site1/plan-environment.yaml", "DELETE")
    plan("drift", "--repair", code=1)
    plan("drift")


def test_fetched_plan_is_the_rendered_one(cloud: TenantAccess, plan: CommandLine, tmp_path: Path) -> None:
    plan("sync")
    plan("fetch", "site1", str(tmp_path / "fetched"))
    plan("render", "--output", str(tmp_path / "rendered"))
    assert files_of(tmp_path / "fetched") == files_of(tmp_path / "rendered")


def test_plan_that_lives_only_in_swift_becomes_a_repository(
    cloud: TenantAccess, plan: CommandLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan("render", "--output", str(tmp_path / "rendered"))
    swift = cloud.connect().object_store
    swift.request("/site1", "PUT", headers={"X-Container-Meta-Usage-Tripleo": "plan"})
    for path, content in files_of(tmp_path / "rendered").items():
        swift.request(f"/site1/{path}", "PUT", data=content)
    shutil.rmtree(plan.directory)
    adopted = CommandLine(tmp_path, capsys)("adopt", "site1", "again", "--no-passwords")
    assert "0 put, 0 deleted" in adopted.out
    clone = CommandLine(tmp_path / "again", capsys)
    clone("verify", "--deep")
    assert clone("sync", "-o", "json").data["requests"] == 1


def files_of(directory: Path) -> dict[str, bytes]:
    """Return path and bytes of every file below a directory, Git's own left out."""
    found = (path for path in directory.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in found}
