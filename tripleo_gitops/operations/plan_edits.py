"""Edits of a plan tree as a server's callers ask for them: what is secret is sealed, every other byte stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.edit import set_value, unset_value
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.errors import InvalidInput, NotFound, Refused
from tripleo_gitops.operations.secrets.passwords import generate_passwords, rotate_fernet_keys, rotate_passwords
from tripleo_gitops.operations.secrets.sealing import apply_sealing, plan_sealing
from tripleo_gitops.plan.capabilities import read_capabilities_map
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE, read_plan_environment
from tripleo_gitops.plan.secrets_file import SECRETS_FILE
from tripleo_gitops.plan.selection import update_selection
from tripleo_gitops.plan.selection_edit import plan_selection_edit
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.adoption import SecretKeeper

SECTIONS = ("parameter_defaults", "derived_parameters", "resource_registry")
"""The sections of plan-environment.yaml that callers set values in."""
KEYS = (*SECTIONS, "description", "template", "environments", "role_tags", "workflow_parameters")


class NoRecipient(Refused):
    """A secret that nobody on this server could open again."""

    reason = "NoRecipient"


def edit_plan_environment(
    tree: PlanTree, path: Sequence[str], *, value: Any = None, delete: bool = False
) -> dict[str, bytes]:
    """Return plan-environment.yaml with one key, or one entry of a key, set or gone; raises InvalidInput."""
    if path[0] not in KEYS:
        known = ", ".join(KEYS)
        raise InvalidInput(f"{PLAN_ENVIRONMENT_FILE}: {path[0]!r} is not to be set here; it is one of {known}")
    content = tree.read(PLAN_ENVIRONMENT_FILE)
    if delete:
        return {PLAN_ENVIRONMENT_FILE: unset_value(content, tuple(path), source=PLAN_ENVIRONMENT_FILE)}
    return {PLAN_ENVIRONMENT_FILE: set_value(content, tuple(path), value, source=PLAN_ENVIRONMENT_FILE)}


def set_values(
    tree: PlanTree, values: Mapping[str, Any], *, key: str = SECTIONS[0], keeper: SecretKeeper
) -> dict[str, bytes]:
    """Return the files of a plan with values set in a section; those that templates hide go into secrets.yaml, sealed.

    Raises NoRecipient where a secret is among them and the plan has no secrets.yaml nor the server a key.
    """
    _check_section(key)
    content = tree.read(PLAN_ENVIRONMENT_FILE)
    for name, value in values.items():
        content = set_value(content, (key, name), value, source=PLAN_ENVIRONMENT_FILE)
    return sealed_edit(tree, {PLAN_ENVIRONMENT_FILE: content}, keeper=keeper)


def sealed_edit(tree: PlanTree, edits: Mapping[str, bytes], *, keeper: SecretKeeper) -> dict[str, bytes]:
    """Return edits of a plan tree with what would stand in clear sealed; raises NoRecipient."""
    after = {path: tree.read(path) for path in tree.paths()} | dict(edits)
    planned = plan_sealing(MemoryTree(after))
    if not planned.found:
        return dict(edits)
    sealed = after.get(SECRETS_FILE)
    if sealed is None and not keeper.recipients:
        raise NoRecipient(
            f"{planned.found[0].name} is a secret, the plan has no {SECRETS_FILE} and this server no age key; "
            "`tripleo-plan secrets init` makes the file"
        )
    return dict(edits) | apply_sealing(planned, sealed, keeper.vault, recipients=keeper.recipients)


def reset_values(tree: PlanTree, *, key: str = SECTIONS[0]) -> dict[str, bytes]:
    """Return plan-environment.yaml without any value in a section; secrets stay."""
    _check_section(key)
    content = tree.read(PLAN_ENVIRONMENT_FILE)
    return {PLAN_ENVIRONMENT_FILE: unset_value(content, (key,), source=PLAN_ENVIRONMENT_FILE)}


def change_selection(tree: PlanTree, changes: Mapping[str, bool], *, purge: bool = False) -> dict[str, bytes]:
    """Return plan-environment.yaml with environments enabled and disabled; `purge` disables what is not named.

    Raises CapabilityConflict, and NotFound for a file that the rendered plan does not hold.
    """
    rendered = render(tree)
    for path, wanted in changes.items():
        if wanted and path not in rendered.paths():
            raise NotFound(f"{path}: no such environment in the plan; tripleo.heat_capabilities.get lists them")
    selected = read_plan_environment(tree).selected_paths
    chosen = update_selection(read_capabilities_map(tree), selected, changes, purge=purge)
    content = plan_selection_edit(tree.read(PLAN_ENVIRONMENT_FILE), chosen, source=PLAN_ENVIRONMENT_FILE)
    return {PLAN_ENVIRONMENT_FILE: content}


def make_passwords(
    tree: PlanTree, *, keeper: SecretKeeper, rotate: bool = False, names: Collection[str] = ()
) -> dict[str, bytes]:
    """Return secrets.yaml with the passwords that are missing, or with new ones for those named (or all)."""
    if rotate:
        return {SECRETS_FILE: rotate_passwords(tree, keeper.vault, names, randomness=keeper.randomness).content}
    if SECRETS_FILE not in tree.paths() and not keeper.recipients:
        raise NoRecipient(
            f"the plan has no {SECRETS_FILE} and this server no age key; `tripleo-plan secrets init` makes the file"
        )
    made = generate_passwords(tree, keeper.vault, randomness=keeper.randomness, recipients=keeper.recipients)
    return {SECRETS_FILE: made.content} if made is not None else {}


def turn_fernet_keys(tree: PlanTree, *, keeper: SecretKeeper) -> dict[str, bytes]:
    """Return secrets.yaml after one rotation of Keystone's Fernet keys."""
    return {SECRETS_FILE: rotate_fernet_keys(tree, keeper.vault, randomness=keeper.randomness).content}


def _check_section(key: str) -> None:
    if key not in SECTIONS:
        raise InvalidInput(f"{PLAN_ENVIRONMENT_FILE}: no values are kept in {key!r}; they are in {', '.join(SECTIONS)}")
