"""Reading plans from real repositories that the real git made."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.repository.listing import UnsupportedEntry
from tripleo_gitops.repository.objects import NotARepository, PlanRepository, UnknownRevision

if TYPE_CHECKING:
    from pathlib import Path


def git(directory: Path, *command: str) -> str:
    return subprocess.run(
        ["git", "-C", str(directory), *command], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a clone with two commits on main and a tag on the first."""
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "one.yaml").write_text("a: 1\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "-m", "First\n\nwith a body")
    git(tmp_path, "tag", "v1")
    (tmp_path / "two.yaml").write_text("b: 2\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "-m", "Second")
    return tmp_path


def test_no_commit_comes_before_its_children_whatever_clocks_say(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = git(clone, "rev-parse", "HEAD")
    for message, date in (("Late", "2031-01-01T00:00:00Z"), ("Early", "2021-01-01T00:00:00Z")):
        monkeypatch.setenv("GIT_COMMITTER_DATE", date)
        git(clone, "commit", "--quiet", "--allow-empty", "-m", message)
    git(clone, "branch", "side", "HEAD~1")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2030-01-01T00:00:00Z")
    git(clone, "checkout", "--quiet", "side")
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "Side")
    git(clone, "merge", "--quiet", "-m", "Joined", "main")
    with PlanRepository.open(clone) as repository:
        head, base = repository.resolve("HEAD"), repository.resolve(first)
        whole = [info.subject for info in repository.history(head)]
        new = [info.subject for info in repository.range(base, head)]
    assert (whole[0], whole[-3:]) == ("Joined", ["Late", "Second", "First"])
    assert set(whole[1:3]) == {"Side", "Early"}
    assert new == whole[:4]


@pytest.mark.parametrize(
    ("name", "commit", "branch"),
    [
        ("HEAD", "HEAD", "main"),
        ("HEAD~1", "HEAD~1", "main"),
        ("@", "HEAD", "main"),
        ("main", "HEAD", "main"),
        ("main^", "HEAD~1", "main"),
        ("refs/heads/main", "HEAD", "main"),
        ("v1", "v1", None),
    ],
)
def test_a_revision_is_resolved_as_git_does_it(clone: Path, name: str, commit: str, branch: str | None) -> None:
    with PlanRepository.open(clone) as repository:
        found = repository.resolve(name)
    assert (found.commit, found.branch) == (git(clone, "rev-parse", commit), branch)


def test_a_revision_is_found_by_the_one_spelling_that_is_printed_everywhere(clone: Path) -> None:
    with PlanRepository.open(clone) as repository:
        head = repository.resolve("HEAD")
        assert str(head) == f"main@sha1:{git(clone, 'rev-parse', 'HEAD')}"
        assert repository.resolve(str(head)) == head
        assert repository.resolve(head.commit[:10]).commit == head.commit


@pytest.mark.parametrize("name", ["nothing", "--upload-pack=touch x", "HEAD~9", "v1:environments"])
def test_a_name_of_no_commit_is_refused_with_its_name(clone: Path, name: str) -> None:
    with PlanRepository.open(clone) as repository, pytest.raises(UnknownRevision, match=r"no commit is named"):
        repository.resolve(name)


def test_a_detached_head_is_on_no_branch(clone: Path) -> None:
    git(clone, "checkout", "--quiet", "--detach")
    with PlanRepository.open(clone) as repository:
        assert repository.current_branch() is None
        assert repository.resolve("HEAD").branch is None


def test_a_branch_without_a_commit_is_known_by_name(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "site")
    with PlanRepository.open(tmp_path) as repository:
        assert repository.current_branch() == "site"
        assert not repository.has_commits()


def test_a_tree_is_read_as_committed_whatever_its_attributes_say(clone: Path) -> None:
    (clone / ".gitattributes").write_text("two.yaml export-ignore\nenvironments/one.yaml export-subst ident\n")
    (clone / "environments" / "one.yaml").write_text("a: $Id$ $Format:%H$\n")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "-m", "Attributes")
    with PlanRepository.open(clone) as repository:
        tree = repository.tree(repository.resolve())
        assert set(tree.paths()) == {".gitattributes", "environments/one.yaml", "two.yaml"}
        assert tree.read("environments/one.yaml") == b"a: $Id$ $Format:%H$\n"
        assert tree.blob_id("two.yaml") == git(clone, "rev-parse", "HEAD:two.yaml")
        with pytest.raises(MissingFile):
            tree.read("three.yaml")


@pytest.mark.parametrize(("mode", "what"), [("120000", "a symbolic link"), ("160000", "a submodule")])
def test_what_is_no_regular_file_is_refused_by_name(clone: Path, mode: str, what: str) -> None:
    target = git(clone, "rev-parse", "HEAD" if mode == "160000" else "HEAD:two.yaml")
    git(clone, "update-index", "--add", "--cacheinfo", f"{mode},{target},environments/odd")
    git(clone, "commit", "--quiet", "-m", "Odd")
    with PlanRepository.open(clone) as repository, pytest.raises(UnsupportedEntry, match=f"environments/odd: {what}"):
        repository.tree(repository.resolve())


def test_a_name_that_is_not_utf8_is_refused_by_name(clone: Path) -> None:
    (clone / "b\udce4d.yaml").write_text("x: 1\n")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "-m", "Latin-1")
    with (
        PlanRepository.open(clone) as repository,
        pytest.raises(UnsupportedEntry, match=r"b\\xe4d.yaml: the name is not"),
    ):
        repository.tree(repository.resolve())


def test_a_commit_says_who_when_and_what(clone: Path) -> None:
    with PlanRepository.open(clone) as repository:
        said = repository.describe(repository.resolve("v1"))
    assert (said.author, said.subject) == ("Test Operator <operator@example.org>", "First")
    assert said.time == int(git(clone, "log", "-1", "--format=%ct", "v1"))


def test_a_directory_that_is_in_no_repository_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotARepository, match="tripleo-plan init"):
        PlanRepository.open(tmp_path)
