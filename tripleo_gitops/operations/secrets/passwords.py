"""A plan's passwords: what its templates need, what is missing, and rotation; all of it in secrets.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import NotFound
from tripleo_gitops.operations.secrets.secrets_file import SecretVault, sealed_content
from tripleo_gitops.plan.declared_parameters import declared_parameters
from tripleo_gitops.plan.password_kinds import KINDS
from tripleo_gitops.plan.passwords import (
    FERNET_KEYS,
    MAX_ACTIVE_KEYS,
    Randomness,
    active_keys,
    fernet_key,
    missing_passwords,
    needed_passwords,
    rotated_fernet_keys,
    rotated_passwords,
)
from tripleo_gitops.plan.plan_environment import read_plan_environment
from tripleo_gitops.plan.secrets_file import SECRETS_FILE, SecretValues, Section, read_sealed
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tripleo_gitops.documents.tree import PlanTree


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPassword:
    """One password of a plan by its name: its format, whether the templates need it, and whether it is there."""

    name: str
    format: str
    is_needed: bool
    is_set: bool
    kept_because: str


@dataclass(frozen=True, slots=True)
class NewPasswords:
    """secrets.yaml with new values, and the names that got them."""

    content: bytes
    names: tuple[str, ...]


def list_passwords(tree: PlanTree) -> tuple[ListedPassword, ...]:
    """Return the passwords that a plan's templates need and those that it has, by name; no key is needed."""
    needed, present = set(needed_passwords(declared_parameters(render(tree)))), _present_names(tree)
    known = needed | (present & KINDS.keys())
    return tuple(
        ListedPassword(
            name=name,
            format=str(KINDS[name].kind),
            is_needed=name in needed,
            is_set=name in present,
            kept_because=KINDS[name].kept_because,
        )
        for name in sorted(known)
    )


def generate_passwords(
    tree: PlanTree, vault: SecretVault, *, randomness: Randomness, recipients: Sequence[str] = ()
) -> NewPasswords | None:
    """Return secrets.yaml with every password that the templates need and the plan lacks; None when it lacks none.

    Nothing that is there is touched. A plan without a secrets.yaml gets one for `recipients`.
    """
    needed = needed_passwords(declared_parameters(render(tree)))
    if not set(needed) - _present_names(tree):
        return None
    opened = vault.open(tree.read(SECRETS_FILE)) if SECRETS_FILE in tree.paths() else SecretValues()
    given = read_plan_environment(tree)
    present = {**given.parameter_defaults, **given.passwords, **opened.parameter_defaults, **opened.passwords}
    made = missing_passwords(needed, present, randomness=randomness)
    if SECRETS_FILE not in tree.paths():
        document = {Section.PASSWORDS.value: made, Section.PARAMETERS.value: {}}
        return NewPasswords(vault.seal(document, recipients=recipients), tuple(made))
    return _with_passwords(tree, vault, made)


def take_passwords(
    tree: PlanTree, vault: SecretVault, given: Mapping[str, Any], *, recipients: Sequence[str] = ()
) -> NewPasswords | None:
    """Return secrets.yaml with those of `given` that the templates need and the plan lacks; None when there are none.

    A plan without a secrets.yaml gets one for `recipients`.
    """
    lacking = [one.name for one in list_passwords(tree) if one.is_needed and not one.is_set]
    taken = {name: given[name] for name in lacking if name in given}
    if not taken:
        return None
    if SECRETS_FILE in tree.paths():
        return _with_passwords(tree, vault, taken)
    document = {Section.PASSWORDS.value: taken, Section.PARAMETERS.value: {}}
    return NewPasswords(vault.seal(document, recipients=recipients), tuple(taken))


def rotate_passwords(
    tree: PlanTree, vault: SecretVault, names: Collection[str], *, randomness: Randomness
) -> NewPasswords:
    """Return secrets.yaml with new values for the named passwords; without names, for all that may be replaced."""
    present = vault.open(sealed_content(tree)).passwords
    return _with_passwords(tree, vault, rotated_passwords(names, present, randomness=randomness))


def rotate_fernet_keys(tree: PlanTree, vault: SecretVault, *, randomness: Randomness) -> NewPasswords:
    """Return secrets.yaml after one rotation of Keystone's Fernet keys; raises NotFound for a plan without any."""
    present = vault.open(sealed_content(tree)).passwords
    if FERNET_KEYS not in present:
        raise NotFound(f"the plan has no {FERNET_KEYS}; `tripleo-plan passwords generate` makes them")
    keep = active_keys(read_plan_environment(tree).parameter_defaults.get(MAX_ACTIVE_KEYS))
    rotated = rotated_fernet_keys(present[FERNET_KEYS], new_key=fernet_key(randomness), keep=keep)
    return _with_passwords(tree, vault, {FERNET_KEYS: rotated})


def _with_passwords(tree: PlanTree, vault: SecretVault, values: Mapping[str, Any]) -> NewPasswords:
    content = sealed_content(tree)
    for name, value in values.items():
        content = vault.put(content, (Section.PASSWORDS.value, name), value)
    return NewPasswords(content, tuple(values))


def _present_names(tree: PlanTree) -> frozenset[str]:
    """Return the names that have a value wherever the plan's own word is: secrets.yaml or plan-environment.yaml."""
    sealed, given = read_sealed(tree), read_plan_environment(tree)
    names = sealed.values.names if sealed else frozenset()
    return names | frozenset(given.passwords) | frozenset(given.parameter_defaults)
