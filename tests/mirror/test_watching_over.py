"""A watcher tells what somebody else changed in a mirror, or puts it back by itself, as the plan's settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.undercloud_fixture import TenantAccess

pytestmark = pytest.mark.undercloud


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Return the command line in a clone of the example plan that nobody committed to yet."""
    CommandLine(tmp_path, capsys)("init", "site1")
    return CommandLine(tmp_path / "site1", capsys)


def mirrored(plan: CommandLine, settings: str) -> None:
    """Commit with settings of the section `sync`, and mirror it."""
    (plan.directory / "tripleo-plan.toml").write_text(f"[sync]\n{settings}\n")
    plan("commit", "--all", "-m", "Begin")
    plan("watch", "--once")


def meddle(cloud: TenantAccess) -> None:
    swift = cloud.connect().object_store
    swift.request("/site1/network_data.yaml", "PUT", data=b"[]\n")
    swift.request("/site1/added.yaml", "PUT", data=b"a: 1\n")


def test_drift_is_told_and_left_where_nothing_else_is_asked_for(plan: CommandLine, cloud: TenantAccess) -> None:
    mirrored(plan, "")
    meddle(cloud)
    said = plan("watch", "--once").out
    assert "added.yaml added, network_data.yaml changed" in said
    assert "`tripleo-plan repair`" in said
    plan("verify", code=1)


def test_drift_is_put_back_where_the_plan_asks_for_it(plan: CommandLine, cloud: TenantAccess) -> None:
    mirrored(plan, 'on_drift = "repair"')
    meddle(cloud)
    assert "is put back: 1 put, 1 deleted" in plan("watch", "--once").out
    plan("verify", "--deep")
    assert "put back" not in plan("watch", "--once").out


def test_more_than_a_share_is_not_removed_by_itself(plan: CommandLine, cloud: TenantAccess) -> None:
    mirrored(plan, 'on_drift = "repair"')
    swift = cloud.connect().object_store
    for number in range(40):
        swift.request(f"/site1/added-{number}", "PUT", data=b"")
    assert "refusing to delete" in plan("watch", "--once", code=2).err
    assert swift.request("/site1/added-1", "HEAD").status_code == 200


def test_plan_that_is_not_mirrored_is_not_looked_after(plan: CommandLine, cloud: TenantAccess) -> None:
    mirrored(plan, "on_push = false")
    assert "site1" not in {found.name for found in cloud.connect().object_store.containers()}
