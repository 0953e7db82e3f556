"""The manifest of a large plan has a stock, so that a small change costs the same as in a small plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from faults.mirrors import differences, history_of
from tests.mirror.conftest import PLAN, Place
from tripleo_gitops.operations.mirror.fetch import MirrorDamaged, fetch_mirror
from tripleo_gitops.operations.mirror.manifest import MANIFEST_PATH, STOCK_PATH
from tripleo_gitops.operations.mirror.repair import repair_mirror
from tripleo_gitops.operations.mirror.stocked_manifest import read_stocked
from tripleo_gitops.operations.mirror.sync import SyncResult, sync_mirror
from tripleo_gitops.operations.mirror.sync_plan import SyncOptions
from tripleo_gitops.operations.mirror.verification import verify_mirror

if TYPE_CHECKING:
    from pathlib import Path

    from tripleo_gitops.operations.mirror.mirror import Mirror

pytestmark = pytest.mark.undercloud

STOCK_FROM = 10
FILES = {f"file-{number}.yaml": b"v: 0\n" for number in range(30)}
REVISIONS = [FILES, FILES | {"file-3.yaml": b"v: 1\n", "new.yaml": b""}, dict(list(FILES.items())[:8])]


class LargePlace:
    """A place whose plans are large ones from eleven files on."""

    def __init__(self, place: Place) -> None:
        self.place = place
        place.history = history_of(REVISIONS)

    def mirror(self, machine: str = "one") -> Mirror:
        return replace(self.place.mirror(machine), stock_from=STOCK_FROM)

    def sync(self, number: int, machine: str = "one") -> SyncResult:
        options = SyncOptions(allow_older=True, force=True)
        return sync_mirror(self.mirror(machine), self.place.history, self.revision(number), options=options)

    def revision(self, number: int) -> object:
        return self.place.history.revisions[number]

    def differences(self, number: int) -> list[str]:
        return differences(self.place.store, PLAN, self.place.manifest(number), stock_from=STOCK_FROM)


@pytest.fixture
def large(place: Place) -> LargePlace:
    return LargePlace(place)


def test_change_of_a_large_plan_sends_what_changed_and_a_short_manifest(large: LargePlace) -> None:
    large.sync(0)
    large.place.counted()
    done = large.sync(1)
    assert (done.put, done.deleted, done.unchanged) == (2, 0, 29)
    assert [seen.method for seen in large.place.counted()] == ["POST", "GET", "PUT", "PUT", "PUT"]
    head = read_stocked(large.place.store.get(PLAN, MANIFEST_PATH) or b"")
    assert head is not None
    assert set(head.changed) == {"file-3.yaml", "new.yaml"}
    assert large.differences(1) == []


def test_unchanged_large_plan_costs_one_request_and_is_counted(large: LargePlace) -> None:
    large.sync(0)
    large.sync(1)
    large.place.counted()
    done = large.sync(1)
    assert (done.unchanged, done.requests) == (31, 1)


def test_machine_that_never_synced_reads_the_stock(large: LargePlace) -> None:
    large.sync(0)
    large.sync(1)
    done = large.sync(0, "two")
    assert (done.put, done.deleted) == (1, 1)
    assert large.differences(0) == []


@pytest.mark.parametrize("machine", ["one", "two"])
def test_plan_that_shrinks_leaves_no_stock_behind(large: LargePlace, machine: str) -> None:
    large.sync(0)
    large.sync(2, machine)
    assert large.differences(2) == []
    assert STOCK_PATH not in {found.path for found in large.place.store.objects(PLAN)}
    large.sync(1, machine)
    assert large.differences(1) == []


def test_large_plan_is_fetched_and_verified_whole(large: LargePlace, tmp_path: Path) -> None:
    large.sync(0)
    large.sync(1)
    fetch_mirror(large.place.store, PLAN, tmp_path / "there")
    found = {file.name: file.read_bytes() for file in (tmp_path / "there").iterdir()}
    assert found == REVISIONS[1]
    assert verify_mirror(large.place.store, PLAN, large.place.manifest(1), deep=True).is_exact


@pytest.mark.parametrize("path", [MANIFEST_PATH, STOCK_PATH])
def test_manifest_that_somebody_changed_is_seen_and_repaired(large: LargePlace, path: str, tmp_path: Path) -> None:
    large.sync(0)
    media_type = next(found.content_type for found in large.place.store.objects(PLAN) if found.path == path)
    large.place.request("PUT", f"/{path}", data=b"{}", headers={"Content-Type": media_type})
    found = verify_mirror(large.place.store, PLAN, large.place.manifest(0))
    assert (found.is_exact, found.is_manifest_right, found.changes) == (False, False, ())
    with pytest.raises(MirrorDamaged):
        fetch_mirror(large.place.store, PLAN, tmp_path / "there")
    repair_mirror(large.mirror(), large.place.history)
    assert large.differences(0) == []
