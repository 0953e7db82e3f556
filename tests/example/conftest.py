"""The example plan, as it is committed and as it is rendered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tripleo_gitops.documents.tree import MemoryTree, PlanTree
from tripleo_gitops.plan.rendering import RenderedTree, render

EXAMPLE = Path(__file__).parents[2] / "examples" / "plan-repo"


@pytest.fixture(scope="session")
def example_files() -> dict[str, bytes]:
    """Path to bytes of every file of the example plan."""
    found = (path for path in sorted(EXAMPLE.rglob("*")) if path.is_file())
    return {path.relative_to(EXAMPLE).as_posix(): path.read_bytes() for path in found}


@pytest.fixture(scope="session")
def example_tree(example_files: dict[str, bytes]) -> PlanTree:
    return MemoryTree(example_files)


@pytest.fixture(scope="session")
def rendered(example_tree: PlanTree) -> RenderedTree:
    return render(example_tree)
