"""What the Mistral environment of a plan's name holds: the plan's environment, where clients of before Pike read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.documents.yaml import parse_yaml
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.tree import PlanTree

VARIABLES = ("template", "environments", "parameter_defaults", "resource_registry", "passwords", "derived_parameters")
ALWAYS: Mapping[str, Any] = {"environments": [], "parameter_defaults": {}}


def environment_variables(tree: PlanTree) -> Mapping[str, Any] | None:
    """Return the variables that mirror a plan tree's environment; None for a tree without one.

    Values are those of the file as committed: what is sealed in Git is not opened here.
    """
    try:
        content = tree.read(PLAN_ENVIRONMENT_FILE)
    except MissingFile:
        return None
    document = parse_yaml(content, source=PLAN_ENVIRONMENT_FILE)
    found = {key: document[key] for key in VARIABLES if document.get(key) is not None}
    return {**ALWAYS, **found}
