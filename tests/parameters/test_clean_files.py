"""Checks cost what changed: files that were clean once are not looked at again, by any way in."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.operations.checking import BrokenPlan, check_push, check_tree
from tripleo_gitops.operations.clean_files import CHECKS
from tripleo_gitops.operations.revisions import open_plan
from tripleo_gitops.repository.cache import DiskCache
from tripleo_gitops.repository.objects import PlanRepository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Use = Callable[[PlanRepository], object]


class CountingCache(DiskCache):
    """The cache, which notes what was found to be clean."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.clean = 0

    def put(self, key: str, content: bytes) -> None:
        self.clean += key.startswith(CHECKS)
        super().put(key, content)


def git(directory: Path, *command: str) -> str:
    return subprocess.run(
        ["git", "-C", str(directory), *command], check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(repository: Path) -> str:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "x")
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, example: Path) -> Path:
    path = tmp_path / "plan"
    shutil.copytree(example, path)
    git(path, "init", "--quiet", "-b", "main")
    commit(path)
    return path


def pushed(repository: PlanRepository) -> None:
    check_push(repository, f"{'0' * 40} {repository.resolve().commit} refs/heads/main\n")


@pytest.mark.parametrize("use", [pushed, open_plan], ids=["pre-receive", "sync, post-commit, deploy"])
def test_a_change_of_one_file_looks_at_one_file(repository: Path, tmp_path: Path, use: Use) -> None:
    def looked_at() -> int:
        cache = CountingCache(tmp_path / "cache")
        with PlanRepository.open(repository, cache=cache) as opened:
            use(opened)
        return cache.clean

    files = len(git(repository, "ls-files").splitlines())
    assert looked_at() > files / 2
    assert looked_at() == 0
    changed = repository / "environments" / "site.yaml"
    changed = changed if changed.exists() else next(iter(sorted((repository / "environments").glob("*.yaml"))))
    changed.write_text(changed.read_text() + "# changed\n")
    commit(repository)
    assert looked_at() <= 2, "the file, and the directory at the top that it is in"
    assert looked_at() == 0


def test_what_is_broken_is_told_again_though_all_around_it_is_known(repository: Path, tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache")
    with PlanRepository.open(repository, cache=cache) as opened:
        pushed(opened)
    (repository / "environments" / "broken.yaml").write_text("a: [1\n")
    commit(repository)
    for _ in range(2):
        with PlanRepository.open(repository, cache=cache) as opened, pytest.raises(BrokenPlan) as refused:
            pushed(opened)
        assert "environments/broken.yaml" in {found.path for found in refused.value.findings}


def test_findings_are_the_same_with_a_warm_cache_and_without_one(repository: Path, tmp_path: Path) -> None:
    plan = repository / "plan-environment.yaml"
    plan.write_text(plan.read_text() + "description: said twice\n")
    commit(repository)
    cache = DiskCache(tmp_path / "cache")
    with PlanRepository.open(repository, cache=cache) as opened:
        tree = opened.tree(opened.resolve())
        plain = check_tree(tree)
        assert [check_tree(tree, cache=cache) for _ in range(3)] == [plain] * 3
    assert "duplicate-key" in {found.code for found in plain}
