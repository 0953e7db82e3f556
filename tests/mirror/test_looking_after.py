"""A mirror is verified, its drift is shown and put back, and it is read whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.mirror import QuickClock
from faults.proxy import Fault, Kind
from tests.mirror.conftest import PLAN
from tripleo_gitops.errors import InvalidInput, Refused
from tripleo_gitops.operations.mirror.announcement import Announcement, SyncId
from tripleo_gitops.operations.mirror.drift import Unfinished, UnknownMirroredRevision, find_drift
from tripleo_gitops.operations.mirror.exclusion_errors import LeaseLost
from tripleo_gitops.operations.mirror.fetch import MirrorChanging, MirrorDamaged, fetch_mirror, open_mirror, place_below
from tripleo_gitops.operations.mirror.repair import repair_mirror
from tripleo_gitops.operations.mirror.sync import sync_mirror
from tripleo_gitops.operations.mirror.sync_guards import UnsafeChange
from tripleo_gitops.operations.mirror.transfer import StillThere
from tripleo_gitops.operations.mirror.verification import ChangeKind, NotMirrored, verify_mirror

if TYPE_CHECKING:
    from pathlib import Path

    from faults.proxy import Request, Response
    from tests.mirror.conftest import Place

pytestmark = pytest.mark.undercloud


def meddle(place: Place) -> None:
    """Change, remove and add an object behind the tool's back."""
    place.request("PUT", "/one.yaml", data=b"v: 0\nw: 9\n")
    place.request("DELETE", "/two.yaml")
    place.request("PUT", "/added.yaml", data=b"a: 1\n")


@pytest.mark.parametrize("deep", [False, True])
def test_exact_mirror_is_proven_exact(place: Place, deep: bool) -> None:
    place.sync(0)
    assert verify_mirror(place.store, PLAN, place.manifest(0), deep=deep).is_exact


def test_each_object_that_differs_is_named(place: Place) -> None:
    place.sync(0)
    meddle(place)
    found = verify_mirror(place.store, PLAN, place.manifest(0))
    assert not found.is_exact
    assert {change.path: change.kind for change in found.changes} == {
        "added.yaml": ChangeKind.ADDED,
        "one.yaml": ChangeKind.CHANGED,
        "two.yaml": ChangeKind.REMOVED,
    }


def test_verify_of_another_revision_is_not_exact(place: Place) -> None:
    place.sync(0)
    found = verify_mirror(place.store, PLAN, place.manifest(1))
    assert (found.is_exact, found.mirrored) == (False, place.history.revisions[0])


def test_verify_without_a_container_says_so(place: Place) -> None:
    with pytest.raises(NotMirrored):
        verify_mirror(place.store, PLAN, place.manifest(0))


def test_deep_verify_reads_bytes_that_are_not_what_the_listing_says(place: Place) -> None:
    place.sync(0)

    def lie(request: Request, response: Response) -> Response:
        if request.method == "GET" and request.target.endswith("/one.yaml"):
            return type(response)(response.status, response.reason, response.headers, b"v: 8\n")
        return response

    place.proxy.alter = lie
    store = place.mirror().store
    assert verify_mirror(store, PLAN, place.manifest(0)).is_exact
    assert [change.path for change in verify_mirror(store, PLAN, place.manifest(0), deep=True).changes] == ["one.yaml"]


def test_listing_that_lags_is_no_drift(place: Place) -> None:
    place.sync(0)
    old = place.request("GET", "?format=json").content
    place.sync(1)

    def lag(request: Request, response: Response) -> Response:
        if request.method == "GET" and "marker=" in request.target:
            return type(response)(200, "OK", response.headers, old)
        return response

    place.proxy.alter = lag
    assert verify_mirror(place.mirror().store, PLAN, place.manifest(1)).is_exact


def test_drift_has_a_text_diff_object_by_object(place: Place) -> None:
    place.sync(0)
    meddle(place)
    found = find_drift(place.store, PLAN, place.history)
    lines = {drifted.change.path: drifted.lines for drifted in found.objects}
    assert lines["one.yaml"] == ("--- git/one.yaml", "+++ swift/one.yaml", "@@ -1 +1,2 @@", " v: 0", "+w: 9")
    assert "-v: 0" in lines["two.yaml"]
    assert "+a: 1" in lines["added.yaml"]


def test_drift_of_what_is_no_text_is_named_without_lines(place: Place) -> None:
    place.sync(0)
    place.request("PUT", "/one.yaml", data=b"\xff\xfe\x00")
    (drifted,) = find_drift(place.store, PLAN, place.history).objects
    assert (drifted.change.path, drifted.lines) == ("one.yaml", ())


def test_drift_of_a_revision_that_is_not_here_is_not_guessed(place: Place) -> None:
    place.sync(0)
    known, place.history = place.history, type(place.history)({})
    with pytest.raises(UnknownMirroredRevision) as refused:
        find_drift(place.store, PLAN, place.history)
    assert refused.value.revision == known.revisions[0]


def test_repair_puts_everything_back(place: Place) -> None:
    place.sync(0)
    meddle(place)
    done = repair_mirror(place.mirror(), place.history)
    assert (done.put, done.deleted) == (2, 1)
    assert place.differences(0) == []


def test_repair_of_an_exact_mirror_puts_nothing(place: Place) -> None:
    place.sync(0)
    done = repair_mirror(place.mirror(), place.history)
    assert (done.put, done.deleted, done.unchanged) == (0, 0, 6)


def test_repair_does_not_remove_more_than_a_share_unasked(place: Place) -> None:
    place.sync(0)
    for number in range(9):
        place.request("PUT", f"/added-{number}", data=b"")
    with pytest.raises(UnsafeChange):
        repair_mirror(place.mirror(), place.history)
    repair_mirror(place.mirror(), place.history, force=True)
    assert place.differences(0) == []


def test_fetched_files_are_the_revision_to_the_last_byte(place: Place, tmp_path: Path) -> None:
    place.sync(1)
    found = fetch_mirror(place.store, PLAN, tmp_path / "there")
    tree = place.history.rendered(place.history.revisions[1])
    files = {path for path in (tmp_path / "there").rglob("*") if path.is_file()}
    assert found.revision == place.history.revisions[1]
    assert {file.relative_to(tmp_path / "there").as_posix(): file.read_bytes() for file in files} == {
        path: tree.read(path) for path in tree.paths()
    }


def test_fetch_while_a_sync_is_under_way_leaves_nothing(place: Place, tmp_path: Path) -> None:
    place.sync(0)
    other = Announcement(
        sync=SyncId("f" * 16), begun=0, revision=place.history.revisions[1], digest="0" * 64, over=None
    )
    place.store.mark(PLAN, {other.key: other.value})
    with pytest.raises(MirrorChanging):
        fetch_mirror(place.store, PLAN, tmp_path / "there")
    assert not (tmp_path / "there").exists()
    with pytest.raises(Unfinished):
        find_drift(place.store, PLAN, place.history)


def test_reader_that_a_sync_overtakes_gets_an_error_and_no_mix(place: Place) -> None:
    place.sync(0)
    mirror = open_mirror(place.store, PLAN)
    place.sync(1)
    with pytest.raises(MirrorChanging):
        dict(mirror.files())


def test_object_that_was_changed_behind_our_back_is_not_fetched(place: Place, tmp_path: Path) -> None:
    place.sync(0)
    place.request("PUT", "/one.yaml", data=b"v: 7\n")
    with pytest.raises(MirrorDamaged) as refused:
        fetch_mirror(place.store, PLAN, tmp_path / "there")
    assert refused.value.path == "one.yaml"
    assert list(tmp_path.glob(".fetch-*")) == []


def test_fetch_does_not_write_into_what_is_there(place: Place, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        fetch_mirror(place.store, PLAN, tmp_path)


@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "a//b", "a/./b", "a/..", "a\\b", "a\0b", ""])
def test_object_whose_name_leads_out_of_the_directory_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        place_below(tmp_path, name)


def test_sync_that_stood_still_gives_way_before_it_writes_again(place: Place) -> None:
    class Stopped(QuickClock):
        """A clock that jumps by an hour with each look."""

        now = 0.0

        def monotonic(self) -> float:
            self.now += 3600
            return self.now

    place.sync(0)
    with pytest.raises(LeaseLost):
        sync_mirror(place.mirror(clock=Stopped()), place.history, place.history.revisions[1])
    place.sync(0)
    assert place.differences(0) == []


def test_long_sync_renews_its_announcement(place: Place) -> None:
    class Slow(QuickClock):
        """A clock on which each look takes half a minute."""

        now = 0.0

        def monotonic(self) -> float:
            self.now += 30
            return self.now

    place.sync(0)
    place.counted()
    sync_mirror(place.mirror(clock=Slow()), place.history, place.history.revisions[1])
    assert sum(request.method == "POST" for request in place.counted()) > 1
    assert place.differences(1) == []


def test_delete_that_swift_wrongly_says_was_not_needed_is_not_believed(place: Place) -> None:

    place.sync(0)
    place.proxy.decide = lambda request: Fault(Kind.STATUS, 404) if request.method == "DELETE" else None
    with pytest.raises(StillThere):
        place.sync(1)
    place.proxy.reset()
    place.sync(1)
    assert place.differences(1) == []
