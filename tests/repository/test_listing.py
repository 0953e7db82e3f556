"""Trees that are listed part by part: nothing is looked into that is known, and nothing is missed for that."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tripleo_gitops.documents.changes import diff_trees
from tripleo_gitops.documents.tree import MemoryTree, PartedTree
from tripleo_gitops.repository.cache import DiskCache
from tripleo_gitops.repository.listing import UnsupportedEntry
from tripleo_gitops.repository.objects import PlanRepository

if TYPE_CHECKING:
    from pathlib import Path

PATHS = ("a.yaml", "b/c.j2.yaml", "b/d/e.yaml", "b/d/f.j2.yaml", "g/h.yaml", "g/i/j/k.role.j2.yaml")
FILES = st.dictionaries(st.sampled_from(PATHS), st.sampled_from((b"1\n", b"2\n")), min_size=1)


class CountingCache(DiskCache):
    """A cache that counts the whole listings which it is asked for."""

    listings = 0

    def get(self, key: str) -> bytes | None:
        self.listings += key.startswith("listing")
        return super().get(key)


def git(directory: Path, *command: str) -> str:
    return subprocess.run(
        ["git", "-C", str(directory), *command], check=True, capture_output=True, text=True
    ).stdout.strip()


def committed(repository: Path, files: dict[str, bytes]) -> str:
    """Make `files` all that the repository holds, and return the commit."""
    for child in repository.iterdir():
        if child.name != ".git":
            shutil.rmtree(child) if child.is_dir() else child.unlink()
    for path, content in files.items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_bytes(content)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "x")
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("listing")
    git(path, "init", "--quiet", "-b", "main")
    return path


@settings(max_examples=15, deadline=None)
@given(old=FILES, new=FILES)
def test_a_diff_part_by_part_finds_what_a_diff_of_all_files_finds(
    repository: Path, old: dict[str, bytes], new: dict[str, bytes]
) -> None:
    commits = [committed(repository, files) for files in (old, new)]
    cache = DiskCache(repository / ".git" / "cache")
    for _ in range(2):
        with PlanRepository.open(repository, cache=cache) as opened:
            before, after = (opened.tree(opened.resolve(commit)) for commit in commits)
            assert isinstance(before, PartedTree)
            assert diff_trees(before, after) == diff_trees(MemoryTree(old), MemoryTree(new))
            assert set(after.paths()) == set(new)
            assert len(after.paths()) == len(new)
            assert set(after.ending(".j2.yaml")) == {path for path in new if path.endswith(".j2.yaml")}


def test_what_did_not_change_is_not_listed_again(repository: Path) -> None:
    files = {f"{part}/{number}.yaml": b"1\n" for part in "abcdefgh" for number in range(5)}
    commits = [committed(repository, files), committed(repository, {**files, "c/1.yaml": b"2\n"})]
    directory = repository / ".git" / "cache-of-counts"

    def differing(commits: list[str]) -> tuple[list[str], int]:
        cache = CountingCache(directory)
        with PlanRepository.open(repository, cache=cache) as opened:
            before, after = (opened.tree(opened.resolve(commit)) for commit in commits)
            found = [change.path for change in diff_trees(before, after)]
        return found, cache.listings

    differing(commits)
    assert differing(commits) == (["c/1.yaml"], 2)


def test_a_link_is_refused_though_nobody_looks_where_it_is(repository: Path) -> None:
    committed(repository, {"a/b.yaml": b"1\n", "c/d.yaml": b"1\n"})
    cache = DiskCache(repository / ".git" / "cache-of-links")
    with PlanRepository.open(repository, cache=cache) as opened:
        opened.tree(opened.resolve())
    (repository / "c" / "link").symlink_to("d.yaml")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "Link")
    for _ in range(2):
        with (
            PlanRepository.open(repository, cache=cache) as opened,
            pytest.raises(UnsupportedEntry, match="c/link: a symbolic link"),
        ):
            opened.tree(opened.resolve())


def test_a_cache_that_was_deleted_under_way_costs_time_only(repository: Path) -> None:
    commit = committed(repository, {"a/b.yaml": b"1\n", "c/d.yaml": b"1\n"})
    directory = repository / ".git" / "cache-to-delete"
    with PlanRepository.open(repository, cache=DiskCache(directory / "x")) as opened:
        tree = opened.tree(opened.resolve(commit))
        shutil.rmtree(directory)
        assert set(tree.paths()) == {"a/b.yaml", "c/d.yaml"}
