"""Asking for the parameter tree of a case: ourselves, or the real Heat; and where two answers differ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.heat.bundle import Bundle, collect
from tripleo_gitops.heat.environment import EnvironmentLayer, merge
from tripleo_gitops.heat.tree import parameter_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openstack.connection import Connection

    from tests.heat.cases import Case

PROJECT = "a-project"


def bundle_of(case: Case) -> Bundle:
    """Return what a case sends to Heat."""
    tree = MemoryTree({path: content.encode() for path, content in case.files.items()})
    return collect(tree, "main.yaml", merge([EnvironmentLayer("environment.yaml", case.environment)]))


def our_answer(bundle: Bundle, *, project_id: str = PROJECT) -> Any:
    """Return our answer as it comes out of JSON."""
    return json.loads(json.dumps(parameter_tree(bundle, project_id=project_id).to_heat()))


def heat_answer(connection: Connection, bundle: Bundle) -> Any | None:
    """Return the real Heat's answer, or None if it refuses; services that are not there are not its reason."""
    found = connection.orchestration.post(
        "/validate", json=bundle.to_request(), params={"show_nested": "True", "ignore_errors": "99001"}
    )
    return _with_our_names(found.json()) if found.status_code == 200 else None


def _with_our_names(answer: Any) -> Any:
    """Return an answer with the random names that Heat gives to members of autoscaling groups replaced by ours."""
    nested = answer.get("NestedParameters", {})
    for below in nested.values():
        if below["Type"].endswith("AutoScalingGroup") and "NestedParameters" in below:
            (member,) = below["NestedParameters"].values()
            below["NestedParameters"] = {"member": member}
        _with_our_names(below)
    return answer


def differences(one: Any, other: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[str, Any, Any]]:
    """Yield each place where two answers differ, with both sides."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from differences(one.get(key, "(nothing)"), other.get(key, "(nothing)"), (*path, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, (*path, index))
    elif one != other or type(one) is not type(other):
        yield "/".join(map(str, path)), one, other
