"""The stacks of a parameter tree, each with its path, and the names that are hidden anywhere in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.heat.tree import Parameter, ParameterTree

Path = tuple[str, ...]


def walk(tree: ParameterTree | None, path: Path = ()) -> Iterator[tuple[Path, ParameterTree]]:
    """Yield every stack with the resource names that lead to it, a stack before those nested in it."""
    if tree is None:
        return
    yield path, tree
    for name, below in tree.nested.items():
        yield from walk(below, (*path, name))


def walk_parameters(tree: ParameterTree | None) -> Iterator[tuple[Path, Parameter]]:
    """Yield every parameter of every stack."""
    for path, node in walk(tree):
        for parameter in node.parameters.values():
            yield path, parameter


def hidden_names(*trees: ParameterTree | None) -> frozenset[str]:
    """Return the parameters that any template of the trees hides; what is hidden once is hidden everywhere."""
    return frozenset(parameter.name for tree in trees for _, parameter in walk_parameters(tree) if parameter.no_echo)


def place_of(path: Path) -> str:
    """Return a stack's path as one word; the root stack is `/`."""
    return "/" + "/".join(path)
