"""Sample plans that templates ship: `plan-samples/<name>/`, whose files stand in where a plan has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import NotFound

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree

SAMPLES_FOLDER = "plan-samples/"


class UnknownSamplePlan(NotFound):
    """A sample plan that the templates do not ship."""

    reason = "UnknownSamplePlan"

    def __init__(self, name: str, *, known: tuple[str, ...]) -> None:
        super().__init__(f"no sample plan {name!r}; the templates ship {', '.join(known) or 'none'}")
        self.name, self.known = name, known


def sample_plans(tree: PlanTree) -> tuple[str, ...]:
    """Return the names of the sample plans in a tree, sorted."""
    inside = (path.removeprefix(SAMPLES_FOLDER) for path in tree.paths() if path.startswith(SAMPLES_FOLDER))
    return tuple(sorted({path.split("/")[0] for path in inside if "/" in path}))


def files_of_sample(tree: PlanTree, name: str) -> dict[str, bytes]:
    """Return the files that choosing a sample plan adds to a tree: its YAML files that the root lacks.

    A file of the plan itself is never replaced (select_sample_plan of tripleo-common). Raises UnknownSamplePlan.
    """
    if name not in sample_plans(tree):
        raise UnknownSamplePlan(name, known=sample_plans(tree))
    folder = f"{SAMPLES_FOLDER}{name}/"
    paths = tree.paths()
    return {
        path.removeprefix(folder): tree.read(path)
        for path in paths
        if path.startswith(folder)
        and path.endswith(".yaml")
        and "/" not in path.removeprefix(folder)
        and path.removeprefix(folder) not in paths
    }
