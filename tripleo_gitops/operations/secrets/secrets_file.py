"""A plan's secrets.yaml: made, set, shown by names, opened for more and for fewer people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.errors import NotFound, Refused
from tripleo_gitops.plan.password_kinds import KINDS
from tripleo_gitops.plan.secrets_file import SECRETS_FILE, SealedSecrets, Section, parse_sealed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.plan.secrets_file import SecretValues

KeyPath = tuple[str | int, ...]


class SecretVault(Protocol):
    """Seals and opens the bytes of secrets.yaml; nothing of it is ever on a disk in clear."""

    def seal(self, document: Mapping[str, Any], *, recipients: Sequence[str]) -> bytes:
        """Return the document with every value sealed for all recipients."""
        ...

    def open(self, content: bytes) -> SecretValues:
        """Return the values; raise NoKey when no key at hand opens them, Tampered when they were changed."""
        ...

    def put(self, content: bytes, path: KeyPath, value: Any) -> bytes:
        """Return the bytes with one value set; every other sealed value stays the same text."""
        ...

    def drop(self, content: bytes, path: KeyPath) -> bytes:
        """Return the bytes without one value."""
        ...

    def rekey(self, content: bytes, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> bytes:
        """Return the bytes sealed anew, with a new data key, for other recipients."""
        ...


class NoSecrets(NotFound):
    """A plan without a secrets.yaml."""

    reason = "NoSecrets"

    def __init__(self) -> None:
        super().__init__(f"the plan has no {SECRETS_FILE}; `tripleo-plan secrets init` makes one")


@dataclass(frozen=True, slots=True)
class ListedSecret:
    """One secret by its name; its value is nobody's business here."""

    name: str
    section: Section


def init_secrets(tree: PlanTree, vault: SecretVault, *, recipients: Sequence[str]) -> bytes:
    """Return a secrets.yaml without any secret yet; raises Refused when there is one, or nobody to seal it for."""
    if SECRETS_FILE in tree.paths():
        raise Refused(f"the plan has a {SECRETS_FILE}; `tripleo-plan secrets add-recipient` lets others open it")
    if not recipients:
        raise Refused(
            "nobody to seal secrets for: name --recipient, or make an age key with `tripleo-plan secrets key`"
        )
    return vault.seal({section.value: {} for section in Section}, recipients=recipients)


def sealed_content(tree: PlanTree) -> bytes:
    """Return the bytes of secrets.yaml; raise NoSecrets."""
    try:
        return tree.read(SECRETS_FILE)
    except MissingFile:
        raise NoSecrets from None


def sealed_secrets(tree: PlanTree) -> SealedSecrets:
    """Return a plan's secrets without opening them; raise NoSecrets, InvalidDocument."""
    return parse_sealed(sealed_content(tree))


def list_secrets(tree: PlanTree) -> tuple[ListedSecret, ...]:
    """Return the secrets of a plan by section and name; no key is needed."""
    values = sealed_secrets(tree).values
    return tuple(ListedSecret(name, section) for section in Section for name in sorted(values.section(section)))


def set_secret(tree: PlanTree, vault: SecretVault, name: str, value: Any) -> bytes:
    """Return secrets.yaml with one secret set, among the passwords if it is one of TripleO's or already there."""
    values = sealed_secrets(tree).values
    is_password = name in values.passwords or (name in KINDS and name not in values.parameter_defaults)
    section = Section.PASSWORDS if is_password else Section.PARAMETERS
    return vault.put(sealed_content(tree), (section.value, name), value)


def unset_secret(tree: PlanTree, vault: SecretVault, name: str) -> bytes:
    """Return secrets.yaml without one secret; raise NotFound for one that it does not hold."""
    values, content = sealed_secrets(tree).values, sealed_content(tree)
    if name not in values.names:
        raise NotFound(f"{SECRETS_FILE} has no {name}; `tripleo-plan secrets list` shows what it has")
    for section in Section:
        if name in values.section(section):
            content = vault.drop(content, (section.value, name))
    return content


def add_recipient(tree: PlanTree, vault: SecretVault, recipient: str) -> bytes:
    """Return secrets.yaml sealed for one more recipient; raise Refused for one that it is sealed for."""
    if recipient in sealed_secrets(tree).recipients:
        raise Refused(f"{recipient} can open {SECRETS_FILE} already")
    return vault.rekey(sealed_content(tree), add=[recipient])


def remove_recipient(tree: PlanTree, vault: SecretVault, recipient: str) -> bytes:
    """Return secrets.yaml sealed anew, without one recipient; raise NotFound, or Refused for the last one.

    What the recipient could read before stays known to them: the secrets themselves are to be rotated.
    """
    recipients = sealed_secrets(tree).recipients
    if recipient not in recipients:
        raise NotFound(f"{SECRETS_FILE} is not sealed for {recipient}; it is for: {', '.join(recipients)}")
    if len(recipients) == 1:
        raise Refused(f"{recipient} is the last one who can open {SECRETS_FILE}; add another first")
    return vault.rekey(sealed_content(tree), remove=[recipient])
