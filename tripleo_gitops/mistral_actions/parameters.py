"""`tripleo.parameters.*`: what Heat would answer, and edits of the plan's values, each of them a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import Refused
from tripleo_gitops.heat.flat import flatten
from tripleo_gitops.heat.holders import with_holders
from tripleo_gitops.heat.masked_answer import mask_answer, mask_values
from tripleo_gitops.heat.walk import hidden_names
from tripleo_gitops.operations.plan_edits import make_passwords, reset_values, set_values, turn_fernet_keys
from tripleo_gitops.operations.resolution import Reader, resolve_plan
from tripleo_gitops.plan.plan_environment import read_plan_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.plan_service import PlanService


def get(service: PlanService, *, container: str) -> dict[str, Any]:
    """The tree of all parameters as Heat's nested validation answers it, and the plan's own values."""
    with service.tree(container) as tree:
        return _answer(service, tree, is_flat=False)


def get_flatten(service: PlanService, *, container: str) -> dict[str, Any]:
    """Every stack and every parameter once, as TripleO's interfaces read them, and the plan's own values."""
    with service.tree(container) as tree:
        return _answer(service, tree, is_flat=True)


def update(
    service: PlanService,
    *,
    parameters: Mapping[str, Any],
    container: str,
    key: str = "parameter_defaults",
    validate: bool = True,
) -> dict[str, Any]:
    """Set parameters by a commit; hidden ones are sealed. With `validate`, refused where Heat would refuse them."""
    service.edit(
        container,
        lambda tree: set_values(tree, parameters, key=key, keeper=service.keeper),
        subject=f"Set {', '.join(sorted(parameters)) or 'nothing'}",
        whole=validate,
    )
    with service.tree(container) as tree:
        return _answer(service, tree, is_flat=True) if validate else {key: dict(_section(tree, key))}


def reset(service: PlanService, *, container: str, key: str = "parameter_defaults") -> dict[str, Any]:
    """Take away every value of a section by a commit; environments and defaults speak again."""
    edited = service.edit(container, lambda tree: reset_values(tree, key=key), subject=f"Reset {key}")
    return {"revision": str(edited.revision)}


def generate_passwords(
    service: PlanService, *, container: str, rotate_passwords: bool = False, rotate_pw_list: list[str] | None = None
) -> dict[str, Any]:
    """Make the passwords that are missing, or new ones, sealed, by a commit; names only are given back."""
    names = tuple(rotate_pw_list or ())
    edited = service.edit(
        container,
        lambda tree: make_passwords(tree, keeper=service.keeper, rotate=rotate_passwords, names=names),
        subject="Rotate passwords" if rotate_passwords else "Generate passwords",
    )
    return {"revision": str(edited.revision), "changed": edited.is_changed}


def get_passwords(service: PlanService, *, container: str) -> None:  # noqa: ARG001  # TripleO's inputs
    """Refused: Mistral keeps results, and passwords are sealed; `tripleo-plan secrets show` opens them."""
    raise Refused("passwords are not given as results, which Mistral keeps; `tripleo-plan secrets show` opens them")


def rotate_fernet_keys(service: PlanService, *, container: str) -> dict[str, Any]:
    """Rotate Keystone's Fernet keys once, sealed, by a commit."""
    edited = service.edit(
        container, lambda tree: turn_fernet_keys(tree, keeper=service.keeper), subject="Rotate Fernet keys"
    )
    return {"revision": str(edited.revision)}


def _answer(service: PlanService, tree: PlanTree, *, is_flat: bool) -> dict[str, Any]:
    """Return TripleO's answer, hidden values masked: Mistral keeps it."""
    resolved = resolve_plan(tree, reader=Reader(service.cache))
    found = resolved.parameters
    hidden = with_holders(hidden_names(found) | resolved.secrets, resolved.bundle.environment)
    answer = flatten(found).to_document() if is_flat else found.to_heat()
    given = read_plan_environment(tree).parameter_defaults
    return {
        "heat_resource_tree": mask_answer(answer, hidden),
        "environment_parameters": mask_values(given, hidden),
    }


def _section(tree: PlanTree, key: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = getattr(read_plan_environment(tree), key)
    return found
