"""An operator's clone: snapshots, commits and pushes by the real git."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.errors import InvalidInput, Refused
from tripleo_gitops.repository.objects import PlanRepository
from tripleo_gitops.repository.work_copy import GitFailed, WorkCopy

if TYPE_CHECKING:
    from pathlib import Path


def git(directory: Path, *command: str) -> str:
    done = subprocess.run(["git", "-C", str(directory), *command], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a clone with one commit, whose remote `origin` is a bare repository beside it."""
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", "server.git")
    work = tmp_path / "clone"
    WorkCopy.create(work)
    git(work, "remote", "add", "origin", "../server.git")
    (work / "a.yaml").write_text("a: 1\n")
    (work / ".gitignore").write_text("*.swp\n")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "-m", "First")
    return work


def test_a_snapshot_holds_what_committing_everything_would_and_leaves_the_index_alone(clone: Path) -> None:
    (clone / "a.yaml").write_text("a: 2\n")
    (clone / "new.yaml").write_text("n: 1\n")
    (clone / "ignored.swp").write_text("x")
    before = git(clone, "status", "--porcelain")
    tree = WorkCopy.open(clone).snapshot_tree()
    assert git(clone, "status", "--porcelain") == before
    with PlanRepository.open(clone) as repository:
        found = repository.tree_of(tree)
        assert set(found.paths()) == {".gitignore", "a.yaml", "new.yaml"}
        assert found.read("a.yaml") == b"a: 2\n"


def test_the_index_is_what_is_staged_and_not_what_lies_beside_it(clone: Path) -> None:
    (clone / "a.yaml").write_text("a: 2\n")
    git(clone, "add", "a.yaml")
    (clone / "a.yaml").write_text("a: 3\n")
    tree = WorkCopy.open(clone).index_tree()
    with PlanRepository.open(clone) as repository:
        assert repository.tree_of(tree).read("a.yaml") == b"a: 2\n"


def test_a_commit_is_the_owners_own_and_their_hooks_are_heard(clone: Path) -> None:
    hook = clone / ".git" / "hooks" / "commit-msg"
    hook.write_text('#!/bin/sh\necho "no ticket in the message" >&2\nexit 1\n')
    hook.chmod(0o755)
    (clone / "a.yaml").write_text("a: 2\n")
    work_copy = WorkCopy.open(clone)
    work_copy.stage_all()
    with pytest.raises(GitFailed, match="no ticket in the message"):
        work_copy.commit("Second")
    hook.unlink()
    assert work_copy.commit("Second") == git(clone, "rev-parse", "HEAD")
    assert git(clone, "log", "-1", "--format=%an %s") == "Test Operator Second"


def test_changed_paths_are_told_whatever_their_names(clone: Path) -> None:
    (clone / "wei\trd\n\u00e4.yaml").write_text("x: 1\n")
    (clone / "a.yaml").unlink()
    assert WorkCopy.open(clone).changed_paths() == ("a.yaml", "wei\trd\n\u00e4.yaml")


def test_a_push_tracks_the_branch_and_hands_on_what_the_server_says(clone: Path) -> None:
    hook = clone.parent / "server.git" / "hooks" / "post-receive"
    hook.write_text("#!/bin/sh\necho mirrored >&2\n")
    hook.chmod(0o755)
    said: list[str] = []
    work_copy = WorkCopy.open(clone)
    assert work_copy.upstream() is None
    pushed = work_copy.push("origin", "main", say=said.append)
    assert [ref.ref for ref in pushed] == ["refs/heads/main"]
    assert "mirrored" in said
    assert git(clone.parent / "server.git", "rev-parse", "main") == git(clone, "rev-parse", "HEAD")
    assert (work_copy.upstream(), work_copy.ahead_behind("origin/main")) == ("origin/main", (0, 0))


def test_a_push_that_the_server_refuses_fails_with_the_servers_words(clone: Path) -> None:
    hook = clone.parent / "server.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'plans are frozen' >&2\nexit 1\n")
    hook.chmod(0o755)
    said: list[str] = []
    with pytest.raises(GitFailed, match=r"pre-receive hook declined"):
        WorkCopy.open(clone).push("origin", "main", say=said.append)
    assert "plans are frozen" in said


def test_a_push_that_would_lose_commits_is_refused(clone: Path) -> None:
    work_copy = WorkCopy.open(clone)
    work_copy.push("origin", "main", say=lambda _line: None)
    git(clone, "commit", "--quiet", "--amend", "-m", "Another first")
    with pytest.raises(GitFailed, match=r"rejected|non-fast-forward"):
        work_copy.push("origin", "main", say=lambda _line: None)


def test_a_remote_that_is_not_there_is_refused_with_those_that_are(clone: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no remote is named 'upstream'.*there is: origin"):
        WorkCopy.open(clone).push("upstream", "main", say=lambda _line: None)


def test_a_bare_repository_is_no_place_to_work_in(clone: Path) -> None:
    with pytest.raises(Refused, match="bare repository"):
        WorkCopy.open(clone.parent / "server.git")


def test_writing_a_file_keeps_its_mode(clone: Path) -> None:
    (clone / "a.yaml").chmod(0o755)
    WorkCopy.open(clone).write("a.yaml", b"a: 9\n")
    assert ((clone / "a.yaml").read_bytes(), (clone / "a.yaml").stat().st_mode & 0o777) == (b"a: 9\n", 0o755)
    assert sorted(path.name for path in clone.iterdir()) == [".git", ".gitignore", "a.yaml"]
