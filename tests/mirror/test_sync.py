"""A sync sends what changed, costs what it must, and refuses what nobody asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.mirrors import history_of
from faults.proxy import Fault, Kind
from tests.mirror.conftest import PLAN
from tripleo_gitops.openstack.connection import CloudUnavailable, RequestRejected
from tripleo_gitops.operations.mirror.announcement import Announcement, SyncId, parse_announcements
from tripleo_gitops.operations.mirror.exclusion_errors import SyncUnderWay
from tripleo_gitops.operations.mirror.manifest import MANIFEST_PATH, parse_manifest, sha256_of
from tripleo_gitops.operations.mirror.sync_guards import (
    EmptyPlan,
    ForeignContainer,
    ForeignObjects,
    GoesBackwards,
    ReservedPath,
    UnsafeChange,
)
from tripleo_gitops.operations.mirror.sync_plan import plan_sync

if TYPE_CHECKING:
    from pathlib import Path

    from faults.proxy import Request
    from tests.mirror.conftest import Place
    from tests.undercloud_fixture import RunningUndercloud

pytestmark = pytest.mark.undercloud


def test_first_sync_makes_the_container_exact(place: Place) -> None:
    done = place.sync(0)
    assert place.differences(0) == []
    assert (done.put, done.deleted, done.unchanged) == (6, 0, 0)


def test_container_says_what_tripleo_and_we_read(place: Place) -> None:
    done = place.sync(0)
    metadata = place.store.metadata(PLAN) or {}
    assert metadata["usage-tripleo"] == "plan"
    assert metadata["tripleo-gitops-revision"] == str(place.history.revisions[0])
    assert metadata["tripleo-gitops-digest"] == done.digest


def test_manifest_has_the_digest_that_the_container_names_and_every_object(place: Place) -> None:
    done = place.sync(0)
    content = place.store.get(PLAN, MANIFEST_PATH) or b""
    assert sha256_of(content) == done.digest
    assert parse_manifest(content) == place.manifest(0)


def test_unchanged_costs_one_request(place: Place) -> None:
    place.sync(0)
    place.counted()
    done = place.sync(0)
    assert [(seen.method) for seen in place.counted()] == ["GET"]
    assert (done.put, done.deleted, done.unchanged, done.requests) == (0, 0, 6, 1)


def test_unchanged_costs_one_request_on_a_machine_that_never_synced(place: Place) -> None:
    place.sync(0)
    place.counted()
    place.sync(0, "two")
    assert len(place.counted()) == 1


def test_five_changed_files_cost_five_puts_and_three_more_requests(place: Place) -> None:
    files = {f"file-{number}.yaml": b"v: 0\n" for number in range(40)}
    changed = {f"file-{number}.yaml": b"v: 1\n" for number in range(5)}
    place.history = history_of([files, files | changed])
    place.sync(0)
    place.counted()
    done = place.sync(1)
    seen = place.counted()
    assert done.put == 5
    assert len(seen) == 8
    assert sum(request.method == "PUT" and MANIFEST_PATH not in request.target for request in seen) == 5
    assert MANIFEST_PATH in seen[-1].target
    assert place.differences(1) == []


def test_many_files_go_as_archives_and_arrive_whole(place: Place) -> None:
    files = {f"d{number % 7}/file {number}.yaml": b"v: %d\n" % number for number in range(150)}
    place.history = history_of([files])
    done = place.sync(0)
    assert done.put == 150
    assert len(place.counted()) < 20
    assert place.differences(0) == []
    assert {found.content_type for found in place.store.objects(PLAN) if found.path.endswith(".yaml")} == {
        "application/yaml"
    }


def test_many_files_arrive_where_swift_unpacks_no_archives(place: Place) -> None:
    place.history = history_of([{f"file-{number}.yaml": b"v: %d\n" % number for number in range(70)}])
    place.proxy.decide = lambda request: Fault(Kind.STATUS, 202) if "extract-archive" in request.target else None
    place.sync(0)
    assert place.differences(0) == []


def test_sync_from_another_machine_knows_the_base_from_the_stored_manifest(place: Place) -> None:
    place.sync(0)
    place.counted()
    done = place.sync(1, "two")
    methods = [request.method for request in place.counted()]
    assert (done.put, done.deleted) == (3, 1)
    assert methods.count("GET") == 3
    assert place.differences(1) == []


def test_stale_journal_is_found_out_before_an_object_is_touched(place: Place) -> None:
    place.sync(0, "one")
    place.sync(1, "two")
    place.sync(2, "one")
    assert place.differences(2) == []


def test_stale_journal_leaves_the_names_of_what_is_mirrored(place: Place) -> None:
    place.sync(0, "one")
    place.sync(1, "two")
    place.sync(2, "two")
    place.sync(2, "one")
    assert place.differences(2) == []


def test_sync_goes_on_after_its_memory_was_deleted(place: Place) -> None:
    place.sync(0)
    for file in place.directory.glob("one/**/*"):
        if file.is_file():
            file.unlink()
    place.sync(1)
    assert place.differences(1) == []


def test_plan_of_a_sync_writes_nothing(place: Place) -> None:
    place.sync(0)
    place.counted()
    plan = plan_sync(place.mirror(), place.history, place.history.revisions[1])
    assert {request.method for request in place.counted()} == {"GET"}
    assert (sorted(plan.puts), plan.deletes) == (["empty.yaml", "new.yaml", "one.yaml"], ("gone.yaml",))
    assert place.differences(0) == []


def test_full_sync_puts_back_what_was_changed_behind_its_back(place: Place) -> None:
    place.sync(0)
    place.request("PUT", "/one.yaml", data=b"v: 9\n")
    assert place.sync(0).put == 0
    assert place.sync(0, full=True).put == 1
    assert place.differences(0) == []


def test_empty_tree_never_empties_a_container(place: Place) -> None:
    place.history = history_of([{"one.yaml": b"", "two.yaml": b""}, {}])
    place.sync(0)
    with pytest.raises(EmptyPlan):
        place.sync(1, force=True, allow_older=True)
    assert place.differences(0) == []


def test_more_than_a_share_is_not_deleted_unasked(place: Place) -> None:
    files = {f"file-{number}": b"x" for number in range(10)}
    place.history = history_of([files, dict(list(files.items())[:6])])
    place.sync(0)
    with pytest.raises(UnsafeChange) as refused:
        place.sync(1)
    assert (refused.value.deletes, refused.value.existing) == (4, 10)
    assert place.differences(0) == []
    place.sync(1, force=True)
    assert place.differences(1) == []


def test_container_that_is_no_plans_is_refused(place: Place) -> None:
    place.request("PUT", "")
    with pytest.raises(ForeignContainer):
        place.sync(0, force=True)
    assert place.store.metadata(PLAN) == {}


def test_foreign_objects_are_not_deleted_unasked(place: Place) -> None:
    place.request("PUT", "", headers={"X-Container-Meta-Usage-Tripleo": "plan"})
    place.request("PUT", "/someone-elses.txt", data=b"mine")
    with pytest.raises(ForeignObjects) as refused:
        place.sync(0)
    assert refused.value.paths == ("someone-elses.txt",)
    place.sync(0, force=True)
    assert place.differences(0) == []


def test_container_that_tripleo_made_is_adopted_without_rewriting_what_is_equal(place: Place) -> None:
    place.request("PUT", "", headers={"X-Container-Meta-Usage-Tripleo": "plan"})
    for entry in place.manifest(0).entries:
        place.store.put(
            PLAN,
            entry.path,
            place.history.rendered(place.history.revisions[0]).read(entry.path),
            md5=entry.md5,
            content_type="text/plain",
        )
    done = place.sync(0)
    assert (done.put, done.deleted) == (0, 0)
    assert place.differences(0) == []


def test_going_back_has_to_be_asked_for(place: Place) -> None:
    place.sync(1)
    with pytest.raises(GoesBackwards) as refused:
        place.sync(0)
    assert refused.value.is_known
    assert place.differences(1) == []
    place.sync(0, allow_older=True)
    assert place.differences(0) == []


def test_revision_that_is_not_known_here_is_not_overwritten_unasked(place: Place) -> None:
    place.sync(2)
    place.history = history_of([{"other.yaml": b""}])
    with pytest.raises(GoesBackwards) as refused:
        place.sync(0, "two", force=True)
    assert not refused.value.is_known


def test_plan_may_not_have_a_file_where_the_manifest_goes(place: Place) -> None:
    place.history = history_of([{MANIFEST_PATH: b"{}", "a.yaml": b""}])
    with pytest.raises(ReservedPath):
        place.sync(0)


def test_sync_that_runs_elsewhere_is_seen_and_left_alone(place: Place) -> None:
    place.sync(0)
    other = Announcement(
        sync=SyncId("f" * 16),
        begun=int(place.mirror().clock.time()),
        revision=place.history.revisions[2],
        digest="0" * 64,
        over=None,
    )
    place.store.mark(PLAN, {other.key: other.value})
    with pytest.raises(SyncUnderWay) as refused:
        place.sync(1)
    assert 0 < refused.value.seconds_left <= 181
    assert [found.sync for found in parse_announcements(place.store.metadata(PLAN) or {})].count(other.sync) == 1
    place.sync(1, take_over=True)
    assert place.differences(1) == []


def test_second_sync_on_the_same_machine_is_refused(place: Place) -> None:
    mirror = place.mirror()
    with mirror.journal.hold(mirror.store.location(PLAN)), pytest.raises(SyncUnderWay):
        place.sync(0)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 401])
def test_passing_failure_is_tried_again(place: Place, status: int) -> None:
    broken: set[tuple[str, str]] = set()

    def break_each_once(request: Request) -> Fault | None:
        asked = (request.method, request.target)
        is_new = asked not in broken
        broken.add(asked)
        return Fault(Kind.STATUS, status) if is_new else None

    place.proxy.decide = break_each_once
    place.sync(0)
    assert place.differences(0) == []


@pytest.mark.parametrize("status", [400, 403, 409, 412, 422])
def test_refusal_is_not_tried_again(place: Place, status: int) -> None:
    place.sync(0)
    place.counted()
    place.proxy.decide = lambda request: Fault(Kind.STATUS, status) if request.method == "PUT" else None
    with pytest.raises(Exception, match=r"\S") as refused:
        place.sync(1)
    assert isinstance(refused.value, RequestRejected) or status == 403
    puts = [request.target for request in place.counted() if request.method == "PUT"]
    assert len(puts) == len(set(puts))


def test_service_that_stays_broken_is_named_and_the_next_sync_completes(place: Place) -> None:
    place.sync(0)
    place.proxy.decide = lambda request: Fault(Kind.STATUS, 503) if request.method == "PUT" else None
    with pytest.raises(CloudUnavailable):
        place.sync(1)
    place.proxy.reset()
    place.sync(0)
    assert place.differences(0) == []


def test_another_tenant_is_never_touched(place: Place, undercloud: RunningUndercloud, tmp_path: Path) -> None:
    other = undercloud.new_tenant(tmp_path)
    connection = other.connect()
    connection.object_store.request(f"/{PLAN}", "PUT")
    place.sync(0)
    assert connection.object_store.request(f"/{PLAN}?format=json", "GET").json() == []
