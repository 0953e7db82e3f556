"""What changes in a mirror is told from what changed in Git, and is what looking at everything tells."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults.mirrors import changes_between
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.operations.mirror.history import PlanHistory
from tripleo_gitops.operations.mirror.manifest import describe_objects, sha256_of
from tripleo_gitops.operations.mirror.manifest_edit import edit_manifest
from tripleo_gitops.operations.mirror.memory import DiskMemory
from tripleo_gitops.operations.mirror.stocked_manifest import (
    CHANGES_KEPT,
    STOCK_FROM,
    StoredManifest,
    read_stored,
    store_manifest,
)
from tripleo_gitops.plan.revision import CommitId, Revision
from tripleo_gitops.repository.objects import PlanRepository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OLD, NEW = Revision(CommitId("a" * 40), "main"), Revision(CommitId("b" * 40), "work")
FILES = st.dictionaries(
    st.sampled_from(["a", "b/c", "b/ü", 'q"', "z\n", "b-c", "B", "\U0001f600"]), st.binary(max_size=3)
)


@given(FILES, FILES)
def test_edited_manifest_is_the_one_that_would_be_written_anew(old: dict[str, bytes], new: dict[str, bytes]) -> None:
    before, after = describe_objects(MemoryTree(old), OLD), describe_objects(MemoryTree(new), NEW)
    edited = edit_manifest(
        before.encode(), changes_between(before, after), revision=NEW, stock_from=STOCK_FROM, stock_of=lambda _: None
    )
    assert edited == (StoredManifest(content=after.encode(), objects=len(new)), len(old))


@given(FILES, FILES, FILES, st.integers(0, 4))
def test_manifest_with_a_stock_says_what_one_in_full_says(
    one: dict[str, bytes], two: dict[str, bytes], three: dict[str, bytes], stock_from: int
) -> None:
    """Whatever was edited, and however often."""
    manifests = [describe_objects(MemoryTree(files), OLD) for files in (one, two, three)]
    kept, stocks = store_manifest(manifests[0], stock_from=stock_from), dict[str, bytes]()
    for before, after in pairwise(manifests):
        if kept.stock is not None:
            stocks[sha256_of(kept.stock)] = kept.stock
        edited = edit_manifest(
            kept.content, changes_between(before, after), revision=OLD, stock_from=stock_from, stock_of=stocks.get
        )
        assert edited is not None
        kept, existing = edited
        stocks |= {sha256_of(kept.stock): kept.stock} if kept.stock is not None else {}
        assert read_stored(kept.content, stocks.get) == after
        assert (existing, kept.objects) == (len(before.entries), len(after.entries))
        assert kept.has_stock == (len(after.entries) > stock_from)


def test_stock_is_written_anew_once_in_many_changes() -> None:
    files = {f"file-{number}": b"0" for number in range(400)}
    before = describe_objects(MemoryTree(files), OLD)
    kept = store_manifest(before, stock_from=10)
    stocks, written = {sha256_of(kept.stock or b""): kept.stock or b""}, 0
    for number in range(CHANGES_KEPT + 1):
        files[f"file-{number}"] = b"1"
        after = describe_objects(MemoryTree(files), OLD)
        edited = edit_manifest(
            kept.content, changes_between(before, after), revision=OLD, stock_from=10, stock_of=stocks.get
        )
        assert edited is not None
        before, kept = after, edited[0]
        written += kept.stock is not None
        assert kept.stock is not None or len(kept.content) < 200 * CHANGES_KEPT
    assert written == 1


def test_manifest_whose_stock_is_another_one_is_not_believed() -> None:
    manifest = describe_objects(MemoryTree({"a": b"", "b": b"", "c": b""}), OLD)
    kept = store_manifest(manifest, stock_from=1)
    assert read_stored(kept.content, lambda _digest: kept.stock) == manifest
    assert read_stored(kept.content, lambda _digest: (kept.stock or b"") + b" ") is None
    assert read_stored(kept.content, lambda _digest: None) is None


class Clone:
    """A repository of the example plan, and what a machine remembers of it."""

    def __init__(self, example: Path, directory: Path) -> None:
        self.path, self._memory = directory / "plan", DiskMemory(directory / "memory.sqlite")
        shutil.copytree(example, self.path)
        self._git("init", "-q", "-b", "main")
        self.commit({})

    def commit(self, files: Mapping[str, bytes | None]) -> None:
        for path, content in files.items():
            if content is None:
                (self.path / path).unlink()
            else:
                (self.path / path).parent.mkdir(parents=True, exist_ok=True)
                (self.path / path).write_bytes(content)
        self._git("add", "-A")
        self._git("commit", "-q", "--allow-empty", "-m", "Change")

    def agree(self) -> bool:
        """Return whether the last commit's changes could be told; fail where they are other ones than they are."""
        with PlanRepository.open(self.path) as repository:
            old, new = repository.resolve("HEAD~1"), repository.resolve("HEAD")
            before = PlanHistory(repository, self._memory).manifest(old)
            history = PlanHistory(repository, self._memory)
            changes = history.changes(old, new)
            after = PlanHistory(repository, self._memory).manifest(new)
            assert before is not None
            assert after is not None
            if changes is None:
                return False
            edited = edit_manifest(
                before.encode(), changes, revision=new, stock_from=STOCK_FROM, stock_of=lambda _: None
            )
            assert edited == (StoredManifest(content=after.encode(), objects=len(after.entries)), len(before.entries))
            for path, entry in changes.entries.items():
                if entry is not None:
                    assert len(history.rendered(new).read(path)) == entry.size
        return True

    def _git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.path, check=True, capture_output=True)


@pytest.fixture
def clone(example: Path, tmp_path: Path) -> Clone:
    return Clone(example, tmp_path)


def test_plain_files_are_told_from_git_alone(clone: Clone) -> None:
    clone.commit({"environments/new.yaml": b"a: 1\n", "new/file.txt": b""})
    assert clone.agree()
    clone.commit({"environments/new.yaml": b"a: 2\n", "new/file.txt": None})
    assert clone.agree()


def test_files_that_renders_are_made_of_are_not(clone: Clone) -> None:
    roles = (clone.path / "roles_data.yaml").read_bytes()
    clone.commit({"roles_data.yaml": roles + b"\n# changed\n"})
    assert not clone.agree()
    clone.commit({"extra.j2.yaml": b"{% for role in roles %}- {{role.name}}\n{% endfor %}"})
    assert not clone.agree()


def test_file_that_a_template_includes_is_not(clone: Clone) -> None:
    clone.commit({"part.txt": b"# part\n", "extra.j2.yaml": b"{% include 'part.txt' %}\n"})
    assert not clone.agree()
    clone.commit({"part.txt": b"# another part\n"})
    assert not clone.agree()


def test_file_that_would_be_included_if_it_were_there_is_not(clone: Clone) -> None:
    clone.commit({"part.txt": b"# part\n", "deep/extra.j2.yaml": b"{% include 'part.txt' %}\n"})
    assert not clone.agree()
    clone.commit({"deep/part.txt": b"# nearer part\n"})
    assert not clone.agree()


def test_file_at_the_place_of_a_render_is_not(clone: Clone) -> None:
    clone.commit({"extra.j2.yaml": b"# rendered\n"})
    assert not clone.agree()
    clone.commit({"extra.yaml": b"# committed\n"})
    assert not clone.agree()


def test_link_is_left_to_who_looks_at_everything(clone: Clone, tmp_path: Path) -> None:
    clone.commit({"a.yaml": b"a: 1\n"})
    assert clone.agree()
    (clone.path / "link").symlink_to("a.yaml")
    clone.commit({})
    with PlanRepository.open(clone.path) as repository:
        memory = DiskMemory(tmp_path / "memory.sqlite")
        old, new = repository.resolve("HEAD~1"), repository.resolve("HEAD")
        assert PlanHistory(repository, memory).changes(old, new) is None
