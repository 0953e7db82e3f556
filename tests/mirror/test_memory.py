"""What a machine remembers of mirrors is bounded, survives nothing it need not, and is never believed blindly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from faults.mirrors import three_revisions
from tripleo_gitops.documents.tree import MemoryTree, blob_id_of
from tripleo_gitops.openstack.container import ContainerView, StoredObject
from tripleo_gitops.openstack.retrying import Patience
from tripleo_gitops.operations.mirror.announcement import (
    Announcement,
    MirrorState,
    SyncId,
    mirrored_revision,
    parse_announcements,
    sync_of_manifest,
)
from tripleo_gitops.operations.mirror.exclusion_errors import SyncUnderWay
from tripleo_gitops.operations.mirror.journal import Journal
from tripleo_gitops.operations.mirror.manifest import (
    MANIFEST_PATH,
    InvalidManifest,
    describe_objects,
    digests_of,
    parse_manifest,
    sha256_of,
)
from tripleo_gitops.operations.mirror.memory import DiskMemory, count_objects, recall_manifest, remember_manifest
from tripleo_gitops.plan.revision import CommitId, Revision

if TYPE_CHECKING:
    from pathlib import Path

REVISION = Revision(CommitId("a" * 40), "main")
A, B, C = SyncId("a" * 16), SyncId("b" * 16), SyncId("c" * 16)


def announcement(sync: SyncId, over: SyncId | None = None, revision: Revision = REVISION) -> Announcement:
    return Announcement(sync=sync, begun=7, revision=revision, digest="d" * 64, over=over)


def state(*announced: Announcement, closed: SyncId | None) -> MirrorState:
    return MirrorState(is_plan=True, announced=announced, closed=closed)


@given(
    st.dictionaries(
        st.text(min_size=1).filter(lambda path: path.isprintable()), st.binary(max_size=50), min_size=1, max_size=8
    )
)
def test_manifest_is_read_as_it_was_written(files: dict[str, bytes]) -> None:
    manifest = describe_objects(MemoryTree(files), REVISION)
    content = manifest.encode()
    assert parse_manifest(content) == manifest
    assert [entry.path for entry in manifest.entries] == sorted(files)
    assert manifest.digest == sha256_of(content)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"version":2}', b'{"version":1,"revision":"x","objects":[]}'])
def test_manifest_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidManifest):
        parse_manifest(content)


@given(st.text(min_size=1, max_size=300).filter(lambda name: name.isprintable() and "@" not in name), st.booleans())
def test_announcement_is_read_as_it_was_written(branch: str, has_base: bool) -> None:
    written = announcement(A, B if has_base else None, Revision(CommitId("a" * 40), branch))
    (found,) = parse_announcements({written.key: written.value})
    assert written.value.isascii()
    assert len(written.value) <= 256
    assert (found.sync, found.begun, found.over, found.digest) == (A, 7, written.over, written.digest)
    assert found.revision.commit == written.revision.commit
    named = mirrored_revision(written.metadata)
    assert named is not None
    assert named.commit == written.revision.commit


def test_metadata_of_others_is_no_announcement() -> None:
    assert parse_announcements({"tripleo-gitops-sync-x": "nonsense", "usage-tripleo": "plan"}) == ()


@pytest.mark.parametrize(
    ("found", "is_whole"),
    [
        (state(announcement(A), closed=A), True),
        (state(announcement(A), announcement(B, A), closed=B), True),
        (state(announcement(A), announcement(B, A), closed=A), False),
        (state(announcement(A), announcement(B), closed=B), False),
        (state(announcement(A), announcement(B, A), announcement(C, A), closed=B), False),
        (state(announcement(B, A), closed=B), True),
        (state(announcement(A), closed=None), False),
        (state(announcement(A), closed=B), False),
        (state(closed=A), False),
    ],
)
def test_mirror_is_whole_only_when_its_last_sync_closed_and_no_other_runs(found: MirrorState, is_whole: bool) -> None:
    assert (found.whole is not None) == is_whole


@pytest.mark.parametrize("media_type", ["application/json; sync=abc", "application/json;sync=abc"])
def test_manifest_names_its_sync_however_swift_writes_the_media_type(media_type: str) -> None:
    row = StoredObject(MANIFEST_PATH, "", 0, media_type)
    assert sync_of_manifest(row) == "abc"
    assert MirrorState.of(ContainerView({}, (row,))).closed == "abc"


def test_digests_are_remembered_by_blob(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    blob, digests = blob_id_of(b"x"), digests_of(b"x")
    DiskMemory(path).learn({blob: digests})
    assert DiskMemory(path).known({blob, blob_id_of(b"y")}) == {blob: digests}


def test_memory_that_is_full_of_digests_begins_again(tmp_path: Path) -> None:
    path, limit = tmp_path / "memory.sqlite", 100_000
    memory = DiskMemory(path, size_limit=limit)
    blobs = [blob_id_of(b"%d" % number) for number in range(1500)]
    for blob in blobs:
        memory.learn({blob: digests_of(b"x")})
        assert path.stat().st_size <= limit
    memory.learn({blobs[0]: digests_of(b"y")})
    assert memory.known(blobs[:1]) == {blobs[0]: digests_of(b"y")}
    assert 0 < len(memory.known(blobs)) < len(blobs)


def test_memory_that_cannot_be_read_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    path.write_bytes(b"this is no database" * 100)
    memory = DiskMemory(path)
    memory.put("key", b"value")
    assert memory.get("key") == b"value"


@settings(max_examples=60, deadline=None)
@example(start=19431, damage=b"\0")
@given(
    start=st.integers(4096, 20_000),
    damage=st.binary(min_size=1, max_size=600) | st.text("0123456789abcdef", min_size=1).map(str.encode),
)
def test_damaged_memory_tells_the_right_digests_or_none(
    tmp_path_factory: pytest.TempPathFactory, start: int, damage: bytes
) -> None:
    path = tmp_path_factory.mktemp("memory") / "memory.sqlite"
    right = {blob_id_of(b"%d" % number): digests_of(b"%d" % number) for number in range(60)}
    DiskMemory(path).learn(right)
    whole = path.read_bytes()
    path.write_bytes(whole[:start] + damage + whole[start + len(damage) :])
    assert DiskMemory(path).known(right).items() <= right.items()


def test_remembered_manifest_is_checked_against_its_digest(tmp_path: Path) -> None:
    memory, history = DiskMemory(tmp_path / "memory.sqlite"), three_revisions()
    manifest = history.manifest(history.revisions[0])
    assert manifest is not None
    digest = remember_manifest(memory, manifest.encode())
    assert recall_manifest(memory, digest) == manifest
    assert count_objects(memory, digest) == len(manifest.entries)
    memory.put(f"manifest {digest}", b"{}")
    assert recall_manifest(memory, digest) is None


def test_journal_remembers_what_began_until_something_closed(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with journal.hold("http://swift/c") as page:
        page.begin(A)
        page.begin(B)
        page.forget(A)
    assert journal.page("http://swift/c").begun == {B}
    with journal.hold("http://swift/c") as page:
        page.close(announcement(C, B))
    assert journal.page("http://swift/c").begun == frozenset()
    assert journal.page("http://swift/c").closed == announcement(C, B)
    assert journal.page("http://swift/other").closed is None


def test_journal_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with journal.hold("http://swift/c"), pytest.raises(SyncUnderWay), journal.hold("http://swift/c"):
        pass
    with journal.hold("http://swift/c"):
        pass


def test_journal_that_was_cut_off_is_as_good_as_none(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.page("http://swift/c").path.write_text('{"begun": [')
    assert journal.page("http://swift/c").begun == frozenset()
    assert journal.page("http://swift/c").closed is None


def test_pauses_double_vary_and_end() -> None:
    patience = Patience(first=0.2, most=2.0)
    for failed, most in ((1, 0.2), (2, 0.4), (3, 0.8), (9, 2.0)):
        pauses = {patience.pause(failed) for _ in range(20)}
        assert all(most / 2 <= pause <= most for pause in pauses)
        assert len(pauses) > 1
