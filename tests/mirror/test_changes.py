"""What changes in a mirror is told from what changed in Git, and is what looking at everything tells."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.operations.manifest import describe_objects
from tripleo_gitops.operations.manifest_edit import edit_manifest
from tripleo_gitops.operations.memory import DiskMemory
from tripleo_gitops.operations.mirror_history import PlanHistory
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
    changes = {path: after.by_path.get(path) for path in old.keys() | new.keys()}
    edited = edit_manifest(before.encode(), changes, revision=NEW)
    assert edited.content == after.encode()
    assert (edited.objects, edited.existing) == (len(new), len(old))
    assert set(edited.changes) == {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}


class Clone:
    """A repository of the example plan, and what a machine remembers of it."""

    def __init__(self, example: Path, directory: Path) -> None:
        self.path, self._memory = directory / "plan", DiskMemory.open(directory / "memory.sqlite")
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
            edited = edit_manifest(before.encode(), changes, revision=new)
            assert edited.content == after.encode()
            for path, entry in edited.changes.items():
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
        memory = DiskMemory.open(tmp_path / "memory.sqlite")
        old, new = repository.resolve("HEAD~1"), repository.resolve("HEAD")
        assert PlanHistory(repository, memory).changes(old, new) is None
