"""A diff refuses what it must compute to answer, and leaves to `check` what cannot differ."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.heat.bundle import collect
from tripleo_gitops.heat.diff import diff_parameters
from tripleo_gitops.heat.environment import EnvironmentLayer, merge
from tripleo_gitops.heat.errors import InvalidTemplate
from tripleo_gitops.heat.side import Side
from tripleo_gitops.heat.tree import parameter_tree

HOT = "heat_template_version: 2018-08-31\n"
MAIN = (
    HOT + "parameters: {A: {type: string, default: x}}\nresources: {good: {type: good.yaml}, bad: {type: bad.yaml}}\n"
)
BROKEN = HOT + "resources: {one: {type: OS::No::Such}}\n"
MENDED = HOT + "resources: {one: {type: OS::Heat::RandomString}}\n"
FILES = {"main.yaml": MAIN, "good.yaml": HOT, "bad.yaml": BROKEN}


def side(files: dict[str, str], **values: str) -> Side:
    environment = merge([EnvironmentLayer("env.yaml", {"parameter_defaults": values})])
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    return Side(bundle=collect(tree, "main.yaml", environment), tree=None, environment=environment)


def test_what_is_broken_on_both_sides_alike_does_not_hide_what_differs() -> None:
    old, new = side(FILES, A="x"), side(FILES, A="y")
    assert [one.name for one in diff_parameters(old, new).parameters] == ["A"]
    with pytest.raises(InvalidTemplate, match="OS::No::Such"):
        parameter_tree(new.bundle)


@pytest.mark.parametrize("is_mending", [True, False])
def test_what_is_broken_on_one_side_is_refused_with_its_place(is_mending: bool) -> None:
    broken, mended = side(FILES), side({**FILES, "bad.yaml": MENDED})
    old, new = (broken, mended) if is_mending else (mended, broken)
    with pytest.raises(InvalidTemplate, match=r"bad\.yaml: resources\.one\.type: .*OS::No::Such"):
        diff_parameters(old, new)
