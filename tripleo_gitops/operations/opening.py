"""The values of a plan's secrets: opened for Heat, stand-ins for everything that only looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.errors import Refused
from tripleo_gitops.plan.secrets_file import SECRETS_FILE, SecretValues, read_sealed

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree


class SecretOpener(Protocol):
    """Opens the bytes of secrets.yaml."""

    def open(self, content: bytes) -> SecretValues: ...


def sealed_values(tree: PlanTree) -> SecretValues:
    """Return stand-ins for a plan's secrets, for which no key is needed; they differ when the secrets differ."""
    sealed = read_sealed(tree)
    return sealed.values if sealed else SecretValues()


def opened_values(tree: PlanTree, vault: SecretOpener | None) -> SecretValues:
    """Return a plan's secrets as they are; raise NoKey, Tampered, or Refused where there is nobody to open them."""
    if SECRETS_FILE not in tree.paths():
        return SecretValues()
    if vault is None:
        raise Refused(f"the plan has a {SECRETS_FILE}, and nothing here can open it")
    return vault.open(tree.read(SECRETS_FILE))
